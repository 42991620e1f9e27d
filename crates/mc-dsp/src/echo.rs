//! Acoustic and line echo cancellation.

use crate::{ProcessError, Processor};

/// Removes from the near end (microphone) what came from the far end (loudspeaker).
///
/// The two calls need not alternate: far-end audio may come in other frame lengths, in bursts or not
/// at all. Samples are f32 mono in ±1.0.
pub trait EchoCanceller: Processor {
    /// Takes the audio that is about to be played at the near end, as the reference.
    ///
    /// # Errors
    /// [`ProcessError::FrameLength`] when the frame is not 2.5 to 60 ms long.
    fn render(&mut self, far_end: &[f32]) -> Result<(), ProcessError>;

    /// Removes the echo from `near_end`, in place.
    ///
    /// # Errors
    /// [`ProcessError::FrameLength`] when the frame is not 2.5 to 60 ms long;
    /// [`ProcessError::NonFiniteState`] when the canceller must be reset. The audio is then unchanged.
    fn process(&mut self, near_end: &mut [f32]) -> Result<EchoReport, ProcessError>;
}

/// What the canceller did to one frame, measured on the audio.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EchoReport {
    /// Echo return loss enhancement of late: power of the near end in over out while the far end alone
    /// was active, in dB. `None` until it was.
    pub erle_db: Option<f32>,
    /// Whether the near end was taken to be talking during this frame, so that adaptation was held.
    pub near_end_active: bool,
    /// Whether the far end carried signal within the echo path's length.
    pub far_end_active: bool,
    /// Whether the canceller stood by, because nothing of the far end came back: all that it heard was the near end.
    pub standby: bool,
}

impl EchoReport {
    /// A report of one frame.
    #[must_use]
    pub const fn new(erle_db: Option<f32>, near_end_active: bool, far_end_active: bool) -> Self {
        Self { erle_db, near_end_active, far_end_active, standby: false }
    }

    /// The same, of a canceller that stood by or not.
    #[must_use]
    pub const fn with_standby(mut self, standby: bool) -> Self {
        self.standby = standby;
        self
    }
}
