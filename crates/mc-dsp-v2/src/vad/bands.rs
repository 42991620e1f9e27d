//! Mel-spaced energy bands.

use std::sync::LazyLock;

use super::lanes::{LANES, product, sum};
use super::spectrum::{BIN_HZ, BINS};

/// Number of bands.
pub(crate) const BANDS: usize = 20;
const LOW_HZ: f64 = 100.0;
const HIGH_HZ: f64 = 3_800.0;

/// The bands of every rate: all look at the same bins.
pub(crate) static MEL: LazyLock<Bands> = LazyLock::new(Bands::new);

/// Triangular weights: every bin between two band centres adds to both.
pub(crate) struct Bands {
    /// First bin of each band's weights, and how many groups of them it has.
    spans: [(usize, usize); BANDS],
    /// In groups, band after band; a band's weights sum to 1, so that its sum is a mean.
    weights: Box<[[f32; LANES]]>,
}

fn mel(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

impl Bands {
    fn new() -> Self {
        let (low, high) = (mel(LOW_HZ), mel(HIGH_HZ));
        let step = (high - low) / (BANDS + 1) as f64;
        // A band's weight falls from 1 at its centre to 0 at its neighbours'.
        let weight = |band: usize, bin: usize| {
            let position = (mel(bin as f64 * f64::from(BIN_HZ)) - low) / step;
            (1.0 - (position - (band + 1) as f64).abs()).max(0.0)
        };
        let (mut spans, mut weights) = ([(0, 0); BANDS], Vec::new());
        for (band, span) in spans.iter_mut().enumerate() {
            let first = (0..BINS).find(|bin| weight(band, *bin) > 0.0).unwrap_or(0);
            let bins = (first..BINS).take_while(|bin| weight(band, *bin) > 0.0).count();
            let groups = bins.div_ceil(LANES);
            // A span that would pass the last bin begins earlier, with weights of 0.
            let start = first.min(BINS - groups * LANES);
            let sum: f64 = (0..BINS).map(|bin| weight(band, bin)).sum();
            let scaled = |bin: usize| (weight(band, bin) / sum) as f32;
            weights.extend(
                (0..groups).map(|group| std::array::from_fn(|lane| scaled(start + group * LANES + lane))),
            );
            *span = (start, groups);
        }
        Self { spans, weights: weights.into() }
    }

    /// Mean power of each band.
    pub(crate) fn mean_power(&self, power: &[f32; BINS]) -> [f32; BANDS] {
        let mut means = [0.0; BANDS];
        let mut weights = &*self.weights;
        for (mean, &(start, groups)) in means.iter_mut().zip(&self.spans) {
            let (own, rest) = weights.split_at(groups);
            weights = rest;
            let mut lanes = [0.0; LANES];
            for (weights, power) in own.iter().zip(power[start..].as_chunks::<LANES>().0) {
                for (lane, term) in lanes.iter_mut().zip(product(weights, power)) {
                    *lane += term;
                }
            }
            *mean = sum(lanes);
        }
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_spectrum_stays_flat_and_no_weight_is_cut_off() {
        let bands = Bands::new();
        let means = bands.mean_power(&[2.0; BINS]);
        assert!(means.iter().all(|mean| (mean - 2.0).abs() < 1e-5), "{means:?}");
        assert_eq!(bands.weights.len(), bands.spans.iter().map(|(_, groups)| groups).sum::<usize>());
    }

    #[test]
    fn a_tone_lands_in_its_band_and_its_neighbour() {
        let mut power = [0.0; BINS];
        power[32] = 1.0;
        let means = Bands::new().mean_power(&power);
        assert_eq!(means.iter().filter(|mean| **mean > 0.0).count(), 2, "{means:?}");
    }
}
