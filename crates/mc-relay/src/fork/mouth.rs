//! What a consumer says: audio that comes as fast as it likes and is said at the pace of speech.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam::queue::ArrayQueue;
use mc_engine::{Resampler, SAMPLE_RATE};

use super::{Bytes, RATE};
use crate::beat::BEAT_SAMPLES;
use crate::play::{LiveFrame, from_i16, to_i16};

/// Most audio that waits to be said, in samples: 60 s, a long answer made at once.
const LONGEST: usize = SAMPLE_RATE.samples_in_ms(60_000);

/// Frames that lie ready for the worker: what the thread between may oversleep.
const AHEAD: usize = 4;

/// Speaks to one leg.
#[derive(Debug)]
pub(super) struct Mouth {
    resampler: Resampler,
    waiting: VecDeque<i16>,
    live: Arc<ArrayQueue<LiveFrame>>,
    is_speaking: bool,
}

impl Mouth {
    pub(super) fn new() -> Self {
        Self {
            resampler: Resampler::new(RATE, SAMPLE_RATE),
            waiting: VecDeque::new(),
            live: Arc::new(ArrayQueue::new(AHEAD)),
            is_speaking: false,
        }
    }

    /// Where the worker takes what is to be said.
    pub(super) fn live(&self) -> Arc<ArrayQueue<LiveFrame>> {
        Arc::clone(&self.live)
    }

    /// Takes audio, 16-bit little-endian at 16 kHz; an odd byte at its end is left out. Returns how many samples at
    /// 8 kHz found no room.
    pub(super) fn take(&mut self, audio: &[u8]) -> usize {
        let (samples, _) = audio.as_chunks::<{ size_of::<Bytes>() }>();
        let wide: Vec<f32> = samples.iter().map(|&bytes| from_i16(i16::from_le_bytes(bytes))).collect();
        let mut narrow = vec![0.0; wide.len() / 2 + 1];
        let made = self.resampler.process(&wide, &mut narrow);
        let room = made.min(LONGEST - self.waiting.len());
        self.waiting.extend(narrow[..room].iter().map(|&sample| to_i16(sample)));
        self.is_speaking |= room > 0;
        made - room
    }

    /// Keeps the worker supplied. True when all was said that there was.
    pub(super) fn speak(&mut self) -> bool {
        while !self.live.is_full() && (self.waiting.len() >= BEAT_SAMPLES || self.live.is_empty()) {
            if self.waiting.is_empty() {
                return std::mem::take(&mut self.is_speaking);
            }
            // The last frame may be short of some samples.
            let _ = self.live.push(std::array::from_fn(|_| self.waiting.pop_front().unwrap_or(0)));
        }
        false
    }

    /// Says no more of what was taken.
    pub(super) fn fall_silent(&mut self) {
        self.waiting.clear();
        while self.live.pop().is_some() {}
        self.resampler.reset();
        self.is_speaking = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(samples: usize, sample: i16) -> Vec<u8> {
        (0..samples).flat_map(|_| sample.to_le_bytes()).collect()
    }

    #[test]
    fn a_long_answer_waits_and_is_said_frame_by_frame() {
        let mut mouth = Mouth::new();
        let live = mouth.live();
        assert!(!mouth.speak(), "nothing was to be said");
        assert_eq!(mouth.take(&bytes(16_000 + 100, 10_000)), 0);
        let mut said = Vec::new();
        while !mouth.speak() {
            assert!(live.len() <= AHEAD);
            said.extend(live.pop());
        }
        assert_eq!(said.len(), 51, "1 s, and a bit of a frame");
        assert!(said[10].iter().all(|sample| sample.abs_diff(10_000) < 50));
        assert_eq!(said[50][80..], [0; 80]);
        assert!(!mouth.speak(), "said once");
    }

    #[test]
    fn what_waits_has_an_end() {
        let mut mouth = Mouth::new();
        for _ in 0..60 {
            assert_eq!(mouth.take(&bytes(16_000, 1)), 0);
        }
        assert_eq!(mouth.take(&bytes(16_000, 1)), 8_000);
        mouth.speak();
        assert_eq!(mouth.take(&bytes(16_000, 1)), 8_000 - AHEAD * BEAT_SAMPLES);
    }

    #[test]
    fn barging_in_takes_everything_back() {
        let mut mouth = Mouth::new();
        let live = mouth.live();
        mouth.take(&bytes(16_000, 9_000));
        mouth.speak();
        mouth.fall_silent();
        assert!(live.is_empty() && !mouth.speak() && live.is_empty());
        assert_eq!(mouth.take(&[1, 2, 3]), 0, "an odd byte does no harm");
    }
}
