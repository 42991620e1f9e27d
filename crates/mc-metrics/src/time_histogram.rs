//! Distribution of the times that one session's work takes.

use std::iter::repeat_n;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::HistogramSnapshot;
use crate::buckets::index_of;
use crate::extent::Extent;

/// The buckets of 16 ns to 2^30 ns, a second: what lies outside is counted in the first or the last.
const FIRST: usize = index_of(16);
const LAST: usize = index_of((1 << 30) - 1);
const BUCKETS: usize = LAST - FIRST + 1;

/// A histogram of times in nanoseconds, for where there are many histograms and few values in each: less than
/// 900 bytes, one writer, any number of readers, neither locks nor allocations.
///
/// Quantiles are within a sixteenth (6.25 %) of the recorded value where that is 16 ns to 2^30 ns (1.07 s), and not
/// outside the values recorded where it is less or more. Count, minimum and maximum are exact, and so is the mean; a
/// bucket stays as it is after 2^32 - 1 values. Snapshots merge with those of a [`Histogram`](crate::Histogram).
///
/// As with [`Counter`](crate::Counter), two threads that record at once may lose a value, nothing worse.
#[derive(Debug)]
pub struct TimeHistogram {
    counts: [AtomicU32; BUCKETS],
    extent: Extent,
}

impl TimeHistogram {
    /// An empty histogram.
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: [const { AtomicU32::new(0) }; BUCKETS], extent: Extent::new() }
    }

    /// Takes one time, in nanoseconds. For the one writing thread.
    #[inline]
    pub fn record(&self, nanoseconds: u64) {
        self.extent.record(nanoseconds);
        let bucket = index_of(nanoseconds).clamp(FIRST, LAST) - FIRST;
        // Always there, as in a `Histogram`, and released as there.
        if let Some(count) = self.counts.get(bucket) {
            count.store(count.load(Ordering::Relaxed).saturating_add(1), Ordering::Release);
        }
    }

    /// The distribution so far, as [`Histogram::snapshot`](crate::Histogram::snapshot) gives it.
    #[must_use]
    pub fn snapshot(&self) -> HistogramSnapshot {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Acquire).into());
        self.extent.snapshot(repeat_n(0, FIRST).chain(counts).collect())
    }
}

impl Default for TimeHistogram {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_stays_full() {
        let histogram = TimeHistogram::new();
        histogram.counts[0].store(u32::MAX, Ordering::Relaxed);
        histogram.record(16);
        assert_eq!(histogram.snapshot().count, u64::from(u32::MAX));
    }
}
