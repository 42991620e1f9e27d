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

/// Parameters of one session.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MediaSessionParams {
    /// What arrives from the leg, and the stream that it becomes.
    pub rtp: RtpPipelineConfig,
    /// Processing of what arrives. It replaces the engine's
    /// [default](crate::MediaEngineConfig::processing) as a whole; `None` takes that default.
    pub processing: Option<AudioProcessingConfig>,
}

impl MediaSessionParams {
    /// Sets what arrives and what leaves.
    #[must_use]
    pub fn with_rtp(mut self, rtp: RtpPipelineConfig) -> Self {
        self.rtp = rtp;
        self
    }

    /// Sets the session's own processing.
    #[must_use]
    pub fn with_processing(mut self, processing: AudioProcessingConfig) -> Self {
        self.processing = Some(processing);
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.rtp.validate()?;
        self.processing.as_ref().map_or(Ok(()), AudioProcessingConfig::validate)
    }
}
