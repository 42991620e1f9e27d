//! Repeated measurements of one thing, summed up.

use std::fmt;

use crate::quantile::nearest_rank;

/// Figures over repeated measurements, in the unit of the samples. Quantiles are by nearest rank, so
/// each is one of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BenchmarkResults {
    /// Number of samples.
    pub runs: usize,
    /// Least sample.
    pub min: f64,
    /// 50th percentile.
    pub median: f64,
    /// Mean.
    pub mean: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Greatest sample.
    pub max: f64,
}

impl BenchmarkResults {
    /// Sums up `samples`, in any order.
    ///
    /// # Errors
    /// [`SampleError`] when there are none, or one is not finite.
    pub fn from_samples(samples: &[f64]) -> Result<Self, SampleError> {
        if let Some(index) = samples.iter().position(|sample| !sample.is_finite()) {
            return Err(SampleError::NotFinite { index });
        }
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Err(SampleError::Empty);
        };
        let at = |q| sorted[nearest_rank(sorted.len() as u64, q) as usize - 1];
        Ok(Self {
            runs: sorted.len(),
            min,
            median: at(0.5),
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
            p90: at(0.9),
            p99: at(0.99),
            max,
        })
    }

    /// This median over `other`'s: 2 means twice as much. `None` when `other`'s is 0.
    #[must_use]
    pub fn ratio_to(&self, other: &Self) -> Option<f64> {
        (other.median != 0.0).then(|| self.median / other.median)
    }
}

/// Samples that cannot be summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SampleError {
    /// There is no sample.
    Empty,
    /// A sample is infinite or not a number.
    NotFinite {
        /// Its place in the slice.
        index: usize,
    },
}

impl fmt::Display for SampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no samples, but at least one is needed"),
            Self::NotFinite { index } => write!(f, "sample {index} is not finite"),
        }
    }
}

impl std::error::Error for SampleError {}
