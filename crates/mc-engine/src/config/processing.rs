//! Which processors work on one session's audio.

use mc_dsp::ConfigError;
use mc_dsp_v1::{AecConfig, AgcConfig, VadConfig};
use mc_dsp_v2::{AdvancedAecConfig, AdvancedAgcConfig, AdvancedVadConfig};

/// Which voice processors work, in which generation, and how.
///
/// A processor is on when its configuration of the first generation is there, or when its second generation is
/// asked for; off is the default, so that audio changes only where somebody wants it to. Where the second
/// generation works, the first one's configuration is that of the
/// [stand-in](crate::AdvancedProcessingConfig::fallback_to_v1_on_error).
///
/// `None` in any other field leaves the decision to the session, and then to the engine.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AudioProcessingConfig {
    /// Removes the echo of what was sent to the leg from what the leg sends. Where it stands in for the second
    /// generation, its tail is 48 ms at most.
    pub echo_cancellation: Option<AecConfig>,
    /// Finds speech. The gain control then goes by its opinion instead of its own.
    pub voice_detection: Option<VadConfig>,
    /// Brings speech to its target level.
    pub gain_control: Option<AgcConfig>,
    /// Whether the echo canceller of `mc-dsp-v2` works instead of that of `mc-dsp-v1`.
    pub use_advanced_aec: Option<bool>,
    /// Configuration of that echo canceller.
    pub advanced_aec_config: Option<AdvancedAecConfig>,
    /// Whether the voice detector of `mc-dsp-v2` works instead of that of `mc-dsp-v1`.
    pub use_advanced_vad: Option<bool>,
    /// Configuration of that voice detector.
    pub advanced_vad_config: Option<AdvancedVadConfig>,
    /// Whether the gain control of `mc-dsp-v2` works instead of that of `mc-dsp-v1`.
    pub use_advanced_agc: Option<bool>,
    /// Configuration of that gain control.
    pub advanced_agc_config: Option<AdvancedAgcConfig>,
    /// Whether the codec and the engine's own sample kernels (crossfades, checks) use vectors. Processors choose
    /// for themselves. The codec's choice is made when the session begins.
    pub enable_simd_optimizations: Option<bool>,
    /// Whether frames are processed where they lie. Without, each is copied to a frame of the session's pool
    /// and back, which the metrics count; what is heard is the same.
    pub use_zero_copy_frames: Option<bool>,
    /// Whether stages are timed and the processors' figures published.
    pub enable_performance_metrics: Option<bool>,
}

impl AudioProcessingConfig {
    /// Every processor, each with its defaults, in the generation that the session and the engine choose.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
            .with_echo_cancellation(AecConfig::default())
            .with_voice_detection(VadConfig::default())
            .with_gain_control(AgcConfig::default())
    }

    /// Sets the echo canceller; `None` switches it off, unless its second generation is asked for.
    #[must_use]
    pub fn with_echo_cancellation(mut self, config: impl Into<Option<AecConfig>>) -> Self {
        self.echo_cancellation = config.into();
        self
    }

    /// Sets the voice detector; `None` switches it off, unless its second generation is asked for.
    #[must_use]
    pub fn with_voice_detection(mut self, config: impl Into<Option<VadConfig>>) -> Self {
        self.voice_detection = config.into();
        self
    }

    /// Sets the gain control; `None` switches it off, unless its second generation is asked for.
    #[must_use]
    pub fn with_gain_control(mut self, config: impl Into<Option<AgcConfig>>) -> Self {
        self.gain_control = config.into();
        self
    }

    /// Sets the generation of the echo canceller.
    #[must_use]
    pub const fn with_use_advanced_aec(mut self, advanced: bool) -> Self {
        self.use_advanced_aec = Some(advanced);
        self
    }

    /// Sets the configuration of the second generation's echo canceller.
    #[must_use]
    pub const fn with_advanced_aec_config(mut self, config: AdvancedAecConfig) -> Self {
        self.advanced_aec_config = Some(config);
        self
    }

    /// Sets the generation of the voice detector.
    #[must_use]
    pub const fn with_use_advanced_vad(mut self, advanced: bool) -> Self {
        self.use_advanced_vad = Some(advanced);
        self
    }

    /// Sets the configuration of the second generation's voice detector.
    #[must_use]
    pub fn with_advanced_vad_config(mut self, config: AdvancedVadConfig) -> Self {
        self.advanced_vad_config = Some(config);
        self
    }

    /// Sets the generation of the gain control.
    #[must_use]
    pub const fn with_use_advanced_agc(mut self, advanced: bool) -> Self {
        self.use_advanced_agc = Some(advanced);
        self
    }

    /// Sets the configuration of the second generation's gain control.
    #[must_use]
    pub fn with_advanced_agc_config(mut self, config: AdvancedAgcConfig) -> Self {
        self.advanced_agc_config = Some(config);
        self
    }

    /// Sets whether the engine's own sample kernels use vectors.
    #[must_use]
    pub const fn with_simd_optimizations(mut self, enable: bool) -> Self {
        self.enable_simd_optimizations = Some(enable);
        self
    }

    /// Sets whether frames are processed where they lie.
    #[must_use]
    pub const fn with_zero_copy_frames(mut self, zero_copy: bool) -> Self {
        self.use_zero_copy_frames = Some(zero_copy);
        self
    }

    /// Sets whether stages are timed and the processors' figures published.
    #[must_use]
    pub const fn with_performance_metrics(mut self, enable: bool) -> Self {
        self.enable_performance_metrics = Some(enable);
        self
    }

    /// Checks every processor's configuration.
    ///
    /// # Errors
    /// [`ConfigError`] of the first processor that refuses its own.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.echo_cancellation.as_ref().map_or(Ok(()), AecConfig::validate)?;
        self.voice_detection.as_ref().map_or(Ok(()), VadConfig::validate)?;
        self.gain_control.as_ref().map_or(Ok(()), AgcConfig::validate)?;
        self.advanced_aec_config.as_ref().map_or(Ok(()), AdvancedAecConfig::validate)?;
        self.advanced_vad_config.as_ref().map_or(Ok(()), AdvancedVadConfig::validate)?;
        self.advanced_agc_config.as_ref().map_or(Ok(()), AdvancedAgcConfig::validate)
    }
}
