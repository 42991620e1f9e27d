//! The voice detector of `mc-dsp-v2` on 10 ms.

use mc_dsp::{SampleRate, VoiceDetector};
use mc_dsp_v2::{AdvancedVadConfig, AdvancedVoiceActivityDetector};
use mc_testkit::signal::Talker;

use super::Kernel;
use crate::Failure;
use crate::input::FRAMES;
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "vad-v2/8k", measure: |run| detect(run, SampleRate::Hz8000) },
    Kernel { name: "vad-v2/16k", measure: |run| detect(run, SampleRate::Hz16000) },
];

/// Every opinion is part of the digest as its probability in steps of 1/1000: additions may be ordered
/// differently from one CPU to the next.
fn detect(run: &mut Run, rate: SampleRate) -> Result<Digest, Failure> {
    let frame_samples = rate.samples_in_ms(10);
    let mut input = Talker::new(1, rate.hz()).say(FRAMES as f64 / 100.0, -20.0).samples;
    input.resize(FRAMES * frame_samples, 0.0);
    let mut detector = AdvancedVoiceActivityDetector::new(AdvancedVadConfig::default(), rate)?;
    let mut opinions = vec![0_i16; FRAMES];
    let mut outcome = Ok(());
    run.repeat(|frame| match detector.process(&input[frame * frame_samples..][..frame_samples]) {
        Ok(opinion) => opinions[frame] = (opinion.probability * 1_000.0).round() as i16,
        Err(error) => outcome = Err(error),
    });
    outcome?;
    Ok(run.digest(&opinions))
}
