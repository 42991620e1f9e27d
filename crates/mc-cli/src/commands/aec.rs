//! `mc aec`: removes from a microphone's file the echo of what the loudspeaker played.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use mc_dsp::{EchoCanceller, SampleRate, rms_dbfs};
use mc_dsp_v1::{AcousticEchoCanceller, AecConfig};
use mc_dsp_v2::{AdvancedAcousticEchoCanceller, AdvancedAecConfig};
use mc_engine::BenchmarkResults;
use serde::Serialize;

use crate::audio::{Audio, wav};
use crate::cost::{Cost, Repeat};
use crate::failure::Failure;
use crate::version::{Version, VersionArg};

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
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    repeat: Repeat,
}

/// A canceller half-way through the file.
struct Pass {
    canceller: Box<dyn EchoCanceller>,
    audio: Vec<f32>,
    /// The canceller's own measure at the end of each frame, in dB.
    erle_db: Vec<f64>,
    far_end_frames: usize,
    near_end_frames: usize,
}

/// The file of `--stats`.
#[derive(Serialize)]
struct Stats {
    #[serde(flatten)]
    cost: Cost,
    /// Share of the frames in which the far end was heard.
    far_end_active_pct: f64,
    /// Share of the frames in which the near end was taken to talk.
    near_end_active_pct: f64,
    /// Median over the file of the canceller's own measure; absent where the far end was never alone.
    erle_db: Option<f64>,
    /// Level of the whole file before, in dBFS.
    input_dbfs: f32,
    /// Level of the whole file after, in dBFS.
    output_dbfs: f32,
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
            canceller: canceller(args.version.of_both(), mic.rate)?,
            audio: mic.padded_to(frames),
            erle_db: Vec::with_capacity(frames),
            far_end_frames: 0,
            near_end_frames: 0,
        })
    };
    let (pass, times_us) = args.repeat.time(set_up, |pass| pass.run(&far, frame_samples))?;

    let output = &pass.audio[..mic.samples.len()];
    wav::write(&args.out, mic.rate, output)?;
    if let Some(path) = &args.stats {
        pass.stats(&mic, output, &times_us)?.write(path)?;
    }
    args.repeat.report(pass.canceller.as_ref(), &times_us, frames)
}

fn canceller(version: Version, rate: SampleRate) -> Result<Box<dyn EchoCanceller>, Failure> {
    match version {
        Version::V1 => Ok(Box::new(AcousticEchoCanceller::new(AecConfig::default(), rate)?)),
        Version::V2 => Ok(Box::new(AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), rate)?)),
    }
}

impl Pass {
    /// Each 10 ms of the far end are played before the microphone's same 10 ms are heard.
    fn run(&mut self, far: &[f32], frame_samples: usize) -> Result<(), Failure> {
        for (far, mic) in far.chunks_exact(frame_samples).zip(self.audio.chunks_exact_mut(frame_samples)) {
            self.canceller.render(far)?;
            let report = self.canceller.process(mic)?;
            self.far_end_frames += usize::from(report.far_end_active);
            self.near_end_frames += usize::from(report.near_end_active);
            self.erle_db.extend(report.erle_db.map(f64::from));
        }
        Ok(())
    }

    fn stats(&self, mic: &Audio, output: &[f32], times_us: &[f64]) -> Result<Stats, Failure> {
        let frames = mic.frames();
        let percent = |count: usize| 100.0 * count as f64 / frames.max(1) as f64;
        Ok(Stats {
            cost: Cost::new(self.canceller.as_ref(), times_us, frames)?,
            far_end_active_pct: percent(self.far_end_frames),
            near_end_active_pct: percent(self.near_end_frames),
            erle_db: BenchmarkResults::from_samples(&self.erle_db).ok().map(|erle| erle.median),
            input_dbfs: rms_dbfs(&mic.samples),
            output_dbfs: rms_dbfs(output),
        })
    }
}

impl Stats {
    fn write(&self, path: &Path) -> Result<(), Failure> {
        let file = File::create(path).map_err(|error| Failure::file(path, error))?;
        serde_json::to_writer_pretty(file, self).map_err(|error| Failure::file(path, error))
    }
}
