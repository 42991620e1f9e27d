//! Voice activity detection.

use crate::{ProcessError, Processor};

/// Says whether there is speech. It listens only: audio passes unchanged and undelayed, and
/// [`Processor::latency_samples`] is the delay of the decision.
pub trait VoiceDetector: Processor {
    /// Hears one frame (f32 mono, ±1.0).
    ///
    /// # Errors
    /// [`ProcessError::FrameLength`] when the frame is not 2.5 to 60 ms long;
    /// [`ProcessError::NonFiniteState`] when the state must be reset.
    fn process(&mut self, frame: &[f32]) -> Result<VoiceActivity, ProcessError>;
}

/// The detector's opinion at the end of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct VoiceActivity {
    /// Probability of speech, 0 to 1, before hysteresis and hangover.
    pub probability: f32,
    /// The decision, hysteresis and hangover included.
    pub is_speech: bool,
}

impl VoiceActivity {
    /// An opinion on one frame.
    #[must_use]
    pub const fn new(probability: f32, is_speech: bool) -> Self {
        Self { probability, is_speech }
    }
}
