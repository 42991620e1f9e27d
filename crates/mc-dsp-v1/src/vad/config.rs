//! What can be chosen about the voice detector.

use mc_dsp::{ConfigError, check_range};

/// Configuration of [`VoiceActivityDetector`](crate::VoiceActivityDetector).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct VadConfig {
    /// Probability from which on it is speech, 0.05 to 0.95. Default 0.5.
    pub threshold: f32,
    /// How long the decision stays on after the last likely block, 0 to 1000 ms: it bridges the gaps
    /// between syllables. Default 100.
    pub hangover_ms: u32,
}

impl Default for VadConfig {
    fn default() -> Self {
        Self { threshold: 0.5, hangover_ms: 100 }
    }
}

impl VadConfig {
    /// Sets [`threshold`](Self::threshold).
    #[must_use]
    pub const fn with_threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets [`hangover_ms`](Self::hangover_ms).
    #[must_use]
    pub const fn with_hangover_ms(mut self, hangover_ms: u32) -> Self {
        self.hangover_ms = hangover_ms;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_range("threshold", self.threshold, 0.05..=0.95, "0.05 to 0.95")?;
        if self.hangover_ms > 1_000 {
            return Err(ConfigError::new("hangover_ms", self.hangover_ms, "0 to 1000 ms"));
        }
        Ok(())
    }
}
