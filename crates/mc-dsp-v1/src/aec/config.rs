//! What can be chosen about the echo canceller.

use mc_dsp::{ConfigError, check_range};

/// Shortest and longest echo path, in milliseconds.
const TAIL_MS: std::ops::RangeInclusive<u32> = 8..=256;

/// Configuration of [`AcousticEchoCanceller`](crate::AcousticEchoCanceller).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AecConfig {
    /// Longest echo that can be removed, in milliseconds, 8 to 256: the delay between playing a sample and
    /// recording its last audible reflection. Cost and memory grow with it. Default 128.
    pub tail_ms: u32,
    /// Step size of the adaptive filter, 0.01 to 1.0: larger learns faster and less exactly. Default 0.5.
    pub step_size: f32,
}

impl Default for AecConfig {
    fn default() -> Self {
        Self { tail_ms: 128, step_size: 0.5 }
    }
}

impl AecConfig {
    /// Sets [`tail_ms`](Self::tail_ms).
    #[must_use]
    pub const fn with_tail_ms(mut self, tail_ms: u32) -> Self {
        self.tail_ms = tail_ms;
        self
    }

    /// Sets [`step_size`](Self::step_size).
    #[must_use]
    pub const fn with_step_size(mut self, step_size: f32) -> Self {
        self.step_size = step_size;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !TAIL_MS.contains(&self.tail_ms) {
            return Err(ConfigError::new("tail_ms", self.tail_ms, "8 to 256 ms"));
        }
        check_range("step_size", self.step_size, 0.01..=1.0, "0.01 to 1.0")
    }
}
