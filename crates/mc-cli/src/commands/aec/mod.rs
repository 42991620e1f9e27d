//! `mc aec`: removes from a microphone's file the echo of what the loudspeaker played.

mod canceller;
mod history;

use std::path::PathBuf;

use clap::Args;

use crate::audio::{Audio, wav};
use crate::cost::{Cost, Repeat};
use crate::failure::Failure;
use crate::stats::{self, Levels, Stats};
use crate::version::VersionArg;

use self::canceller::Canceller;
use self::history::{History, Summary};

#[derive(Args)]
pub(crate) struct AecArgs {
    /// What the loudspeaker played (WAV, mono 16-bit)
    #[arg(long, value_name = "WAV")]
    far: PathBuf,
    /// What the microphone heard, at the same rate
    #[arg(long, value_name = "WAV")]
    mic: PathBuf,
    /// Where the microphone's audio goes without the echo
    #[arg(long, value_name = "WAV")]
    out: PathBuf,
    /// Where a summary goes as JSON
    #[arg(long, value_name = "JSON")]
    stats: Option<PathBuf>,
    /// Where a picture goes of levels, ERLE, delay and double talk over time
    #[arg(long, value_name = "PNG")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    repeat: Repeat,
}

/// A canceller half-way through the file.
struct Pass {
    canceller: Canceller,
    audio: Vec<f32>,
    history: History,
}

/// Cancels the echo in the file.
pub(crate) fn run(args: &AecArgs) -> Result<(), Failure> {
    let mic = wav::read(&args.mic)?;
    let far = wav::read_far_end(&args.far, mic.rate)?;
    let frames = mic.frames();
    let far = far.padded_to(frames);
    let frame_samples = mic.frame_samples();

    let set_up = || {
        Ok(Pass {
            canceller: Canceller::new(args.version.of_both(), mic.rate)?,
            audio: mic.padded_to(frames),
            history: History::for_frames(frames),
        })
    };
    let (pass, times_us) = args.repeat.time(set_up, |pass| pass.run(&far, frame_samples))?;

    let output = &pass.audio[..mic.samples.len()];
    wav::write(&args.out, mic.rate, output)?;
    if let Some(path) = &args.stats {
        stats::write(path, &pass.stats(&mic, output, &times_us)?)?;
    }
    if let Some(path) = &args.plot {
        pass.history.draw(path, &mic, output)?;
    }
    args.repeat.report(pass.canceller.as_dyn(), &times_us, frames)
}

impl Pass {
    /// Each 10 ms of the far end are played before the microphone's same 10 ms are heard.
    fn run(&mut self, far: &[f32], frame_samples: usize) -> Result<(), Failure> {
        for (far, mic) in far.chunks_exact(frame_samples).zip(self.audio.chunks_exact_mut(frame_samples)) {
            let canceller = self.canceller.as_dyn_mut();
            canceller.render(far)?;
            let report = canceller.process(mic)?;
            self.history.add(report, self.canceller.status());
        }
        Ok(())
    }

    fn stats(&self, mic: &Audio, output: &[f32], times_us: &[f64]) -> Result<Stats<Summary>, Failure> {
        Ok(Stats {
            cost: Cost::new(self.canceller.as_dyn(), times_us, mic.frames())?,
            summary: self.history.summary(),
            levels: Some(Levels::of(&mic.samples, output)),
        })
    }
}
