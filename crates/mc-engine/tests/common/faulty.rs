//! Processors that fail when they are told to, and the factory that makes them.

use mc_engine::{
    AdvancedProcessorFactory, EchoCanceller, EchoReport, GainControl, GainReport, ProcessError, Processor,
    SampleRate, VoiceActivity, VoiceDetector,
};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error that says the state is lost; the audio is left alone.
    Error,
    /// No error, and samples (or a probability) that are no numbers.
    NotANumber,
}

/// Does nothing to the audio but delay it by `delay` samples; fails from frame `fails_at` on, until it is reset.
pub(crate) struct Faulty {
    delayed: std::collections::VecDeque<f32>,
    frames: usize,
    fails_at: usize,
    fault: Fault,
}

impl Faulty {
    pub(crate) fn new(fault: Fault, fails_at: usize, delay: usize) -> Self {
        Self { delayed: std::iter::repeat_n(0.0, delay).collect(), frames: 0, fails_at, fault }
    }

    /// Whether this frame fails.
    fn count(&mut self) -> bool {
        self.frames += 1;
        self.frames > self.fails_at
    }
}

impl Processor for Faulty {
    fn sample_rate(&self) -> SampleRate {
        SampleRate::Hz8000
    }
    fn latency_samples(&self) -> usize {
        self.delayed.len()
    }
    fn state_bytes(&self) -> usize {
        size_of::<Self>()
    }
    fn reset(&mut self) {
        self.frames = 0;
    }
}

impl EchoCanceller for Faulty {
    fn render(&mut self, _far_end: &[f32]) -> Result<(), ProcessError> {
        Ok(())
    }
    fn process(&mut self, near_end: &mut [f32]) -> Result<EchoReport, ProcessError> {
        match (self.count(), self.fault) {
            (true, Fault::Error) => return Err(ProcessError::NonFiniteState),
            (true, Fault::NotANumber) => near_end.fill(f32::NAN),
            (false, _) if self.delayed.is_empty() => {}
            (false, _) => {
                for sample in near_end.iter_mut() {
                    let late = self.delayed.pop_front().unwrap_or_default();
                    self.delayed.push_back(*sample);
                    *sample = late;
                }
            }
        }
        Ok(EchoReport::new(Some(1.0), false, false))
    }
}

impl VoiceDetector for Faulty {
    fn process(&mut self, _frame: &[f32]) -> Result<VoiceActivity, ProcessError> {
        match (self.count(), self.fault) {
            (true, Fault::Error) => Err(ProcessError::NonFiniteState),
            (true, Fault::NotANumber) => Ok(VoiceActivity::new(f32::NAN, true)),
            (false, _) => Ok(VoiceActivity::new(0.75, true)),
        }
    }
}

impl GainControl for Faulty {
    fn process(&mut self, frame: &mut [f32], _speech: Option<f32>) -> Result<GainReport, ProcessError> {
        match (self.count(), self.fault) {
            (true, Fault::Error) => return Err(ProcessError::NonFiniteState),
            (true, Fault::NotANumber) => frame.fill(f32::INFINITY),
            (false, _) => {}
        }
        Ok(GainReport::new(0.0, 0.0, -20.0, -20.0))
    }
}

/// Makes processors that fail after `fails_at` good frames.
pub(crate) fn faulty_factory(fault: Fault, fails_at: usize, delay: usize) -> AdvancedProcessorFactory {
    AdvancedProcessorFactory::default()
        .with_echo_canceller(move |_, _| Ok(Box::new(Faulty::new(fault, fails_at, delay))))
        .with_voice_detector(move |_, _| Ok(Box::new(Faulty::new(fault, fails_at, 0))))
        .with_gain_control(move |_, _| Ok(Box::new(Faulty::new(fault, fails_at, 0))))
}
