//! One small seeded generator, so that every signal is the same on every machine.

use std::f64::consts::TAU;
use std::ops::Range;

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator whose whole sequence follows from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number spread evenly over `range`.
    pub fn uniform(&mut self, range: Range<f64>) -> f64 {
        let unit = (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        range.start + (range.end - range.start) * unit
    }

    /// A whole number spread evenly over `range`, which must not be empty.
    pub fn index(&mut self, range: Range<usize>) -> usize {
        let width = (range.end - range.start).max(1) as f64;
        range.start + self.uniform(0.0..width) as usize
    }

    /// A Gaussian number of mean 0 and variance 1 (Box and Muller 1958).
    pub fn gaussian(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform(0.0..1.0)).ln()).sqrt();
        radius * (TAU * self.uniform(0.0..1.0)).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_follows_from_the_seed() {
        let draw = |seed| {
            let mut rng = Rng::new(seed);
            [rng.next_u64(), rng.next_u64()]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn uniform_and_index_fill_their_ranges() {
        let mut rng = Rng::new(3);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            assert!((-2.0..3.0).contains(&rng.uniform(-2.0..3.0)));
            seen[rng.index(0..5)] += 1;
        }
        assert!(seen.iter().all(|&n| (140..260).contains(&n)), "{seen:?}");
    }

    #[test]
    fn gaussian_numbers_have_mean_0_and_variance_1() {
        let mut rng = Rng::new(4);
        let numbers: Vec<f64> = (0..100_000).map(|_| rng.gaussian()).collect();
        let mean = numbers.iter().sum::<f64>() / 1e5;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }
}
