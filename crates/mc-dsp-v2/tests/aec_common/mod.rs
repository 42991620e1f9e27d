//! Ways of feeding the echo canceller that several tests share.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
#![allow(dead_code, reason = "each test file uses a part")]

use mc_dsp::{EchoCanceller, Processor, SampleRate};
use mc_dsp_v2::aec::{AdvancedAcousticEchoCanceller, AdvancedAecConfig, Suppression};
use mc_testkit::measure::erle_per_segment;

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

/// No 5 s of the output, whichever second they begin at, are louder than the same of the microphone.
pub(crate) fn assert_never_louder(rate_hz: u32, microphone: &[f32], out: &[f32], name: &str) {
    let second = rate_hz as usize;
    for start in (0..5).map(|seconds| seconds * second) {
        let (microphone, out) = (&microphone[start..out.len()], &out[start..]);
        for erle in erle_per_segment(microphone, out, 5 * second, -60.0).into_iter().flatten() {
            assert!(erle >= 0.0, "{erle} dB over 5 s from {start} on, {name}");
        }
    }
}
