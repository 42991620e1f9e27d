//! What all three kinds of processor have in common.

use crate::{ProcessError, SampleRate};

/// A voice processor: made once, then fed frame by frame without allocating.
///
/// Implementations own their state and are `Send`, so that a session can move between threads; they
/// are used by one thread at a time.
pub trait Processor: Send {
    /// The rate it was made for.
    fn sample_rate(&self) -> SampleRate;

    /// Delay that it adds to the audio, in samples.
    fn latency_samples(&self) -> usize;

    /// Memory of one instance in bytes, heap included.
    fn state_bytes(&self) -> usize;

    /// Memory of constant tables that all instances share, such as a trained network, in bytes.
    fn model_bytes(&self) -> usize {
        0
    }

    /// Back to the state after construction, keeping configuration and memory.
    fn reset(&mut self);
}

/// Checks a frame's length against the 2.5 to 60 ms that every processor takes.
///
/// # Errors
/// [`ProcessError::FrameLength`].
pub fn check_frame(rate: SampleRate, samples: usize) -> Result<(), ProcessError> {
    let (min, max) = (rate.min_frame_samples(), rate.max_frame_samples());
    if (min..=max).contains(&samples) { Ok(()) } else { Err(ProcessError::FrameLength { samples, min, max }) }
}
