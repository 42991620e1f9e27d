//! The last word on how large a sample may be.

use crate::SampleRate;

/// Limits without delay: the gain falls at once for a sample that is too large and recovers slowly, so
/// that the following samples keep their shape.
#[derive(Clone, Debug)]
pub struct PeakLimiter {
    ceiling: f32,
    gain: f32,
    recovery: f32,
}

impl PeakLimiter {
    /// Time constant of the recovery.
    const RECOVERY_MS: f32 = 60.0;

    /// A limiter to magnitudes of at most `ceiling`, which must be above 0.
    #[must_use]
    pub fn new(ceiling: f32, rate: SampleRate) -> Self {
        let recovery = 1.0 - (-1_000.0 / (Self::RECOVERY_MS * rate.hz() as f32)).exp();
        Self { ceiling, gain: 1.0, recovery }
    }

    /// Limits one sample, which must be finite.
    #[inline]
    pub fn run(&mut self, sample: f32) -> f32 {
        self.gain += self.recovery * (1.0 - self.gain);
        let magnitude = sample.abs();
        if magnitude * self.gain > self.ceiling {
            self.gain = self.ceiling / magnitude;
        }
        // The product may be above by a rounding.
        (sample * self.gain).clamp(-self.ceiling, self.ceiling)
    }

    /// Largest magnitude that comes out.
    #[must_use]
    pub const fn ceiling(&self) -> f32 {
        self.ceiling
    }

    /// Present gain, 0 to 1.
    #[must_use]
    pub const fn gain(&self) -> f32 {
        self.gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_exceeds_the_ceiling_and_what_is_below_passes() {
        let mut limiter = PeakLimiter::new(0.5, SampleRate::Hz8000);
        for n in 0u16..8_000 {
            let sample = (f32::from(n) * 0.3).sin() * f32::from(n % 1_000) / 100.0;
            assert!(limiter.run(sample).abs() <= 0.5);
        }
        (0..8_000).for_each(|_| _ = limiter.run(0.0));
        assert!((limiter.run(0.49) - 0.49).abs() < 1e-5);
    }
}
