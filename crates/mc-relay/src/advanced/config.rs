//! Which processors a dialog gets.

use mc_engine::{
    AdvancedAecConfig, AdvancedAgcConfig, AdvancedVadConfig, AecConfig, AgcConfig, AudioProcessingConfig,
    SampleRate, VadConfig,
};

/// The processors of the second generation on both legs of a dialog. By default all of them work, each with its
/// defaults.
///
/// The first generation, with its defaults, stands in for one that fails, where the engine
/// [allows it](mc_engine::AdvancedProcessingConfig::fallback_to_v1_on_error).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AdvancedProcessorConfig {
    /// The echo canceller of each leg, whose reference is what the other leg says; `None` is without.
    pub advanced_aec_config: Option<AdvancedAecConfig>,
    /// The voice detector of each leg; `None` is without.
    pub advanced_vad_config: Option<AdvancedVadConfig>,
    /// The gain control of each leg; `None` is without.
    pub advanced_agc_config: Option<AdvancedAgcConfig>,
    /// Rate of the audio that callers with their own transport bring; calls over RTP have 8 kHz.
    /// Default: 8 kHz.
    pub sample_rate: SampleRate,
}

impl Default for AdvancedProcessorConfig {
    fn default() -> Self {
        Self {
            advanced_aec_config: Some(AdvancedAecConfig::default()),
            advanced_vad_config: Some(AdvancedVadConfig::default()),
            advanced_agc_config: Some(AdvancedAgcConfig::default()),
            sample_rate: SampleRate::Hz8000,
        }
    }
}

impl AdvancedProcessorConfig {
    /// Sets the echo cancellers; `None` is without.
    #[must_use]
    pub fn with_advanced_aec(mut self, config: impl Into<Option<AdvancedAecConfig>>) -> Self {
        self.advanced_aec_config = config.into();
        self
    }

    /// Sets the voice detectors; `None` is without.
    #[must_use]
    pub fn with_advanced_vad(mut self, config: impl Into<Option<AdvancedVadConfig>>) -> Self {
        self.advanced_vad_config = config.into();
        self
    }

    /// Sets the gain controls; `None` is without.
    #[must_use]
    pub fn with_advanced_agc(mut self, config: impl Into<Option<AdvancedAgcConfig>>) -> Self {
        self.advanced_agc_config = config.into();
        self
    }

    /// Sets the rate of the audio that callers with their own transport bring.
    #[must_use]
    pub const fn with_sample_rate(mut self, sample_rate: SampleRate) -> Self {
        self.sample_rate = sample_rate;
        self
    }

    /// The same in the engine's words, stand-ins included.
    #[must_use]
    pub fn processing(&self) -> AudioProcessingConfig {
        let Self { advanced_aec_config: echo, advanced_vad_config: voice, advanced_agc_config: gain, .. } =
            self;
        let mut processing = AudioProcessingConfig::default()
            .with_echo_cancellation(echo.map(|_| AecConfig::default()))
            .with_voice_detection(voice.as_ref().map(|_| VadConfig::default()))
            .with_gain_control(gain.as_ref().map(|_| AgcConfig::default()))
            .with_use_advanced_aec(echo.is_some())
            .with_use_advanced_vad(voice.is_some())
            .with_use_advanced_agc(gain.is_some());
        processing.advanced_aec_config = *echo;
        processing.advanced_vad_config.clone_from(voice);
        processing.advanced_agc_config.clone_from(gain);
        processing
    }
}
