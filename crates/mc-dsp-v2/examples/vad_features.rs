//! Writes the voice detector's features of every WAV file in a folder (mono, 16-bit) beside it, as little-endian
//! f32 rows: what `tools/train-vad` trains on.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use mc_dsp::SampleRate;
use mc_dsp_v2::vad::FeatureExtractor;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: vad_features FOLDER")?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wav") {
            write_features(&path)?;
        }
    }
    Ok(())
}

fn write_features(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut wav = hound::WavReader::open(path)?;
    let rate = SampleRate::try_from(wav.spec().sample_rate)?;
    let samples: Vec<f32> =
        wav.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32_768.0)).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    FeatureExtractor::new(rate).process(&samples, |row| {
        rows.extend(row.iter().flat_map(|value| value.to_le_bytes()));
    });
    BufWriter::new(File::create(path.with_extension("f32"))?).write_all(&rows)?;
    Ok(())
}
