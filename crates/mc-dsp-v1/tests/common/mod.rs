//! Ways of feeding processors that several tests share.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
#![allow(dead_code, reason = "each test file uses a part")]

use mc_dsp::{EchoCanceller, GainControl, SampleRate, VoiceDetector};
use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};

pub(crate) fn aec(rate: SampleRate) -> AcousticEchoCanceller {
    AcousticEchoCanceller::new(AecConfig::default(), rate).unwrap()
}

pub(crate) fn agc(rate: SampleRate) -> AutomaticGainControl {
    AutomaticGainControl::new(AgcConfig::default(), rate).unwrap()
}

pub(crate) fn vad(rate: SampleRate) -> VoiceActivityDetector {
    VoiceActivityDetector::new(VadConfig::default(), rate).unwrap()
}

/// Cuts `samples` into frames of these lengths in turn; what is left at the end and too short is not fed.
pub(crate) fn frames(rate: SampleRate, samples: usize, lengths: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    let mut frames = Vec::new();
    for length in lengths.iter().cycle() {
        let end = (start + length).min(samples);
        if end - start < rate.min_frame_samples() {
            break;
        }
        frames.push(start..end);
        start = end;
    }
    frames
}

/// The canceller's output, the far end and the near end cut alike.
pub(crate) fn cancel(
    aec: &mut AcousticEchoCanceller,
    far_end: &[f32],
    microphone: &[f32],
    lengths: &[usize],
) -> Vec<f32> {
    let mut out = microphone.to_vec();
    for frame in frames(mc_dsp::Processor::sample_rate(aec), out.len(), lengths) {
        aec.render(&far_end[frame.clone()]).unwrap();
        aec.process(&mut out[frame]).unwrap();
    }
    out
}

/// The gain control's output, speech being found by itself.
pub(crate) fn level(agc: &mut AutomaticGainControl, signal: &[f32], lengths: &[usize]) -> Vec<f32> {
    let mut out = signal.to_vec();
    for frame in frames(mc_dsp::Processor::sample_rate(agc), out.len(), lengths) {
        agc.process(&mut out[frame], None).unwrap();
    }
    out
}

/// Probability and decision after each frame.
pub(crate) fn detect(vad: &mut VoiceActivityDetector, signal: &[f32], lengths: &[usize]) -> Vec<(f32, bool)> {
    frames(mc_dsp::Processor::sample_rate(vad), signal.len(), lengths)
        .into_iter()
        .map(|frame| vad.process(&signal[frame]).unwrap())
        .map(|voice| (voice.probability, voice.is_speech))
        .collect()
}
