//! Audio files and the 10 ms frames they are processed in.

pub(crate) mod wav;

use mc_dsp::SampleRate;

/// Length of the frames that files are processed in, in milliseconds.
pub(crate) const FRAME_MS: u32 = 10;

/// Mono audio: samples in ±1.0.
#[derive(Clone, Debug)]
pub(crate) struct Audio {
    pub(crate) rate: SampleRate,
    pub(crate) samples: Vec<f32>,
}

impl Audio {
    /// Samples in 10 ms.
    pub(crate) fn frame_samples(&self) -> usize {
        self.rate.samples_in_ms(FRAME_MS)
    }

    /// The samples, with silence after the last one up to `frames` frames of 10 ms, or cut there.
    pub(crate) fn padded_to(&self, frames: usize) -> Vec<f32> {
        let mut samples = self.samples.clone();
        samples.resize(frames * self.frame_samples(), 0.0);
        samples
    }

    /// Frames of 10 ms that hold all samples, the last perhaps in part.
    pub(crate) fn frames(&self) -> usize {
        self.samples.len().div_ceil(self.frame_samples())
    }
}
