//! The gain control of `mc-dsp-v2` on 10 ms of a telephone's and of a wideband call's audio.

use mc_dsp::{GainControl, SampleRate};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
use mc_testkit::signal::Talker;

use super::Kernel;
use crate::Failure;
use crate::input::FRAMES;
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "agc-v2/8k", measure: |run| gain_control(run, SampleRate::Hz8000) },
    Kernel { name: "agc-v2/16k", measure: |run| gain_control(run, SampleRate::Hz16000) },
];

fn gain_control(run: &mut Run, rate: SampleRate) -> Result<Digest, Failure> {
    let mut control = AdvancedAutomaticGainControl::new(AdvancedAgcConfig::default(), rate)?;
    let samples = rate.samples_in_ms(10);
    let mut input = Talker::new(1, rate.hz()).say(FRAMES as f64 / 100.0, -26.0).samples;
    input.resize(FRAMES * samples, 0.0);
    let mut output = input.clone();
    let mut outcome = Ok(());
    run.repeat(|frame| {
        let range = frame * samples..(frame + 1) * samples;
        let part = &mut output[range.clone()];
        part.copy_from_slice(&input[range]);
        if let Err(error) = control.process(part, None) {
            outcome = Err(error);
        }
    });
    outcome?;
    Ok(run.digest(&output))
}
