//! What an engine gives to its sessions unless they say otherwise.

use mc_dsp::ConfigError;

use crate::{AdvancedProcessingConfig, AudioProcessingConfig, PerformanceConfig};

/// Configuration of a [`MediaEngine`](crate::MediaEngine).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MediaEngineConfig {
    /// Processing of the sessions that bring
    /// [none of their own](crate::MediaSessionParams::audio_processing_config).
    pub processing: AudioProcessingConfig,
    /// The processors' second generation.
    pub advanced_processing: AdvancedProcessingConfig,
    /// Frames, kernels and self-observation of every session.
    pub performance: PerformanceConfig,
    /// Most sessions at a time. Default: no limit.
    pub max_sessions: usize,
}

impl Default for MediaEngineConfig {
    fn default() -> Self {
        Self {
            processing: AudioProcessingConfig::default(),
            advanced_processing: AdvancedProcessingConfig::default(),
            performance: PerformanceConfig::default(),
            max_sessions: usize::MAX,
        }
    }
}

impl MediaEngineConfig {
    /// Sets the processing of sessions that bring none of their own.
    #[must_use]
    pub fn with_processing(mut self, processing: AudioProcessingConfig) -> Self {
        self.processing = processing;
        self
    }

    /// Sets what is done about the processors' second generation.
    #[must_use]
    pub fn with_advanced_processing(mut self, advanced_processing: AdvancedProcessingConfig) -> Self {
        self.advanced_processing = advanced_processing;
        self
    }

    /// Sets how frames are kept and sessions watched.
    #[must_use]
    pub fn with_performance(mut self, performance: PerformanceConfig) -> Self {
        self.performance = performance;
        self
    }

    /// Sets how many sessions there may be at a time.
    #[must_use]
    pub const fn with_max_sessions(mut self, max_sessions: usize) -> Self {
        self.max_sessions = max_sessions;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.processing.validate()?;
        self.advanced_processing.validate()?;
        self.performance.validate()
    }
}
