//! What an engine gives to its sessions unless they say otherwise.

use mc_dsp::ConfigError;
use mc_dsp_v1::{AecConfig, AgcConfig, VadConfig};

/// Which voice processors work, and how. `None` is off; off is the default, so that audio changes only
/// where somebody asked for it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AudioProcessingConfig {
    /// Removes the echo of what was sent to the leg from what the leg sends.
    pub echo_cancellation: Option<AecConfig>,
    /// Finds speech. The gain control then goes by its opinion instead of its own.
    pub voice_detection: Option<VadConfig>,
    /// Brings speech to its target level.
    pub gain_control: Option<AgcConfig>,
}

impl AudioProcessingConfig {
    /// Every processor, each with its defaults.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
            .with_echo_cancellation(AecConfig::default())
            .with_voice_detection(VadConfig::default())
            .with_gain_control(AgcConfig::default())
    }

    /// Sets the echo canceller; `None` switches it off.
    #[must_use]
    pub fn with_echo_cancellation(mut self, config: impl Into<Option<AecConfig>>) -> Self {
        self.echo_cancellation = config.into();
        self
    }

    /// Sets the voice detector; `None` switches it off.
    #[must_use]
    pub fn with_voice_detection(mut self, config: impl Into<Option<VadConfig>>) -> Self {
        self.voice_detection = config.into();
        self
    }

    /// Sets the gain control; `None` switches it off.
    #[must_use]
    pub fn with_gain_control(mut self, config: impl Into<Option<AgcConfig>>) -> Self {
        self.gain_control = config.into();
        self
    }

    /// Checks every processor's configuration.
    ///
    /// # Errors
    /// [`ConfigError`] of the first processor that refuses its own.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.echo_cancellation.as_ref().map_or(Ok(()), AecConfig::validate)?;
        self.voice_detection.as_ref().map_or(Ok(()), VadConfig::validate)?;
        self.gain_control.as_ref().map_or(Ok(()), AgcConfig::validate)
    }
}

/// How much a session spends on watching itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PerformanceConfig {
    /// Stages are timed on one packet in so many, given a clock that goes; 0 times none. Default: 256, which costs
    /// less than 2 % of the cheapest packet that is decoded at all.
    pub time_one_in: u32,
}

impl Default for PerformanceConfig {
    fn default() -> Self {
        Self { time_one_in: 256 }
    }
}

impl PerformanceConfig {
    /// Sets how many packets go by for one whose stages are timed; 0 times none.
    #[must_use]
    pub const fn with_time_one_in(mut self, packets: u32) -> Self {
        self.time_one_in = packets;
        self
    }
}

/// Configuration of a [`MediaEngine`](crate::MediaEngine).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MediaEngineConfig {
    /// Processing of the sessions that bring [none of their own](crate::MediaSessionParams::processing).
    pub processing: AudioProcessingConfig,
    /// Self-observation of every session.
    pub performance: PerformanceConfig,
    /// Most sessions at a time. Default: no limit.
    pub max_sessions: usize,
}

impl Default for MediaEngineConfig {
    fn default() -> Self {
        Self {
            processing: AudioProcessingConfig::default(),
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

    /// Sets how sessions observe themselves.
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
        self.processing.validate()
    }
}
