//! What a consumer hears: a leg's packets as one stream of 20 ms frames at 16 kHz, and when there is speech.

use mc_engine::{
    AdvancedVadConfig, AdvancedVoiceActivityDetector, ConfigError, Resampler, SAMPLE_RATE, VoiceDetector,
};

use super::RATE;
use crate::attach::Heard;
use crate::play::{from_i16, to_i16};

/// Samples of a frame as it came and as it goes: 20 ms.
const NARROW: usize = SAMPLE_RATE.samples_in_ms(20);
const WIDE: usize = RATE.samples_in_ms(20);

/// Longest gap that is filled with silence, in samples: 1 s. A longer one is a pause of the sender's, or another sender.
const LONGEST_GAP: u32 = SAMPLE_RATE.hz();

/// Something to tell the consumer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tell {
    /// A frame, 16-bit little-endian.
    Audio(Vec<u8>),
    /// Speech begins or ends, so many milliseconds of audio after the start.
    Speech { begins: bool, at_ms: u64 },
}

/// Listens to one leg.
#[derive(Debug)]
pub(super) struct Ears {
    vad: AdvancedVoiceActivityDetector,
    resampler: Resampler,
    /// The source and the timestamp that comes next.
    expected: Option<(u32, u32)>,
    /// Samples that do not make a frame yet.
    waiting: Vec<f32>,
    frames: u64,
    is_speech: bool,
}

impl Ears {
    pub(super) fn new() -> Result<Self, ConfigError> {
        Ok(Self {
            vad: AdvancedVoiceActivityDetector::new(AdvancedVadConfig::default(), SAMPLE_RATE)?,
            resampler: Resampler::new(SAMPLE_RATE, RATE),
            expected: None,
            waiting: Vec::new(),
            frames: 0,
            is_speech: false,
        })
    }

    /// Hears a packet, and tells what there is to tell. One that comes after its place was filled is left out.
    pub(super) fn hear(&mut self, heard: &Heard, mut tell: impl FnMut(Tell)) {
        let missing = match self.expected {
            Some((ssrc, next)) if ssrc == heard.ssrc => heard.timestamp.wrapping_sub(next) as i32,
            _ => 0,
        };
        if (-(LONGEST_GAP as i32)..0).contains(&missing) {
            return;
        }
        if (1..=LONGEST_GAP as i32).contains(&missing) {
            self.waiting.resize(self.waiting.len() + missing as usize, 0.0);
        }
        let before = self.waiting.len();
        self.waiting.extend(heard.samples().map(from_i16));
        let samples = (self.waiting.len() - before) as u32;
        self.expected = Some((heard.ssrc, heard.timestamp.wrapping_add(samples)));
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut frames = waiting.chunks_exact(NARROW);
        for frame in frames.by_ref() {
            self.frame(frame, &mut tell);
        }
        let rest = frames.remainder().len();
        waiting.drain(..waiting.len() - rest);
        self.waiting = waiting;
    }

    fn frame(&mut self, frame: &[f32], tell: &mut impl FnMut(Tell)) {
        let mut wide = [0.0; WIDE];
        let made = self.resampler.process(frame, &mut wide);
        tell(Tell::Audio(wide[..made].iter().flat_map(|&sample| to_i16(sample).to_le_bytes()).collect()));
        self.frames += 1;
        let is_speech = self.vad.process(frame).map_or(self.is_speech, |voice| voice.is_speech);
        if is_speech != self.is_speech {
            self.is_speech = is_speech;
            tell(Tell::Speech { begins: is_speech, at_ms: self.frames * 20 });
        }
    }
}

#[cfg(test)]
mod tests {
    use mc_engine::{G711, Law};
    use mc_testkit::signal::{Talker, sine};

    use super::*;
    use crate::LegId;

    /// What is told of `samples` sent in packets of 20 ms, of which `keep` says which arrive.
    fn told(samples: &[f32], keep: impl Fn(usize) -> bool) -> Vec<Tell> {
        let mut ears = Ears::new().unwrap();
        let mut told = Vec::new();
        for (index, frame) in samples.chunks_exact(NARROW).enumerate().filter(|(index, _)| keep(*index)) {
            let mut codes = vec![0; NARROW];
            G711::new(Law::Mu).encode_f32(frame, &mut codes).unwrap();
            let timestamp = (index * NARROW) as u32;
            ears.hear(&Heard::for_tests(0, LegId::A, 0, timestamp.wrapping_sub(1_000), &codes), |tell| {
                told.push(tell);
            });
        }
        told
    }

    fn audio(told: &[Tell]) -> Vec<f32> {
        let frames = told.iter().filter_map(|tell| match tell {
            Tell::Audio(bytes) => Some(bytes),
            Tell::Speech { .. } => None,
        });
        let bytes: Vec<u8> = frames.flat_map(|bytes| bytes.iter().copied()).collect();
        bytes.chunks_exact(2).map(|pair| from_i16(i16::from_le_bytes([pair[0], pair[1]]))).collect()
    }

    #[test]
    fn a_tone_arrives_as_it_was_twice_as_fine() {
        let tone = sine(8_000, 1_000.0, 0.5, 8_000);
        let wide = audio(&told(&tone, |_| true));
        assert_eq!(wide.len(), 16_000);
        let energy: f32 = wide[2_000..].iter().map(|sample| sample * sample).sum::<f32>() / 14_000.0;
        assert!((energy - 0.125).abs() < 0.002, "{energy}");
    }

    #[test]
    fn gaps_take_the_time_they_took_and_order_is_kept() {
        let tone = sine(8_000, 1_000.0, 0.5, 8_000);
        let wide = audio(&told(&tone, |index| !(20..25).contains(&index)));
        assert_eq!(wide.len(), 16_000);
        assert!(wide[20 * 320 + 100..25 * 320].iter().all(|sample| sample.abs() < 0.01));
        let mut ears = Ears::new().unwrap();
        let mut frames = 0;
        // Late, twice, and another sender's clock; then a jump of an hour.
        for timestamp in [0, 320, 160, 320, 480, 4_000_000_000, 4_000_000_160, 28_800_000] {
            ears.hear(&Heard::for_tests(0, LegId::A, 0, timestamp, &[0x55; 160]), |tell| {
                frames += u32::from(matches!(tell, Tell::Audio(_)));
            });
        }
        assert_eq!(frames, 1 + 2 + 1 + 3);
    }

    #[test]
    fn speech_is_told_when_it_begins_and_ends() {
        let mut samples = vec![0.0; 8_000];
        samples.extend(Talker::new(3, 8_000).say(2.0, -26.0).samples);
        samples.resize(samples.len() + 16_000, 0.0);
        let events: Vec<(bool, u64)> = told(&samples, |_| true)
            .into_iter()
            .filter_map(|tell| match tell {
                Tell::Speech { begins, at_ms } => Some((begins, at_ms)),
                Tell::Audio(_) => None,
            })
            .collect();
        assert!(events.len() >= 2 && events.len().is_multiple_of(2), "{events:?}");
        for (index, (begins, _)) in events.iter().enumerate() {
            assert_eq!(*begins, index % 2 == 0, "{events:?}");
        }
        assert!((1_000..1_500).contains(&events[0].1), "{events:?}");
        assert!(events[events.len() - 1].1 < 4_500, "{events:?}");
    }
}
