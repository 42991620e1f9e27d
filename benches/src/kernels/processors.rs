//! The voice processors on 10 ms: those of `mc-dsp-v1` at 8 kHz, the echo canceller of `mc-dsp-v2` at 8 and
//! 16 kHz.

use mc_dsp::{EchoCanceller, GainControl, ProcessError, SampleRate, VoiceDetector};
use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};
use mc_dsp_v2::{AdvancedAcousticEchoCanceller, AdvancedAecConfig};
use mc_testkit::scene;

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, speech};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "dsp-v1/aec", measure: echo_canceller },
    Kernel { name: "dsp-v1/agc", measure: gain_control },
    Kernel { name: "dsp-v1/vad", measure: voice_detector },
    Kernel { name: "dsp-v2/aec_8_khz", measure: |run| advanced_echo_canceller(run, SampleRate::Hz8000) },
    Kernel { name: "dsp-v2/aec_16_khz", measure: |run| advanced_echo_canceller(run, SampleRate::Hz16000) },
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

/// While both ends talk.
fn advanced_echo_canceller(run: &mut Run, rate: SampleRate) -> Result<Digest, Failure> {
    let mut canceller = AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), rate)?;
    let scene = scene::double_talk(1, rate.hz());
    let frame_samples = rate.samples_in_ms(10);
    let place = |frame: usize| {
        let start = scene.near_end_from + frame * frame_samples;
        start..start + frame_samples
    };
    let mut output = vec![0.0; FRAMES * frame_samples];
    let mut outcome = Ok(());
    run.repeat(|frame| {
        let samples = &mut output[frame * frame_samples..(frame + 1) * frame_samples];
        samples.copy_from_slice(&scene.microphone[place(frame)]);
        let done = canceller.render(&scene.far_end[place(frame)]).and_then(|()| canceller.process(samples));
        if let Err(error) = done {
            outcome = Err(error);
        }
    });
    outcome?;
    Ok(run.digest(&output))
}

fn gain_control(run: &mut Run) -> Result<Digest, Failure> {
    let mut control = AutomaticGainControl::new(AgcConfig::default(), RATE)?;
    in_place(run, |samples, _| control.process(samples, None).map(drop))
}

fn voice_detector(run: &mut Run) -> Result<Digest, Failure> {
    let mut detector = VoiceActivityDetector::new(VadConfig::default(), RATE)?;
    in_place(run, |samples, _| detector.process(samples).map(drop))
}
