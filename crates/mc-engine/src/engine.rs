//! The engine: makes sessions, sums them up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mc_dsp::{ConfigError, SampleRate};
use mc_g711::SimdLevel as CodecLevel;
use mc_metrics::MetricsCollector;
use mc_pool::{FramePoolConfig, SharedFramePool};
use mc_rtp_pipeline::{PacketCounters, RtpPipeline, SAMPLE_RATE};
use mc_simd::SimdProcessor;

use crate::endpoint::{EndpointMonitor, Parts};
use crate::processor::ProcessorMonitor;
use crate::registry::Registry;
use crate::shared::{ProcessorMaker, SessionShared};
use crate::{
    AdvancedProcessorFactory, AudioProcessor, EndpointConfig, EngineError, MediaEndpoint, MediaEngineConfig,
    MediaMetrics, MediaSession, MediaSessionParams,
};

/// Samples that a frame of the engine's pool has room for: 60 ms at 16 kHz.
const POOL_FRAME_SAMPLES: usize = 960;

/// No collection was made yet.
const NEVER: u64 = u64::MAX;

/// Makes media sessions with common defaults, and sums up what they do. Cheap to clone: clones are the
/// same engine. It may go before its sessions.
#[derive(Clone, Debug)]
pub struct MediaEngine {
    config: Arc<MediaEngineConfig>,
    factory: AdvancedProcessorFactory,
    frames: Option<SharedFramePool<f32>>,
    simd: SimdProcessor,
    registry: Arc<Registry>,
    collected_ms: Arc<AtomicU64>,
}

/// What every session has, before it is one.
struct Draft {
    maker: ProcessorMaker,
    processor: AudioProcessor,
    metrics: Arc<MetricsCollector>,
    monitor: Arc<ProcessorMonitor>,
}

impl MediaEngine {
    /// An engine without sessions.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`MediaEngineConfig::validate`].
    pub fn new(config: MediaEngineConfig) -> Result<Self, ConfigError> {
        Self::with_factory(config, AdvancedProcessorFactory::default())
    }

    /// An engine without sessions whose advanced processors `factory` makes.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`MediaEngineConfig::validate`].
    pub fn with_factory(
        config: MediaEngineConfig,
        factory: AdvancedProcessorFactory,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let performance = &config.performance;
        let frames = FramePoolConfig::default()
            .with_frame_samples(POOL_FRAME_SAMPLES)
            .with_initial_frames(performance.frame_pool_size);
        let frames = performance.enable_frame_pooling.then(|| SharedFramePool::new(frames)).transpose();
        Ok(Self {
            frames: frames
                .map_err(|error| ConfigError::new("frame_pool_size", error.value(), error.allowed()))?,
            simd: performance.simd(performance.enable_simd_optimizations),
            config: Arc::new(config),
            factory,
            registry: Arc::default(),
            collected_ms: Arc::new(AtomicU64::new(NEVER)),
        })
    }

    /// A new session, with all the memory it will ever need.
    ///
    /// Settings of `params` go before the engine's. To change one processor only, start from the
    /// engine's: `engine.config().processing.clone().with_gain_control(None)`.
    ///
    /// # Errors
    /// [`EngineError`] when a parameter is out of range, the engine is full, or a processor cannot be made and
    /// must not be [replaced](crate::AdvancedProcessingConfig::fallback_to_v1_on_error).
    pub fn create_media_session(&self, params: MediaSessionParams) -> Result<MediaSession, EngineError> {
        self.create(params, self.config.advanced_processing.use_advanced_processors)
    }

    /// As [`create_media_session`](Self::create_media_session), but processors that are on work in their second
    /// generation unless `params` say otherwise.
    ///
    /// # Errors
    /// As [`create_media_session`](Self::create_media_session).
    pub fn create_media_session_v2(&self, params: MediaSessionParams) -> Result<MediaSession, EngineError> {
        self.create(params, true)
    }

