//! What sessions spend on speed and on watching themselves.

use mc_dsp::ConfigError;
use mc_pool::MAX_FRAMES;
use mc_simd::{SelectionPlan, SimdProcessor, Strategy};

/// Longest interval between two collections of metrics: an hour.
const MAX_INTERVAL_MS: u64 = 3_600_000;
/// Most frames that one session keeps.
const MAX_SESSION_FRAMES: usize = 1_024;

/// How frames are kept and sessions watched, where a session does not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PerformanceConfig {
    /// Default of [`use_zero_copy_frames`](crate::AudioProcessingConfig::use_zero_copy_frames): yes.
    pub enable_zero_copy: bool,
    /// Default of [`enable_simd_optimizations`](crate::AudioProcessingConfig::enable_simd_optimizations): yes.
    pub enable_simd_optimizations: bool,
    /// Whether frames that leave the packet path come from pools: the engine's and each session's. Without,
    /// each is allocated, and counted as such. Default: yes.
    pub enable_frame_pooling: bool,
    /// Frames of the [engine's pool](crate::MediaEngine::frame_pool), 1 to 2^20; it never grows. Default: 64.
    pub frame_pool_size: usize,
    /// Frames of each session's pool, 1 to 1024. Default: 4.
    pub session_pool_size: usize,
    /// Default of [`enable_performance_metrics`](crate::AudioProcessingConfig::enable_performance_metrics): yes.
    pub enable_performance_metrics: bool,
    /// How often [`MediaEngine::collect_metrics`](crate::MediaEngine::collect_metrics) collects, in
    /// milliseconds, 1 to 3,600,000. Default: 1000.
    pub metrics_collection_interval_ms: u64,
    /// Stages of a session with processors are timed on one packet in so many, given a clock that goes; 0 times none.
    /// Default: 1024, which with all counts costs 1 % of the cheapest packet that is decoded at all.
    pub time_one_in: u32,
    /// Strategies of the engine's kernels, as measured by
    /// [`SimdProcessor::calibrate`](mc_simd::SimdProcessor::calibrate). `None`, the default: vectors throughout.
    pub selection_plan: Option<SelectionPlan>,
}

impl Default for PerformanceConfig {
    fn default() -> Self {
        Self {
            enable_zero_copy: true,
            enable_simd_optimizations: true,
            enable_frame_pooling: true,
            frame_pool_size: 64,
            session_pool_size: 4,
            enable_performance_metrics: true,
            metrics_collection_interval_ms: 1_000,
            time_one_in: 1_024,
            selection_plan: None,
        }
    }
}

impl PerformanceConfig {
    /// Sets whether frames are processed where they lie.
    #[must_use]
    pub const fn with_zero_copy(mut self, enable: bool) -> Self {
        self.enable_zero_copy = enable;
        self
    }

    /// Sets whether the engine's sample kernels use vectors.
    #[must_use]
    pub const fn with_simd_optimizations(mut self, enable: bool) -> Self {
        self.enable_simd_optimizations = enable;
        self
    }

    /// Sets whether frames that leave the packet path come from pools.
    #[must_use]
    pub const fn with_frame_pooling(mut self, enable: bool) -> Self {
        self.enable_frame_pooling = enable;
        self
    }

    /// Sets the frames of the engine's pool.
    #[must_use]
    pub const fn with_frame_pool_size(mut self, frames: usize) -> Self {
        self.frame_pool_size = frames;
        self
    }

    /// Sets the frames of each session's pool.
    #[must_use]
    pub const fn with_session_pool_size(mut self, frames: usize) -> Self {
        self.session_pool_size = frames;
        self
    }

    /// Sets whether stages are timed and the processors' figures published.
    #[must_use]
    pub const fn with_performance_metrics(mut self, enable: bool) -> Self {
        self.enable_performance_metrics = enable;
        self
    }

    /// Sets how often the engine collects metrics, in milliseconds.
    #[must_use]
    pub const fn with_metrics_collection_interval_ms(mut self, interval_ms: u64) -> Self {
        self.metrics_collection_interval_ms = interval_ms;
        self
    }

    /// Sets how many packets go by for one whose stages are timed; 0 times none.
    #[must_use]
    pub const fn with_time_one_in(mut self, packets: u32) -> Self {
        self.time_one_in = packets;
        self
    }

    /// Sets the strategies of the engine's kernels.
    #[must_use]
    pub const fn with_selection_plan(mut self, plan: SelectionPlan) -> Self {
        self.selection_plan = Some(plan);
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(1..=MAX_FRAMES).contains(&self.frame_pool_size) {
            return Err(ConfigError::new("frame_pool_size", self.frame_pool_size, "1 to 2^20"));
        }
        if !(1..=MAX_SESSION_FRAMES).contains(&self.session_pool_size) {
            return Err(ConfigError::new("session_pool_size", self.session_pool_size, "1 to 1024"));
        }
        if !(1..=MAX_INTERVAL_MS).contains(&self.metrics_collection_interval_ms) {
            let interval = self.metrics_collection_interval_ms;
            return Err(ConfigError::new("metrics_collection_interval_ms", interval, "1 to 3600000 ms"));
        }
        self.vectors().map(drop)
    }

    /// The kernels, where vectors are wanted.
    fn vectors(&self) -> Result<SimdProcessor, ConfigError> {
        let Some(plan) = self.selection_plan else { return Ok(SimdProcessor::new()) };
        SimdProcessor::with_plan(plan)
            .map_err(|_| ConfigError::new("selection_plan", plan.level(), "of a level that this CPU has"))
    }

    /// The kernels with vectors or without.
    pub(crate) fn simd(&self, vectors: bool) -> SimdProcessor {
        // A configuration that was validated has a plan that fits.
        let simd = self.vectors().unwrap_or_default();
        if vectors { simd } else { simd.with_strategy(Strategy::Scalar) }
    }
}
