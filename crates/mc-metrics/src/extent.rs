//! What of a distribution needs no buckets.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::HistogramSnapshot;

/// The sum of all values, the least and the greatest.
#[derive(Debug)]
pub(crate) struct Extent {
    sum: AtomicU64,
    min: AtomicU64,
    max: AtomicU64,
}

impl Extent {
    pub(crate) const fn new() -> Self {
        Self { sum: AtomicU64::new(0), min: AtomicU64::new(u64::MAX), max: AtomicU64::new(0) }
    }

    /// Takes one value, before it is counted in its bucket.
    #[inline]
    pub(crate) fn record(&self, value: u64) {
        let sum = self.sum.load(Ordering::Relaxed);
        self.sum.store(sum.saturating_add(value), Ordering::Relaxed);
        if value < self.min.load(Ordering::Relaxed) {
            self.min.store(value, Ordering::Relaxed);
        }
        if value > self.max.load(Ordering::Relaxed) {
            self.max.store(value, Ordering::Relaxed);
        }
    }

    /// A snapshot with these `counts` of all buckets from the first on, which were read before.
    pub(crate) fn snapshot(&self, mut counts: Vec<u64>) -> HistogramSnapshot {
        let used = counts.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        counts.truncate(used);
        HistogramSnapshot::from_parts(
            counts,
            self.sum.load(Ordering::Relaxed),
            self.min.load(Ordering::Relaxed),
            self.max.load(Ordering::Relaxed),
        )
    }
}
