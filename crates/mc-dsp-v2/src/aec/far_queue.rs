//! The far end waits here until the near end that may hold its echo comes.

/// Far-end samples in order. What is asked for before it came reads as silence; what does not fit pushes the
/// oldest out. Both are counted, and both shift the two streams against each other, which the delay estimator
/// finds.
pub(super) struct FarEndQueue {
    samples: Box<[f32]>,
    start: usize,
    waiting: usize,
    missing: u64,
    dropped: u64,
}

impl FarEndQueue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { samples: vec![0.0; capacity].into(), start: 0, waiting: 0, missing: 0, dropped: 0 }
    }

    pub(super) fn push(&mut self, sample: f32) {
        let capacity = self.samples.len();
        if self.waiting == capacity {
            self.start = (self.start + 1) % capacity;
            self.waiting -= 1;
            self.dropped += 1;
        }
        self.samples[(self.start + self.waiting) % capacity] = sample;
        self.waiting += 1;
    }

    pub(super) fn pop(&mut self) -> f32 {
        if self.waiting == 0 {
            self.missing += 1;
            return 0.0;
        }
        let sample = self.samples[self.start];
        self.start = (self.start + 1) % self.samples.len();
        self.waiting -= 1;
        sample
    }

    pub(super) const fn missing(&self) -> u64 {
        self.missing
    }

    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.samples)
    }

    pub(super) fn clear(&mut self) {
        (self.start, self.waiting, self.missing, self.dropped) = (0, 0, 0, 0);
    }
}
