//! The engine's defaults for the processors of the second generation.

use mc_dsp::ConfigError;
use mc_dsp_v2::{AdvancedAecConfig, AdvancedAgcConfig, AdvancedVadConfig};

/// What the engine does about the processors of `mc-dsp-v2` where a session does not say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AdvancedProcessingConfig {
    /// Whether processors that are on work in their second generation. Default: no, so that an engine that is
    /// brought up to date costs and sounds as before until somebody decides otherwise.
    pub use_advanced_processors: bool,
    /// Configuration of the echo canceller.
    pub advanced_aec_config: AdvancedAecConfig,
    /// Configuration of the voice detector.
    pub advanced_vad_config: AdvancedVadConfig,
    /// Configuration of the gain control.
    pub advanced_agc_config: AdvancedAgcConfig,
    /// What happens when a processor cannot be made, returns an error or writes what is no number. With it, the
    /// first generation takes over within the frame, or nobody where that is off, and stays. Without, a
    /// processor that cannot be made is an error, and one that fails is bypassed for the frame and starts over.
    /// Default: yes.
    pub fallback_to_v1_on_error: bool,
}

impl Default for AdvancedProcessingConfig {
    fn default() -> Self {
        Self {
            use_advanced_processors: false,
            advanced_aec_config: AdvancedAecConfig::default(),
            advanced_vad_config: AdvancedVadConfig::default(),
            advanced_agc_config: AdvancedAgcConfig::default(),
            fallback_to_v1_on_error: true,
        }
    }
}

impl AdvancedProcessingConfig {
    /// Sets whether processors that are on work in their second generation.
    #[must_use]
    pub const fn with_use_advanced_processors(mut self, advanced: bool) -> Self {
        self.use_advanced_processors = advanced;
        self
    }

    /// Sets the configuration of the echo canceller.
    #[must_use]
    pub const fn with_advanced_aec_config(mut self, config: AdvancedAecConfig) -> Self {
        self.advanced_aec_config = config;
        self
    }

    /// Sets the configuration of the voice detector.
    #[must_use]
    pub fn with_advanced_vad_config(mut self, config: AdvancedVadConfig) -> Self {
        self.advanced_vad_config = config;
        self
    }

    /// Sets the configuration of the gain control.
    #[must_use]
    pub fn with_advanced_agc_config(mut self, config: AdvancedAgcConfig) -> Self {
        self.advanced_agc_config = config;
        self
    }

    /// Sets whether the first generation stands in for a processor that fails.
    #[must_use]
    pub const fn with_fallback_to_v1_on_error(mut self, fallback: bool) -> Self {
        self.fallback_to_v1_on_error = fallback;
        self
    }

    /// Checks every processor's configuration.
    ///
    /// # Errors
    /// [`ConfigError`] of the first processor that refuses its own.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.advanced_aec_config.validate()?;
        self.advanced_vad_config.validate()?;
        self.advanced_agc_config.validate()
    }
}
