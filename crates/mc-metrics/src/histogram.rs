//! Distribution of a quantity, recorded by one thread and read by any.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::HistogramSnapshot;
use crate::buckets::{BUCKETS, index_of};
use crate::extent::Extent;

/// A histogram over all of `u64` with one writer and any number of readers; it never locks or allocates.
///
/// Quantiles read from it are within a sixteenth (6.25 %) of the recorded value; count, minimum and
/// maximum are exact, and so is the mean until the sum of all values exceeds `u64::MAX`. About 4 KiB;
/// of times in nanoseconds a [`TimeHistogram`](crate::TimeHistogram) says as much in a fifth of that.
///
/// As with [`Counter`](crate::Counter), two threads that record at once may lose a value, nothing worse.
#[derive(Debug)]
pub struct Histogram {
    counts: [AtomicU64; BUCKETS],
    extent: Extent,
}

impl Histogram {
    /// An empty histogram.
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS], extent: Extent::new() }
    }

    /// Takes one value. For the one writing thread.
    #[inline]
    pub fn record(&self, value: u64) {
        self.extent.record(value);
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
        self.extent.snapshot(self.counts.iter().map(|count| count.load(Ordering::Acquire)).collect())
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}
