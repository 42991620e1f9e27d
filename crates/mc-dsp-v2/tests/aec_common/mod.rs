//! Ways of feeding the echo canceller that several tests share.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
#![allow(dead_code, reason = "each test file uses a part")]

use mc_dsp::{EchoCanceller, Processor, SampleRate};
use mc_dsp_v2::aec::{AdvancedAcousticEchoCanceller, AdvancedAecConfig, Suppression};

pub(crate) fn aec(rate: SampleRate) -> AdvancedAcousticEchoCanceller {
    AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), rate).unwrap()
}

/// A canceller that suppresses nothing.
pub(crate) fn filters_alone(rate: SampleRate) -> AdvancedAcousticEchoCanceller {
    let config = AdvancedAecConfig::default().with_suppression(Suppression::Off);
    AdvancedAcousticEchoCanceller::new(config, rate).unwrap()
}

/// The canceller's output, both ends cut into frames of these lengths in turn; what is left at the end and
/// too short stays as it is.
pub(crate) fn cancel(
    aec: &mut AdvancedAcousticEchoCanceller,
    far_end: &[f32],
    microphone: &[f32],
    lengths: &[usize],
) -> Vec<f32> {
    let mut out = microphone.to_vec();
    let mut start = 0;
    for length in lengths.iter().cycle() {
        let end = (start + length).min(out.len());
        if end - start < aec.sample_rate().min_frame_samples() {
            break;
        }
        aec.render(&far_end[start..end]).unwrap();
        aec.process(&mut out[start..end]).unwrap();
        start = end;
    }
    out
}

/// The output in 10 ms frames without the canceller's delay, as long as the microphone less that delay.
pub(crate) fn cancel_in_time(
    aec: &mut AdvancedAcousticEchoCanceller,
    far_end: &[f32],
    microphone: &[f32],
) -> Vec<f32> {
    let frame = aec.sample_rate().samples_in_ms(10);
    cancel(aec, far_end, microphone, &[frame]).split_off(aec.latency_samples())
}
