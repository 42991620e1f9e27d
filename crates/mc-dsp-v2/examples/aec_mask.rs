//! Writes, for every call in a folder (WAV, 16-bit, three channels: played, heard, wanted), what the echo
//! canceller's learned mask sees and what is wanted of it, as little-endian f32 rows, one per block: what
//! `tools/train-aec` trains on.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use mc_dsp::SampleRate;
use mc_dsp_v2::aec::MaskProbe;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: aec_mask FOLDER")?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wav") {
            write_rows(&path)?;
        }
    }
    Ok(())
}

fn write_rows(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut wav = hound::WavReader::open(path)?;
    let rate = SampleRate::try_from(wav.spec().sample_rate)?;
    let mut channels = [Vec::new(), Vec::new(), Vec::new()];
    for (index, sample) in wav.samples::<i16>().enumerate() {
        channels[index % 3].push(f32::from(sample?) / 32_768.0);
    }
    let mut probe = MaskProbe::new(rate)?;
    let mut out = BufWriter::new(File::create(path.with_extension("f32"))?);
    let [far, near, wanted] = channels.each_ref().map(|c| c.chunks_exact(MaskProbe::block_samples(rate)));
    for ((far, near), wanted) in far.zip(near).zip(wanted) {
        for value in probe.process(far, near, wanted) {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    Ok(out.flush()?)
}
