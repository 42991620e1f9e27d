//! The one place where processors are made.

use std::fmt;
use std::sync::Arc;

use mc_dsp::{ConfigError, EchoCanceller, GainControl, Processor, SampleRate, VoiceDetector};
use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};
use mc_dsp_v2::{
    AdvancedAcousticEchoCanceller, AdvancedAecConfig, AdvancedAgcConfig, AdvancedAutomaticGainControl,
    AdvancedVadConfig, AdvancedVoiceActivityDetector,
};

/// Makes the processors of sessions: those of `mc-dsp-v2`, or an application's own in their place, and those of
/// `mc-dsp-v1`.
///
/// An application's own processor gets the same configuration as ours would. It is watched more closely: a copy of
/// each frame is kept, so that nothing it writes by mistake is heard
/// (see [`fallback_to_v1_on_error`](crate::AdvancedProcessingConfig::fallback_to_v1_on_error)).
///
/// ```
/// use mc_engine::{AdvancedProcessorFactory, AdvancedVadConfig, MediaEngine, MediaEngineConfig, SampleRate};
/// use mc_engine::{AdvancedVoiceActivityDetector, VoiceDetector};
///
/// // Any type that implements the trait does.
/// let factory = AdvancedProcessorFactory::default().with_voice_detector(|config: &AdvancedVadConfig, rate| {
///     let patient = config.clone().with_hangover_ms(500);
///     Ok(Box::new(AdvancedVoiceActivityDetector::new(patient, rate)?) as Box<dyn VoiceDetector>)
/// });
/// let engine = MediaEngine::with_factory(MediaEngineConfig::default(), factory)?;
/// # Ok::<(), mc_engine::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct AdvancedProcessorFactory {
    echo: Option<Maker<dyn EchoCanceller, AdvancedAecConfig>>,
    voice: Option<Maker<dyn VoiceDetector, AdvancedVadConfig>>,
    gain: Option<Maker<dyn GainControl, AdvancedAgcConfig>>,
}

type Maker<P, C> = Arc<dyn Fn(&C, SampleRate) -> Result<Box<P>, ConfigError> + Send + Sync>;

/// A processor, and whether it is an application's own.
pub(crate) struct Made<P: ?Sized> {
    pub(crate) processor: Box<P>,
    pub(crate) foreign: bool,
}

impl AdvancedProcessorFactory {
    /// Has echo cancellers of the second generation made by `make`.
    #[must_use]
    pub fn with_echo_canceller(
        mut self,
        make: impl Fn(&AdvancedAecConfig, SampleRate) -> Result<Box<dyn EchoCanceller>, ConfigError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.echo = Some(Arc::new(make));
        self
    }

    /// Has voice detectors of the second generation made by `make`.
    #[must_use]
    pub fn with_voice_detector(
        mut self,
        make: impl Fn(&AdvancedVadConfig, SampleRate) -> Result<Box<dyn VoiceDetector>, ConfigError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.voice = Some(Arc::new(make));
        self
    }

    /// Has gain controls of the second generation made by `make`.
    #[must_use]
    pub fn with_gain_control(
        mut self,
        make: impl Fn(&AdvancedAgcConfig, SampleRate) -> Result<Box<dyn GainControl>, ConfigError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.gain = Some(Arc::new(make));
        self
    }

    pub(crate) fn echo_canceller(
        &self,
        config: &AdvancedAecConfig,
        rate: SampleRate,
    ) -> Result<Made<dyn EchoCanceller>, ConfigError> {
        if let Some(make) = &self.echo {
            return checked(make(config, rate)?, rate);
        }
        let processor = AdvancedAcousticEchoCanceller::new(*config, rate)?;
        Ok(Made { processor: Box::new(processor), foreign: false })
    }

    pub(crate) fn voice_detector(
        &self,
        config: &AdvancedVadConfig,
        rate: SampleRate,
    ) -> Result<Made<dyn VoiceDetector>, ConfigError> {
        if let Some(make) = &self.voice {
            return checked(make(config, rate)?, rate);
        }
        let processor = AdvancedVoiceActivityDetector::new(config.clone(), rate)?;
        Ok(Made { processor: Box::new(processor), foreign: false })
    }

    pub(crate) fn gain_control(
        &self,
        config: &AdvancedAgcConfig,
        rate: SampleRate,
    ) -> Result<Made<dyn GainControl>, ConfigError> {
        if let Some(make) = &self.gain {
            return checked(make(config, rate)?, rate);
        }
        let processor = AdvancedAutomaticGainControl::new(config.clone(), rate)?;
        Ok(Made { processor: Box::new(processor), foreign: false })
    }

    pub(crate) fn simple_echo_canceller(
        config: AecConfig,
        rate: SampleRate,
    ) -> Result<Box<dyn EchoCanceller>, ConfigError> {
        Ok(Box::new(AcousticEchoCanceller::new(config, rate)?))
    }

    pub(crate) fn simple_voice_detector(
        config: VadConfig,
        rate: SampleRate,
    ) -> Result<Box<dyn VoiceDetector>, ConfigError> {
        Ok(Box::new(VoiceActivityDetector::new(config, rate)?))
    }

    pub(crate) fn simple_gain_control(
        config: AgcConfig,
        rate: SampleRate,
    ) -> Result<Box<dyn GainControl>, ConfigError> {
        Ok(Box::new(AutomaticGainControl::new(config, rate)?))
    }
}

/// An application's own processor, if it is for the rate that was asked for.
fn checked<P: Processor + ?Sized>(processor: Box<P>, rate: SampleRate) -> Result<Made<P>, ConfigError> {
    let made_for = processor.sample_rate();
    if made_for == rate {
        Ok(Made { processor, foreign: true })
    } else {
        Err(ConfigError::new("sample_rate_hz", made_for.hz(), "the rate that the session asked for"))
    }
}

impl fmt::Debug for AdvancedProcessorFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdvancedProcessorFactory")
            .field("own_echo_canceller", &self.echo.is_some())
            .field("own_voice_detector", &self.voice.is_some())
            .field("own_gain_control", &self.gain.is_some())
            .finish()
    }
}
