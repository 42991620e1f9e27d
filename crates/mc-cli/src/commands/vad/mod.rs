//! `mc vad`: where there is speech in a file.

mod history;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use mc_dsp::{SampleRate, VoiceDetector};
use mc_dsp_v1::{VadConfig, VoiceActivityDetector};
use mc_dsp_v2::{AdvancedVadConfig, AdvancedVoiceActivityDetector, VadClassifier};

use crate::audio::wav;
use crate::cost::{Cost, Repeat};
use crate::failure::Failure;
use crate::stats::{self, Stats};
use crate::version::{Version, VersionArg};

use self::history::History;

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
    /// Where a summary goes as JSON
    #[arg(long, value_name = "JSON")]
    stats: Option<PathBuf>,
    /// Where a picture goes of waveform, level, probability and decision over time
    #[arg(long, value_name = "PNG")]
    plot: Option<PathBuf>,
    /// How v2 tells speech from noise; without it, learned
    #[arg(long, value_name = "CLASSIFIER")]
    classifier: Option<Classifier>,
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    repeat: Repeat,
}

#[derive(Clone, Copy, ValueEnum)]
enum Classifier {
    /// The recurrent network
    Learned,
    /// The likelihood-ratio test
    LikelihoodRatio,
}

/// A detector and what it has said so far.
struct Pass {
    detector: Box<dyn VoiceDetector>,
    history: History,
}

/// Listens to the file.
pub(crate) fn run(args: &VadArgs) -> Result<(), Failure> {
    let input = wav::read(&args.input)?;
    let frames = input.samples.chunks_exact(input.frame_samples());

    let set_up =
        || Ok(Pass { detector: detector(args, input.rate)?, history: History::for_frames(frames.len()) });
    let (pass, times_us) = args.repeat.time(set_up, |pass| {
        for frame in frames.clone() {
            pass.history.add(pass.detector.process(frame)?);
        }
        Ok(())
    })?;

    write_opinions(&args.out, &pass.history, args.decisions)?;
    if let Some(path) = &args.stats {
        let cost = Cost::new(pass.detector.as_ref(), &times_us, frames.len())?;
        let summary = pass.history.summary(&input);
        stats::write(path, &Stats { cost, summary, levels: None })?;
    }
    if let Some(path) = &args.plot {
        pass.history.draw(path, &input)?;
    }
    args.repeat.report(pass.detector.as_ref(), &times_us, frames.len())
}

fn detector(args: &VadArgs, rate: SampleRate) -> Result<Box<dyn VoiceDetector>, Failure> {
    match (args.version.of_both(), args.classifier) {
        (Version::V1, None) => Ok(Box::new(VoiceActivityDetector::new(VadConfig::default(), rate)?)),
        (Version::V1, Some(_)) => Err(Failure::usage("--classifier is for v2: v1 has none to choose")),
        (Version::V2, classifier) => {
            let config = AdvancedVadConfig::default().with_classifier(match classifier {
                None | Some(Classifier::Learned) => VadClassifier::Learned,
                Some(Classifier::LikelihoodRatio) => VadClassifier::LikelihoodRatio,
            });
            Ok(Box::new(AdvancedVoiceActivityDetector::new(config, rate)?))
        }
    }
}

fn write_opinions(path: &Path, history: &History, decisions: bool) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| Failure::file(path, error))?;
    let mut out = BufWriter::new(file);
    for opinion in history.opinions() {
        if decisions {
            writeln!(out, "{}", u8::from(opinion.is_speech))
        } else {
            writeln!(out, "{:.6}", opinion.probability)
        }
        .map_err(|error| Failure::writing(path, &error))?;
    }
    out.flush().map_err(|error| Failure::writing(path, &error))
}
