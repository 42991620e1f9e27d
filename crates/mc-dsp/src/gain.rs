//! Automatic gain control.

use crate::{ProcessError, Processor};

/// Brings speech to a wanted level.
pub trait GainControl: Processor {
    /// Levels `frame` (f32 mono, ±1.0) in place.
    ///
    /// `speech_probability` (0 to 1) is a voice detector's opinion of this frame where the caller has
    /// one; with `None` the gain control decides for itself when there is speech.
    ///
    /// # Errors
    /// [`ProcessError::FrameLength`] when the frame is not 2.5 to 60 ms long;
    /// [`ProcessError::NonFiniteState`] when the state must be reset. The audio is then unchanged.
    fn process(
        &mut self,
        frame: &mut [f32],
        speech_probability: Option<f32>,
    ) -> Result<GainReport, ProcessError>;
}

/// What the gain control did to one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct GainReport {
    /// Gain at the end of the frame, in dB, the limiter's part left out.
    pub gain_db: f32,
    /// Most that the limiter took off within the frame, in dB (0 or more).
    pub limited_db: f32,
    /// RMS level of the frame as it came in, in dBFS.
    pub input_dbfs: f32,
    /// RMS level of the frame as it went out, in dBFS.
    pub output_dbfs: f32,
}

impl GainReport {
    /// A report of one frame.
    #[must_use]
    pub const fn new(gain_db: f32, limited_db: f32, input_dbfs: f32, output_dbfs: f32) -> Self {
        Self { gain_db, limited_db, input_dbfs, output_dbfs }
    }
}
