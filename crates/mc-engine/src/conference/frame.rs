//! One tick of audio, laid out for vectors.

use std::ops::{Deref, DerefMut};

/// Length of a cache line, in bytes and samples: a vector that lies across two costs two accesses.
const LINE_BYTES: usize = 64;
const LINE: usize = LINE_BYTES / size_of::<f32>();

/// Samples that begin at a cache line.
#[derive(Debug)]
pub(super) struct Frame {
    /// The samples, with what lies before the first whole line and behind the last sample.
    memory: Box<[f32]>,
    first: usize,
    samples: usize,
}

impl Frame {
    /// So many samples of silence, or of another constant.
    pub(super) fn filled(value: f32, samples: usize) -> Self {
        let memory = vec![value; samples + LINE].into_boxed_slice();
        let first = memory.as_ptr().align_offset(LINE_BYTES).min(LINE);
        Self { memory, first, samples }
    }
}

impl Deref for Frame {
    type Target = [f32];

    #[inline]
    fn deref(&self) -> &[f32] {
        &self.memory[self.first..self.first + self.samples]
    }
}

impl DerefMut for Frame {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.first..self.first + self.samples]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_its_length_and_begins_at_a_line() {
        for samples in [1, 40, 160, 2_880] {
            let frame = Frame::filled(0.5, samples);
            assert_eq!(frame[..], vec![0.5; samples]);
            assert_eq!(frame.as_ptr() as usize % LINE_BYTES, 0);
        }
    }
}
