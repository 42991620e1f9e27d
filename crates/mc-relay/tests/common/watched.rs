//! Processors that are counted while they live, and fail when they are told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mc_engine::{
    AdvancedAecConfig, AdvancedAgcConfig, AdvancedProcessorFactory, AdvancedVadConfig, ConfigError,
    EchoCanceller, EchoReport, GainControl, GainReport, ProcessError, Processor, SampleRate, VoiceActivity,
    VoiceDetector,
};

/// How many processors there are; the configurations that they were made with.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    alive: Arc<AtomicUsize>,
    pub(crate) made: Arc<std::sync::Mutex<Vec<Made>>>,
}

/// What one processor was made with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Made {
    Echo(AdvancedAecConfig),
    Voice(AdvancedVadConfig),
    Gain(AdvancedAgcConfig),
}

impl Watch {
    pub(crate) fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }

    /// Makes processors that fail from frame `fails_at` on.
    pub(crate) fn factory(&self, fails_at: usize) -> AdvancedProcessorFactory {
        let [echo, voice, gain] = [(); 3].map(|()| self.clone());
        AdvancedProcessorFactory::default()
            .with_echo_canceller(move |config, rate| {
                Ok(Box::new(echo.make(Made::Echo(*config), fails_at, rate)?))
            })
            .with_voice_detector(move |config, rate| {
                Ok(Box::new(voice.make(Made::Voice(config.clone()), fails_at, rate)?))
            })
            .with_gain_control(move |config, rate| {
                Ok(Box::new(gain.make(Made::Gain(config.clone()), fails_at, rate)?))
            })
    }

    fn make(&self, made: Made, fails_at: usize, rate: SampleRate) -> Result<Watched, ConfigError> {
        self.made.lock().unwrap().push(made);
        self.alive.fetch_add(1, Ordering::SeqCst);
        Ok(Watched { watch: self.clone(), rate, frames: 0, fails_at })
    }
}

struct Watched {
    watch: Watch,
    rate: SampleRate,
    frames: usize,
    fails_at: usize,
}

impl Watched {
    fn count(&mut self) -> Result<(), ProcessError> {
        self.frames += 1;
        if self.frames > self.fails_at { Err(ProcessError::NonFiniteState) } else { Ok(()) }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Processor for Watched {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }
    fn latency_samples(&self) -> usize {
        0
    }
    fn state_bytes(&self) -> usize {
        size_of::<Self>()
    }
    fn reset(&mut self) {}
}

impl EchoCanceller for Watched {
    fn render(&mut self, _far_end: &[f32]) -> Result<(), ProcessError> {
        Ok(())
    }
    fn process(&mut self, _near_end: &mut [f32]) -> Result<EchoReport, ProcessError> {
        self.count().map(|()| EchoReport::new(None, true, false))
    }
}

impl VoiceDetector for Watched {
    fn process(&mut self, _frame: &[f32]) -> Result<VoiceActivity, ProcessError> {
        self.count().map(|()| VoiceActivity::new(1.0, true))
    }
}

impl GainControl for Watched {
    fn process(&mut self, _frame: &mut [f32], _speech: Option<f32>) -> Result<GainReport, ProcessError> {
        self.count().map(|()| GainReport::new(0.0, 0.0, -30.0, -30.0))
    }
}
