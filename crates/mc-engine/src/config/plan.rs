//! Every layer of configuration brought down to what one session does.

use mc_dsp_v1::{AecConfig, AgcConfig, VadConfig};
use mc_dsp_v2::{AdvancedAecConfig, AdvancedAgcConfig, AdvancedVadConfig};
use mc_simd::SimdProcessor;

use crate::{AudioProcessingConfig, MediaEngineConfig, MediaSessionParams, PerformanceLevel};

/// Longest echo path, in milliseconds, that the first generation models where it stands in: it is made with the session
/// and waits for a failure that may never come, so it must not take much.
const STAND_IN_TAIL_MS: u32 = 48;

/// What a session does, nothing left open.
#[derive(Clone, Debug)]
pub(crate) struct ProcessingPlan {
    pub(crate) echo: SlotPlan<AecConfig, AdvancedAecConfig>,
    pub(crate) voice: SlotPlan<VadConfig, AdvancedVadConfig>,
    pub(crate) gain: SlotPlan<AgcConfig, AdvancedAgcConfig>,
    pub(crate) fallback: bool,
    /// Whether vectors are wanted, and the engine's own kernels, with them or without.
    pub(crate) vectors: bool,
    pub(crate) simd: SimdProcessor,
    pub(crate) zero_copy: bool,
    /// Frames of the session's pool; `None` allocates each.
    pub(crate) pool_size: Option<usize>,
    pub(crate) metrics: bool,
    pub(crate) time_one_in: u32,
}

/// One processor: off without either, of the second generation where there is `advanced`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SlotPlan<S, A> {
    pub(crate) simple: Option<S>,
    pub(crate) advanced: Option<A>,
}

impl<S: Clone, A: Clone> SlotPlan<S, A> {
    /// `advanced` says whether the second generation was asked for; where nobody did, `by_default` decides, but
    /// switches nothing on.
    fn new(simple: Option<&S>, advanced: Option<bool>, by_default: bool, config: &A) -> Self {
        let advanced = advanced.unwrap_or(by_default && simple.is_some());
        Self { simple: simple.cloned(), advanced: advanced.then(|| config.clone()) }
    }
}

impl<S, A> SlotPlan<S, A> {
    pub(crate) const fn is_on(&self) -> bool {
        self.simple.is_some() || self.advanced.is_some()
    }
}

impl ProcessingPlan {
    /// What a session of `engine` with `params` does. `advanced` is the engine's opinion on generations, where
    /// the session has none.
    pub(crate) fn new(engine: &MediaEngineConfig, params: &MediaSessionParams, advanced: bool) -> Self {
        let AudioProcessingConfig {
            echo_cancellation,
            voice_detection,
            gain_control,
            use_advanced_aec,
            advanced_aec_config,
            use_advanced_vad,
            advanced_vad_config,
            use_advanced_agc,
            advanced_agc_config,
            enable_simd_optimizations,
            use_zero_copy_frames,
            enable_performance_metrics,
        } = params.audio_processing_config.as_ref().unwrap_or(&engine.processing);
        let defaults = &engine.advanced_processing;
        let performance = &engine.performance;
        let level = params.performance_optimization_level;
        let advanced = match level {
            PerformanceLevel::Economy => false,
            PerformanceLevel::Balanced => advanced,
            PerformanceLevel::Maximum => true,
        };
        let mut echo = SlotPlan::new(
            echo_cancellation.as_ref(),
            use_advanced_aec.or(params.enable_advanced_echo_cancellation),
            advanced,
            advanced_aec_config.as_ref().unwrap_or(&defaults.advanced_aec_config),
        );
        if let (Some(stand_in), Some(_)) = (&mut echo.simple, &echo.advanced) {
            stand_in.tail_ms = stand_in.tail_ms.min(STAND_IN_TAIL_MS);
        }
        let vectors = enable_simd_optimizations.unwrap_or(performance.enable_simd_optimizations);
        let watched = performance.enable_performance_metrics && level != PerformanceLevel::Economy;
        Self {
            echo,
            voice: SlotPlan::new(
                voice_detection.as_ref(),
                use_advanced_vad.or(params.enable_spectral_vad),
                advanced,
                advanced_vad_config.as_ref().unwrap_or(&defaults.advanced_vad_config),
            ),
            gain: SlotPlan::new(
                gain_control.as_ref(),
                use_advanced_agc.or(params.enable_multi_band_agc),
                advanced,
                advanced_agc_config.as_ref().unwrap_or(&defaults.advanced_agc_config),
            ),
            fallback: defaults.fallback_to_v1_on_error,
            vectors,
            simd: performance.simd(vectors),
            zero_copy: use_zero_copy_frames.unwrap_or(performance.enable_zero_copy),
            pool_size: performance.enable_frame_pooling.then_some(performance.session_pool_size),
            metrics: enable_performance_metrics.unwrap_or(watched),
            time_one_in: performance.time_one_in,
        }
    }

    /// Whether any processor is on.
    pub(crate) const fn works(&self) -> bool {
        self.echo.is_on() || self.voice.is_on() || self.gain.is_on()
    }
}
