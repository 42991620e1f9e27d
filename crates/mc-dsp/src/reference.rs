//! The far end waits here until the near end that may hold its echo comes.

use crate::{MAX_FRAME_MS, SampleRate};

/// Far-end samples in order, between [`EchoCanceller::render`](crate::EchoCanceller::render) and
/// [`EchoCanceller::process`](crate::EchoCanceller::process).
///
/// What capture asks for and is not there reads as silence; what does not fit pushes the oldest out. Both are
/// counted, and both shift the two streams against each other for good: that is what happened to the audio, too.
#[derive(Clone, Debug)]
pub struct ReferenceQueue {
    samples: Box<[f32]>,
    start: usize,
    waiting: usize,
    missing: u64,
    dropped: u64,
}

impl ReferenceQueue {
    /// An empty queue with room for `capacity` samples, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { samples: vec![0.0; capacity.max(1)].into(), start: 0, waiting: 0, missing: 0, dropped: 0 }
    }

    /// An empty queue for audio at `rate`, with room for two of the longest frames.
    #[must_use]
    pub fn for_rate(rate: SampleRate) -> Self {
        Self::new(rate.samples_in_ms(2 * MAX_FRAME_MS))
    }

    /// Appends a sample.
    #[inline]
    pub fn push(&mut self, sample: f32) {
        if self.waiting == self.samples.len() {
            self.start = self.around(self.start + 1);
            self.waiting -= 1;
            self.dropped += 1;
        }
        self.samples[self.around(self.start + self.waiting)] = sample;
        self.waiting += 1;
    }

    /// `place` in the ring, less than twice around. A division per sample would show.
    #[inline]
    fn around(&self, place: usize) -> usize {
        if place < self.samples.len() { place } else { place - self.samples.len() }
    }

    /// Takes the oldest sample; 0 when there is none.
    #[inline]
    pub fn pop(&mut self) -> f32 {
        if self.waiting == 0 {
            self.missing += 1;
            return 0.0;
        }
        let sample = self.samples[self.start];
        self.start = self.around(self.start + 1);
        self.waiting -= 1;
        sample
    }

    /// Samples that were asked for before they came, since construction or [`clear`](Self::clear).
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.missing
    }

    /// Samples that were pushed out, since construction or [`clear`](Self::clear).
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Memory on the heap in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.samples)
    }

    /// Empties the queue and its counts.
    pub fn clear(&mut self) {
        (self.start, self.waiting, self.missing, self.dropped) = (0, 0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out_and_silence_when_empty() {
        let mut queue = ReferenceQueue::new(3);
        for round in 0..5 {
            queue.push(1.0);
            queue.push(2.0);
            assert_eq!([queue.pop(), queue.pop(), queue.pop()], [1.0, 2.0, 0.0]);
            assert_eq!((queue.missing(), queue.dropped()), (round + 1, 0));
        }
    }

    #[test]
    fn the_oldest_goes_when_there_is_no_room() {
        let mut queue = ReferenceQueue::new(3);
        (1u8..=5).for_each(|n| queue.push(n.into()));
        assert_eq!((queue.dropped(), queue.missing()), (2, 0));
        assert_eq!([queue.pop(), queue.pop(), queue.pop(), queue.pop()], [3.0, 4.0, 5.0, 0.0]);
        queue.clear();
        assert_eq!((queue.pop(), queue.dropped(), queue.missing()), (0.0, 0, 1));
    }
}