    /// A new session whose leg ends here, in the generation of processors that
    /// [`use_advanced_processors`](crate::AdvancedProcessingConfig::use_advanced_processors) says unless `params` do. Of
    /// `params`, [`rtp`](MediaSessionParams::rtp) is about relayed legs; what `config` says takes its place.
    ///
    /// # Errors
    /// As [`create_media_session`](Self::create_media_session), and [`EndpointConfig::validate`].
    pub fn create_media_endpoint(
        &self,
        config: &EndpointConfig,
        params: MediaSessionParams,
    ) -> Result<MediaEndpoint, EngineError> {
        let parts = Parts::new(config)?;
        let advanced = self.config.advanced_processing.use_advanced_processors;
        let draft = self.draft(params, advanced, parts.rate)?;
        let (processor, shared) = self.admit(draft, Arc::default(), Some(Box::default()))?;
        Ok(MediaEndpoint::new(parts, processor, shared, Arc::clone(&self.registry)))
    }

    fn create(&self, params: MediaSessionParams, advanced: bool) -> Result<MediaSession, EngineError> {
        let draft = self.draft(params, advanced, SAMPLE_RATE)?;
        let mut rtp = draft.maker.params.rtp.clone();
        if !draft.processor.uses_vectors() {
            rtp.codec_level = rtp.codec_level.or(Some(CodecLevel::Scalar));
        }
        let pipeline = RtpPipeline::new(&rtp, Arc::clone(&draft.metrics))?;
        let (processor, shared) = self.admit(draft, Arc::clone(pipeline.counters()), None)?;
        Ok(MediaSession::new(pipeline, processor, shared, Arc::clone(&self.registry)))
    }

    /// Makes the processors of a session, for audio at `rate`.
    fn draft(
        &self,
        params: MediaSessionParams,
        advanced: bool,
        rate: SampleRate,
    ) -> Result<Draft, ConfigError> {
        let metrics = Arc::new(MetricsCollector::counting(self.config.performance.time_one_in));
        let monitor = Arc::<ProcessorMonitor>::default();
        let (engine, factory) = (Arc::clone(&self.config), self.factory.clone());
        let maker = ProcessorMaker { engine, factory, params, rate, advanced };
        let processor = maker.make(Arc::clone(&metrics), Arc::clone(&monitor))?;
        Ok(Draft { maker, processor, metrics, monitor })
    }

    /// Makes a session of a draft, if there may be one more.
    fn admit(
        &self,
        draft: Draft,
        counters: Arc<PacketCounters>,
        endpoint: Option<Box<EndpointMonitor>>,
    ) -> Result<(AudioProcessor, Arc<SessionShared>), EngineError> {
        let Draft { maker, processor, metrics, monitor } = draft;
        let shared = self.registry.admit(self.config.max_sessions, |id| {
            SessionShared::new(id, metrics, counters, monitor, maker, endpoint)
        })?;
        tracing::debug!(session = %shared.id, "media session started");
        Ok((processor, shared))
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &MediaEngineConfig {
        &self.config
    }

    /// Frames of up to 960 samples for audio that moves between threads; `None` without
    /// [frame pooling](crate::PerformanceConfig::enable_frame_pooling).
    #[must_use]
    pub const fn frame_pool(&self) -> Option<&SharedFramePool<f32>> {
        self.frames.as_ref()
    }

    /// The sample kernels of its sessions that do not choose their own.
    #[must_use]
    pub const fn simd(&self) -> &SimdProcessor {
        &self.simd
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

    /// [`metrics`](Self::metrics), at most once in each
    /// [interval](crate::PerformanceConfig::metrics_collection_interval_ms) of the caller's time: for a
    /// housekeeping loop, of one thread or several.
    #[must_use]
    pub fn collect_metrics(&self, now_ms: u64) -> Option<MediaMetrics> {
        let last = self.collected_ms.load(Ordering::Relaxed);
        let interval = self.config.performance.metrics_collection_interval_ms;
        if last != NEVER && now_ms.saturating_sub(last) < interval {
            return None;
        }
        let mine = self.collected_ms.compare_exchange(last, now_ms, Ordering::Relaxed, Ordering::Relaxed);
        mine.is_ok().then(|| self.metrics())
    }
}
