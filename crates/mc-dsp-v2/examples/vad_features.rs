//! Writes the detector's features of WAV files as little-endian f32 rows, for training.
use std::io::{BufWriter, Write};
use mc_dsp::SampleRate;
use mc_dsp_v2::vad::FeatureExtractor;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    while let (Some(input), Some(output)) = (args.next(), args.next()) {
        let mut wav = hound::WavReader::open(&input)?;
        let rate = SampleRate::try_from(wav.spec().sample_rate)?;
        let samples: Vec<f32> =
            wav.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32768.0)).collect::<Result<_, _>>()?;
        let mut out = BufWriter::new(std::fs::File::create(output)?);
        FeatureExtractor::new(rate).process(&samples, |row| {
            for value in row {
                let _ = out.write_all(&value.to_le_bytes());
            }
        });
        out.flush()?;
    }
    Ok(())
}
