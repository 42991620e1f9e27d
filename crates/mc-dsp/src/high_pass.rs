//! Takes out offset, hum and rumble.

use std::f32::consts::TAU;

use crate::SampleRate;

/// First-order high-pass: 6 dB per octave below its corner.
#[derive(Clone, Copy, Debug)]
pub struct HighPass {
    pole: f32,
    input: f32,
    output: f32,
}

impl HighPass {
    /// A filter that is about 3 dB down at `corner_hz`.
    #[must_use]
    pub fn new(corner_hz: f32, rate: SampleRate) -> Self {
        Self { pole: (-TAU * corner_hz / rate.hz() as f32).exp(), input: 0.0, output: 0.0 }
    }

    /// Filters one sample, which must be finite.
    #[inline]
    pub fn run(&mut self, sample: f32) -> f32 {
        let output = sample - self.input + self.pole * self.output;
        self.input = sample;
        // A tail that decays for ever would end in denormal numbers.
        self.output = if output.abs() < 1e-15 { 0.0 } else { output };
        self.output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db_to_gain, rms_dbfs};

    #[test]
    fn offset_goes_and_the_corner_is_about_three_decibels_down() {
        let mut filter = HighPass::new(100.0, SampleRate::Hz8000);
        (0..8_000).for_each(|_| _ = filter.run(0.5));
        assert!(filter.run(0.5).abs() < db_to_gain(-100.0));
        let tone = |n: u16| (f32::from(n) * TAU * 100.0 / 8_000.0).sin() * 2f32.sqrt();
        let passed: Vec<f32> = (0..8_000).map(|n| filter.run(tone(n))).collect();
        assert!((rms_dbfs(&passed[1_600..]) + 2.7).abs() < 0.1);
    }
}
