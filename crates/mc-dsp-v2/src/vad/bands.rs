//! Mel-spaced energy bands.

use mc_simd::SimdProcessor;

use super::spectrum::{BIN_HZ, BINS};

/// Number of bands.
pub(crate) const BANDS: usize = 20;
const LOW_HZ: f64 = 100.0;
const HIGH_HZ: f64 = 3_800.0;

/// Bins that the widest band reaches over.
const WIDEST: usize = 24;

/// Triangular weights: every bin between two band centres adds to both.
pub(crate) struct Bands {
    /// First bin of each band's weights.
    first: [usize; BANDS],
    /// They sum to 1, so that a band's sum is a mean.
    weights: [[f32; WIDEST]; BANDS],
}

fn mel(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

impl Bands {
    pub(crate) fn new() -> Self {
        let (low, high) = (mel(LOW_HZ), mel(HIGH_HZ));
        let step = (high - low) / (BANDS + 1) as f64;
        // A band's weight falls from 1 at its centre to 0 at its neighbours'.
        let weight = |band: usize, bin: usize| {
            let position = (mel(bin as f64 * f64::from(BIN_HZ)) - low) / step;
            (1.0 - (position - (band + 1) as f64).abs()).max(0.0)
        };
        let first = std::array::from_fn(|band| {
            let lowest = (0..BINS).find(|bin| weight(band, *bin) > 0.0).unwrap_or(0);
            lowest.min(BINS - WIDEST)
        });
        let weights = std::array::from_fn(|band| {
            let raw: [f64; WIDEST] = std::array::from_fn(|k| weight(band, first[band] + k));
            let sum: f64 = raw.iter().sum();
            raw.map(|w| (w / sum) as f32)
        });
        Self { first, weights }
    }

    /// Mean power of each band.
    pub(crate) fn mean_power(&self, simd: &SimdProcessor, power: &[f32; BINS]) -> [f32; BANDS] {
        std::array::from_fn(|band| simd.dot(&power[self.first[band]..], &self.weights[band]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_in_range_counts_fully_and_a_flat_spectrum_stays_flat() {
        let bands = Bands::new();
        let means = bands.mean_power(&SimdProcessor::new(), &[2.0; BINS]);
        assert!(means.iter().all(|mean| (mean - 2.0).abs() < 1e-5), "{means:?}");
        // The last weight of a band is 0 or its last bin the last one: none is cut off.
        for (first, weights) in bands.first.iter().zip(&bands.weights) {
            assert!(weights[WIDEST - 1] == 0.0 || first + WIDEST == BINS);
        }
    }

    #[test]
    fn a_tone_lands_in_its_band_and_its_neighbour() {
        let mut power = [0.0; BINS];
        power[32] = 1.0;
        let means = Bands::new().mean_power(&SimdProcessor::new(), &power);
        assert_eq!(means.iter().filter(|mean| **mean > 0.0).count(), 2, "{means:?}");
    }
}
