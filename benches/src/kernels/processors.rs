//! The voice processors of `mc-dsp-v1` on 10 ms at 8 kHz.

use mc_dsp::{EchoCanceller, GainControl, ProcessError, SampleRate, VoiceDetector};
use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};

use super::Kernel;
use crate::Failure;
use crate::input::speech;
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "dsp-v1/aec", measure: echo_canceller },
    Kernel { name: "dsp-v1/agc", measure: gain_control },
    Kernel { name: "dsp-v1/vad", measure: voice_detector },
];

const RATE: SampleRate = SampleRate::Hz8000;
/// Samples in 10 ms.
const FRAME: usize = 80;

/// Lets `process` work in place on one frame after the other of fresh copies of the same speech.
fn in_place(
    run: &mut Run,
    mut process: impl FnMut(&mut [f32], usize) -> Result<(), ProcessError>,
) -> Result<Digest, Failure> {
    let input = speech(1);
    let mut output = input.clone();
    let mut outcome = Ok(());
    run.repeat(|frame| {
        let range = frame * FRAME..(frame + 1) * FRAME;
        let samples = &mut output[range.clone()];
        samples.copy_from_slice(&input[range]);
        if let Err(error) = process(samples, frame) {
            outcome = Err(error);
        }
    });
    outcome?;
    Ok(run.digest(&output))
}

fn echo_canceller(run: &mut Run) -> Result<Digest, Failure> {
    let mut canceller = AcousticEchoCanceller::new(AecConfig::default(), RATE)?;
    let far_end = speech(2);
    in_place(run, |samples, frame| {
        canceller.render(&far_end[frame * FRAME..(frame + 1) * FRAME])?;
        canceller.process(samples).map(drop)
    })
}

fn gain_control(run: &mut Run) -> Result<Digest, Failure> {
    let mut control = AutomaticGainControl::new(AgcConfig::default(), RATE)?;
    in_place(run, |samples, _| control.process(samples, None).map(drop))
}

fn voice_detector(run: &mut Run) -> Result<Digest, Failure> {
    let mut detector = VoiceActivityDetector::new(VadConfig::default(), RATE)?;
    in_place(run, |samples, _| detector.process(samples).map(drop))
}
