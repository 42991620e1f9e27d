//! Mel-spaced energy bands.

use super::spectrum::{BIN_HZ, BINS};

/// Number of bands.
pub(crate) const BANDS: usize = 20;
const LOW_HZ: f64 = 100.0;
const HIGH_HZ: f64 = 3_800.0;

/// Triangular weights: every bin between two band centres adds to both, in shares that sum to one.
pub(crate) struct Bands {
    /// Lower of the two bands each bin belongs to, plus one (0 = none), and the share of the upper.
    share: [(u8, f32); BINS],
    width: [f32; BANDS],
}

fn mel(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

impl Bands {
    pub(crate) fn new() -> Self {
        let (low, high) = (mel(LOW_HZ), mel(HIGH_HZ));
        let step = (high - low) / (BANDS + 1) as f64;
        let share: [(u8, f32); BINS] = std::array::from_fn(|bin| {
            let position = (mel(bin as f64 * f64::from(BIN_HZ)) - low) / step;
            if position <= 0.0 || position >= (BANDS + 1) as f64 {
                (u8::MAX, 0.0)
            } else {
                (position as u8, position.fract() as f32)
            }
        });
        let mut bands = Self { share, width: [1.0; BANDS] };
        bands.width = bands.sum(&[1.0; BINS]);
        bands
    }

    fn sum(&self, power: &[f32; BINS]) -> [f32; BANDS] {
        // One band of margin at each end takes what lies outside.
        let mut sums = [0.0; BANDS + 2];
        for (&(below, upper), p) in self.share.iter().zip(power) {
            let below = below as usize;
            if below <= BANDS {
                sums[below] += p * (1.0 - upper);
                sums[below + 1] += p * upper;
            }
        }
        std::array::from_fn(|band| sums[band + 1])
    }

    /// Mean power of each band.
    pub(crate) fn mean_power(&self, power: &[f32; BINS]) -> [f32; BANDS] {
        let mut sums = self.sum(power);
        for (sum, width) in sums.iter_mut().zip(&self.width) {
            *sum /= width;
        }
        sums
    }
}
