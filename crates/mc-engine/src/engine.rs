//! The engine: makes sessions, sums them up.

use std::sync::Arc;

use mc_dsp::ConfigError;
use mc_metrics::MetricsCollector;
use mc_rtp_pipeline::{RtpPipeline, SAMPLE_RATE};

use crate::handle::SessionShared;
use crate::registry::Registry;
use crate::{AudioProcessor, EngineError, MediaEngineConfig, MediaMetrics, MediaSession, MediaSessionParams};

/// Makes media sessions with common defaults, and sums up what they do. Cheap to clone: clones are the
/// same engine. It may go before its sessions.
#[derive(Clone, Debug)]
pub struct MediaEngine {
    config: Arc<MediaEngineConfig>,
    registry: Arc<Registry>,
}

impl MediaEngine {
    /// An engine without sessions.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`MediaEngineConfig::validate`].
    pub fn new(config: MediaEngineConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self { config: Arc::new(config), registry: Arc::default() })
    }

    /// A new session, with all the memory it will ever need.
    ///
    /// Settings of `params` go before the engine's. To change one processor only, start from the
    /// engine's: `engine.config().processing.clone().with_gain_control(None)`.
    ///
    /// # Errors
    /// [`EngineError`] when a parameter is out of range or the engine is full.
    pub fn create_media_session(&self, params: MediaSessionParams) -> Result<MediaSession, EngineError> {
        let processing = params.processing.as_ref().unwrap_or(&self.config.processing);
        let processor = AudioProcessor::new(processing, SAMPLE_RATE)?;
        let metrics = Arc::new(MetricsCollector::new(self.config.performance.time_one_in));
        let pipeline = RtpPipeline::new(&params.rtp, Arc::clone(&metrics))?;
        let shared = self.registry.admit(self.config.max_sessions, |id| {
            let counters = Arc::clone(pipeline.counters());
            SessionShared::new(id, metrics, counters, Arc::clone(processor.fault_counters()))
        })?;
        tracing::debug!(session = %shared.id, "media session started");
        Ok(MediaSession::new(pipeline, processor, shared, Arc::clone(&self.registry)))
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &MediaEngineConfig {
        &self.config
    }

    /// Sessions that have not been dropped.
    #[must_use]
    pub fn active_sessions(&self) -> usize {
        self.registry.live()
    }

    /// Sum over all sessions that there are and ever were.
    #[must_use]
    pub fn metrics(&self) -> MediaMetrics {
        self.registry.metrics()
    }
}
