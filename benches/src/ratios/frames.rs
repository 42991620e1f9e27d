//! Samples placed as a pool places its frames.

use crate::input::SAMPLES;

/// Frames in use at once, as of a few sessions: kernels meet them in the first cache, where a packet's are.
const SESSIONS: usize = 4;

/// Frames of [`SAMPLES`], each at the start of a cache line.
#[repr(align(64))]
pub(super) struct Frames<T>([[T; SAMPLES]; SESSIONS]);

impl<T: Copy + Default> Frames<T> {
    /// The first frames of `samples`.
    pub(super) fn of(samples: &[T]) -> Self {
        let mut frames = [[T::default(); SAMPLES]; SESSIONS];
        frames.as_flattened_mut().iter_mut().zip(samples).for_each(|(to, from)| *to = *from);
        Self(frames)
    }

    /// The frame of the session whose turn it is.
    pub(super) fn get(&self, turn: usize) -> &[T] {
        &self.0[turn % SESSIONS]
    }

    /// The same, to be written.
    pub(super) fn get_mut(&mut self, turn: usize) -> &mut [T] {
        &mut self.0[turn % SESSIONS]
    }
}
