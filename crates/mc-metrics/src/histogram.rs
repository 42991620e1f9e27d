//! Distribution of a quantity, recorded by one thread and read by any.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::HistogramSnapshot;
use crate::buckets::{BUCKETS, index_of};

/// A histogram over all of `u64` with one writer and any number of readers; it never locks or allocates.
///
/// Quantiles read from it are within a sixteenth (6.25 %) of the recorded value; count, minimum and
/// maximum are exact, and so is the mean until the sum of all values exceeds `u64::MAX`. About 4 KiB.
///
/// As with [`Counter`](crate::Counter), two threads that record at once may lose a value, nothing worse.
#[derive(Debug)]
pub struct Histogram {
    counts: [AtomicU64; BUCKETS],
    sum: AtomicU64,
    min: AtomicU64,
    max: AtomicU64,
}

impl Histogram {
    /// An empty histogram.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            counts: [const { AtomicU64::new(0) }; BUCKETS],
            sum: AtomicU64::new(0),
            min: AtomicU64::new(u64::MAX),
            max: AtomicU64::new(0),
        }
    }

    /// Takes one value. For the one writing thread.
    #[inline]
    pub fn record(&self, value: u64) {
        let sum = self.sum.load(Ordering::Relaxed);
        self.sum.store(sum.saturating_add(value), Ordering::Relaxed);
        if value < self.min.load(Ordering::Relaxed) {
            self.min.store(value, Ordering::Relaxed);
        }
        if value > self.max.load(Ordering::Relaxed) {
            self.max.store(value, Ordering::Relaxed);
        }
        // `index_of` is below BUCKETS for every value; `get` keeps the packet path free of panics even so.
        if let Some(count) = self.counts.get(index_of(value)) {
            // Release, so that who sees the value counted also sees it in sum, minimum and maximum.
            count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        }
    }

    /// The distribution so far, as plain data. From any thread; allocates.
    ///
    /// Values recorded meanwhile are in it or not; each one that is counted is also within the minimum
    /// and maximum. The mean may include a value more than the count.
    #[must_use]
    pub fn snapshot(&self) -> HistogramSnapshot {
        let mut counts: Vec<u64> = self.counts.iter().map(|count| count.load(Ordering::Acquire)).collect();
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

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}
