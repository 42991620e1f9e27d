//! A histogram as plain data.

use crate::buckets::middle_of;
use crate::quantile::nearest_rank;

/// What a [`Histogram`](crate::Histogram) held at one moment; all zero when it held nothing.
///
/// It keeps the buckets beside the figures, so that two snapshots merge into what one histogram of all
/// values would have shown.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct HistogramSnapshot {
    /// Values recorded.
    pub count: u64,
    /// Least value.
    pub min: u64,
    /// Mean of all values.
    pub mean: f64,
    /// Median, within a sixteenth of the value at that rank.
    pub p50: u64,
    /// 99th percentile, within a sixteenth of the value at that rank.
    pub p99: u64,
    /// Greatest value.
    pub max: u64,
    sum: u64,
    /// One count a bucket, up to the last bucket that holds anything.
    counts: Vec<u64>,
}

impl HistogramSnapshot {
    pub(crate) fn from_parts(counts: Vec<u64>, sum: u64, min: u64, max: u64) -> Self {
        let count: u64 = counts.iter().sum();
        if count == 0 {
            return Self::default();
        }
        let mut snapshot =
            Self { count, min, mean: sum as f64 / count as f64, p50: 0, p99: 0, max, sum, counts };
        snapshot.p50 = snapshot.quantile(0.5);
        snapshot.p99 = snapshot.quantile(0.99);
        snapshot
    }

    /// The value at quantile `q` (0 to 1) by nearest rank, within a sixteenth of the value recorded
    /// there. 0 when nothing was recorded.
    #[must_use]
    pub fn quantile(&self, q: f64) -> u64 {
        if self.count == 0 {
            return 0;
        }
        let rank = nearest_rank(self.count, q);
        let mut seen = 0;
        let bucket = self.counts.iter().position(|&count| {
            seen += count;
            seen >= rank
        });
        bucket.map_or(self.max, |index| middle_of(index).clamp(self.min, self.max))
    }

    /// How many values are at most `value`, each one taken for the middle of its bucket: a value within a
    /// sixteenth of `value` may be on the wrong side.
    #[must_use]
    pub fn at_most(&self, value: u64) -> u64 {
        let below = self.counts.iter().enumerate().take_while(|&(index, _)| middle_of(index) <= value);
        below.map(|(_, count)| count).sum()
    }

    /// The sum of all values, at most `u64::MAX`.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        let mut counts = std::mem::take(&mut self.counts);
        counts.resize(counts.len().max(other.counts.len()), 0);
        for (count, more) in counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        *self = Self::from_parts(counts, self.sum.saturating_add(other.sum), min, self.max.max(other.max));
    }
}
