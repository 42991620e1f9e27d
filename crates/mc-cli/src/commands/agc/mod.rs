//! `mc agc`: brings the speech in a file to a wanted level.

mod control;
mod history;

use std::path::PathBuf;

use clap::Args;

use crate::audio::{Audio, wav};
use crate::cost::{Cost, Repeat};
use crate::failure::Failure;
use crate::stats::{self, Levels, Stats};
use crate::version::VersionArg;

use self::control::Control;
use self::history::{History, Summary};

#[derive(Args)]
pub(crate) struct AgcArgs {
    /// Audio to level (WAV, mono 16-bit)
    input: PathBuf,
    /// Where it goes levelled
    output: PathBuf,
    /// Level that speech is brought to, in dBFS
    #[arg(long, value_name = "DBFS", default_value_t = -18.0, allow_negative_numbers = true)]
    target_dbfs: f32,
    /// Where a summary goes as JSON
    #[arg(long, value_name = "JSON")]
    stats: Option<PathBuf>,
    /// Where a picture goes of the audio before and after, gain and probability of speech over time
    #[arg(long, value_name = "PNG")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    repeat: Repeat,
}

/// A gain control half-way through the file.
struct Pass {
    control: Control,
    audio: Vec<f32>,
    history: History,
}

/// Levels the file.
pub(crate) fn run(args: &AgcArgs) -> Result<(), Failure> {
    let input = wav::read(&args.input)?;
    let frames = input.frames();

    let set_up = || {
        Ok(Pass {
            control: Control::new(args.version.of_both(), input.rate, args.target_dbfs)?,
            audio: input.padded_to(frames),
            history: History::for_frames(frames),
        })
    };
    let (pass, times_us) = args.repeat.time(set_up, |pass| pass.run(input.frame_samples()))?;

    let output = &pass.audio[..input.samples.len()];
    wav::write(&args.output, input.rate, output)?;
    if let Some(path) = &args.stats {
        stats::write(path, &pass.stats(&input, output, &times_us)?)?;
    }
    if let Some(path) = &args.plot {
        pass.history.draw(path, &input, output)?;
    }
    args.repeat.report(pass.control.as_dyn(), &times_us, frames)
}

impl Pass {
    /// The gain control decides by itself when there is speech: it is measured alone.
    fn run(&mut self, frame_samples: usize) -> Result<(), Failure> {
        for frame in self.audio.chunks_exact_mut(frame_samples) {
            let report = self.control.as_dyn_mut().process(frame, None)?;
            let (probability, level) = (self.control.speech_probability(), self.control.speech_level_dbfs());
            self.history.add(report, probability, level);
        }
        Ok(())
    }

    fn stats(&self, input: &Audio, output: &[f32], times_us: &[f64]) -> Result<Stats<Summary>, Failure> {
        Ok(Stats {
            cost: Cost::new(self.control.as_dyn(), times_us, input.frames())?,
            summary: self.history.summary(),
            levels: Some(Levels::of(&input.samples, output)),
        })
    }
}
