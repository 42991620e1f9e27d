//! The 32 ms spectrum that all features are made of.

use std::sync::Arc;

use mc_dsp::SampleRate;
use realfft::RealToComplex;
use realfft::num_complex::Complex32;

use crate::tables::real;

/// Bins of 31.25 Hz that are looked at: 0 to 3.8 kHz, the same at every sample rate.
pub(crate) const BINS: usize = 122;

/// Width of a bin in Hz.
pub(crate) const BIN_HZ: f32 = 31.25;

/// Length of the analysis window in milliseconds.
const WINDOW_MS: u32 = 32;

/// Sliding Hann-windowed spectrum of the newest 32 ms.
pub(crate) struct Spectrum {
    window: Box<[f32]>,
    windowed: Box<[f32]>,
    transform: Arc<dyn RealToComplex<f32>>,
    output: Box<[Complex32]>,
    scratch: Box<[Complex32]>,
}

impl Spectrum {
    pub(crate) fn new(rate: SampleRate) -> Self {
        let length = rate.samples_in_ms(WINDOW_MS);
        let transform = real::forward(length);
        let output = transform.make_output_vec().into_boxed_slice();
        let scratch = transform.make_scratch_vec().into_boxed_slice();
        // 1 / length makes the bins' power independent of the rate. apodize's windows are symmetric:
        // of length + 1 points the last is left out for a periodic one.
        let scale = 1.0 / length as f64;
        let window = apodize::hanning_iter(length + 1).take(length).map(|w| (w * scale) as f32).collect();
        Self { window, windowed: vec![0.0; length].into(), transform, output, scratch }
    }

    /// Samples in the window.
    pub(crate) fn length(&self) -> usize {
        self.window.len()
    }

    /// Memory on the heap in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.window)
            + size_of_val(&*self.windowed)
            + size_of_val(&*self.output)
            + size_of_val(&*self.scratch)
    }

    /// The lowest [`BINS`] bins of `newest` (the last 32 ms, oldest first).
    pub(crate) fn analyse(&mut self, newest: &[f32]) -> &[Complex32] {
        for ((out, x), w) in self.windowed.iter_mut().zip(newest).zip(&self.window) {
            *out = x * w;
        }
        // The buffers have the lengths that the transform asked for, so it cannot refuse.
        let done =
            self.transform.process_with_scratch(&mut self.windowed, &mut self.output, &mut self.scratch);
        debug_assert!(done.is_ok());
        &self.output[..BINS]
    }
}
