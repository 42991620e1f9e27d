//! `mc agc`: brings the speech in a file to a wanted level.

use std::path::PathBuf;

use clap::Args;
use mc_dsp::{GainControl, SampleRate};
use mc_dsp_v1::{AgcConfig, AutomaticGainControl};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};

use crate::audio::wav;
use crate::cost::Repeat;
use crate::failure::Failure;
use crate::version::{Version, VersionArg};

#[derive(Args)]
pub(crate) struct AgcArgs {
    /// Audio to level (WAV, mono 16-bit)
    input: PathBuf,
    /// Where it goes levelled
    output: PathBuf,
    /// Level that speech is brought to, in dBFS
    #[arg(long, value_name = "DBFS", default_value_t = -18.0, allow_negative_numbers = true)]
    target_dbfs: f32,
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    repeat: Repeat,
}

/// A gain control and the audio it is working on.
struct Pass {
    control: Box<dyn GainControl>,
    audio: Vec<f32>,
}

/// Levels the file.
pub(crate) fn run(args: &AgcArgs) -> Result<(), Failure> {
    let input = wav::read(&args.input)?;
    let frames = input.frames();

    let set_up = || {
        let control = control(args.version.of_both(), input.rate, args.target_dbfs)?;
        Ok(Pass { control, audio: input.padded_to(frames) })
    };
    let (pass, times_us) = args.repeat.time(set_up, |pass| {
        for frame in pass.audio.chunks_exact_mut(input.frame_samples()) {
            // The gain control decides by itself when there is speech: it is measured alone.
            pass.control.process(frame, None)?;
        }
        Ok(())
    })?;

    wav::write(&args.output, input.rate, &pass.audio[..input.samples.len()])?;
    args.repeat.report(pass.control.as_ref(), &times_us, frames)
}

fn control(version: Version, rate: SampleRate, target_dbfs: f32) -> Result<Box<dyn GainControl>, Failure> {
    Ok(match version {
        Version::V1 => {
            let config = AgcConfig::default().with_target_dbfs(target_dbfs);
            Box::new(AutomaticGainControl::new(config, rate)?)
        }
        Version::V2 => {
            let config = AdvancedAgcConfig::default().with_target_dbfs(target_dbfs);
            Box::new(AdvancedAutomaticGainControl::new(config, rate)?)
        }
    })
}
