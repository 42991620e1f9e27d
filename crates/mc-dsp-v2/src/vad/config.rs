//! Configuration of the detector.

use mc_dsp::{ConfigError, check_range};

/// How the features become a probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum VadClassifier {
    /// A small recurrent network, trained on speech of many languages in noise and music.
    #[default]
    Learned,
    /// A likelihood-ratio test on band energies: nothing learned, every constant explained, but music and other
    /// unsteady noise pass for speech.
    LikelihoodRatio,
}

/// Configuration of an [`AdvancedVoiceActivityDetector`](crate::AdvancedVoiceActivityDetector).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AdvancedVadConfig {
    /// How the features become a probability.
    pub classifier: VadClassifier,
    /// Probability from which speech begins, 0.05 to 0.95.
    pub onset_threshold: f32,
    /// Probability below which speech may end, 0.01 up to `onset_threshold`.
    pub offset_threshold: f32,
    /// How long the probability must stay below `offset_threshold` before speech ends, 0 to 1000 ms.
    pub hangover_ms: u32,
}

impl Default for AdvancedVadConfig {
    fn default() -> Self {
        Self {
            classifier: VadClassifier::default(),
            onset_threshold: 0.55,
            offset_threshold: 0.45,
            hangover_ms: 50,
        }
    }
}

impl AdvancedVadConfig {
    /// With another classifier.
    #[must_use]
    pub const fn with_classifier(mut self, classifier: VadClassifier) -> Self {
        self.classifier = classifier;
        self
    }

    /// With other probabilities for beginning and end of speech.
    #[must_use]
    pub const fn with_thresholds(mut self, onset: f32, offset: f32) -> Self {
        self.onset_threshold = onset;
        self.offset_threshold = offset;
        self
    }

    /// With another hangover.
    #[must_use]
    pub const fn with_hangover_ms(mut self, hangover_ms: u32) -> Self {
        self.hangover_ms = hangover_ms;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_range("onset_threshold", self.onset_threshold, 0.05..=0.95, "0.05 to 0.95")?;
        check_range(
            "offset_threshold",
            self.offset_threshold,
            0.01..=self.onset_threshold,
            "0.01 to onset_threshold",
        )?;
        if self.hangover_ms > 1_000 {
            return Err(ConfigError::new("hangover_ms", self.hangover_ms, "0 to 1000 ms"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_out_of_range_is_named() {
        let default = AdvancedVadConfig::default;
        assert_eq!(default().validate(), Ok(()));
        for (config, field) in [
            (default().with_thresholds(0.0, 0.0), "onset_threshold"),
            (default().with_thresholds(f32::NAN, 0.1), "onset_threshold"),
            (default().with_thresholds(0.5, 0.6), "offset_threshold"),
            (default().with_thresholds(0.5, f32::NAN), "offset_threshold"),
            (default().with_hangover_ms(1_001), "hangover_ms"),
        ] {
            assert_eq!(config.validate().unwrap_err().field(), field);
        }
    }
}
