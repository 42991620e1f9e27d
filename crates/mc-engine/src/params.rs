//! What one session is made from.

use std::fmt;

use mc_dsp::ConfigError;
use mc_rtp_pipeline::RtpPipelineConfig;

use crate::AudioProcessingConfig;

/// Number of a session, unique within its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaSessionId(pub(crate) u64);

impl fmt::Display for MediaSessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "media-{}", self.0)
    }
}

/// What a session may cost, where nothing more particular is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PerformanceLevel {
    /// As little as possible: processors of the first generation, no stage timed. For thousands of calls on a
    /// core.
    Economy,
    /// What the engine is configured for.
    #[default]
    Balanced,
    /// Whatever sounds best: processors that are on work in their second generation.
    Maximum,
}

/// Parameters of one session.
///
/// Each `Option` that is `None` leaves the decision to the engine. The session's switches switch a processor on
/// too; what [`audio_processing_config`](Self::audio_processing_config) says of the same goes before them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MediaSessionParams {
    /// What arrives from the leg, and the stream that it becomes.
    pub rtp: RtpPipelineConfig,
    /// Processing of what arrives. It replaces the engine's
    /// [default](crate::MediaEngineConfig::processing) as a whole; `None` takes that default.
    pub audio_processing_config: Option<AudioProcessingConfig>,
    /// Whether echo is cancelled by the second generation's canceller.
    pub enable_advanced_echo_cancellation: Option<bool>,
    /// Whether speech is levelled by the second generation's gain control, band by band.
    pub enable_multi_band_agc: Option<bool>,
    /// Whether speech is detected by the second generation's detector.
    pub enable_spectral_vad: Option<bool>,
    /// Cost where neither decides.
    pub performance_optimization_level: PerformanceLevel,
}

impl MediaSessionParams {
    /// Sets what arrives and what leaves.
    #[must_use]
    pub fn with_rtp(mut self, rtp: RtpPipelineConfig) -> Self {
        self.rtp = rtp;
        self
    }

    /// Sets the session's own [processing](Self::audio_processing_config).
    #[must_use]
    pub fn with_processing(mut self, processing: AudioProcessingConfig) -> Self {
        self.audio_processing_config = Some(processing);
        self
    }

    /// Sets whether echo is cancelled by the second generation's canceller.
    #[must_use]
    pub const fn with_advanced_echo_cancellation(mut self, enable: bool) -> Self {
        self.enable_advanced_echo_cancellation = Some(enable);
        self
    }

    /// Sets whether speech is levelled by the second generation's gain control.
    #[must_use]
    pub const fn with_multi_band_agc(mut self, enable: bool) -> Self {
        self.enable_multi_band_agc = Some(enable);
        self
    }

    /// Sets whether speech is detected by the second generation's detector.
    #[must_use]
    pub const fn with_spectral_vad(mut self, enable: bool) -> Self {
        self.enable_spectral_vad = Some(enable);
        self
    }

    /// Sets what the session may cost.
    #[must_use]
    pub const fn with_performance_level(mut self, level: PerformanceLevel) -> Self {
        self.performance_optimization_level = level;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.rtp.validate()?;
        self.audio_processing_config.as_ref().map_or(Ok(()), AudioProcessingConfig::validate)
    }
}
