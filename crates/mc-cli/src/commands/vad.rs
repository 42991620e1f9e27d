//! `mc vad`: where there is speech in a file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use mc_dsp::{SampleRate, VoiceActivity, VoiceDetector};
use mc_dsp_v1::{VadConfig, VoiceActivityDetector};
use mc_dsp_v2::{AdvancedVadConfig, AdvancedVoiceActivityDetector};

use crate::audio::wav;
use crate::cost::Repeat;
use crate::failure::Failure;
use crate::version::{Version, VersionArg};

#[derive(Args)]
pub(crate) struct VadArgs {
    /// Audio to listen to (WAV, mono 16-bit)
    input: PathBuf,
    /// Where the opinions go: one line for each full 10 ms
    #[arg(long, value_name = "TXT")]
    out: PathBuf,
    /// Write decisions, 0 or 1 with hangover, instead of probabilities
    #[arg(long)]
    decisions: bool,
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    repeat: Repeat,
}

/// A detector and what it has said so far.
struct Pass {
    detector: Box<dyn VoiceDetector>,
    opinions: Vec<VoiceActivity>,
}

/// Listens to the file.
pub(crate) fn run(args: &VadArgs) -> Result<(), Failure> {
    let input = wav::read(&args.input)?;
    let frames = input.samples.chunks_exact(input.frame_samples());

    let set_up = || {
        Ok(Pass {
            detector: detector(args.version.of_both(), input.rate)?,
            opinions: Vec::with_capacity(frames.len()),
        })
    };
    let (pass, times_us) = args.repeat.time(set_up, |pass| {
        for frame in frames.clone() {
            pass.opinions.push(pass.detector.process(frame)?);
        }
        Ok(())
    })?;

    let file = File::create(&args.out).map_err(|error| Failure::file(&args.out, error))?;
    let mut out = BufWriter::new(file);
    for opinion in &pass.opinions {
        if args.decisions {
            writeln!(out, "{}", u8::from(opinion.is_speech))
        } else {
            writeln!(out, "{:.6}", opinion.probability)
        }
        .map_err(|error| Failure::writing(&args.out, &error))?;
    }
    out.flush().map_err(|error| Failure::writing(&args.out, &error))?;
    args.repeat.report(pass.detector.as_ref(), &times_us, frames.len())
}

fn detector(version: Version, rate: SampleRate) -> Result<Box<dyn VoiceDetector>, Failure> {
    match version {
        Version::V1 => Ok(Box::new(VoiceActivityDetector::new(VadConfig::default(), rate)?)),
        Version::V2 => Ok(Box::new(AdvancedVoiceActivityDetector::new(AdvancedVadConfig::default(), rate)?)),
    }
}
