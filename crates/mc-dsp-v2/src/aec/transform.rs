//! Real Fourier transforms into buffers of our own, without allocating.

use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// A complex number `[re, im]`.
pub(super) type Bin = [f32; 2];

/// Squared magnitude.
pub(super) fn power(bin: Bin) -> f32 {
    bin[0] * bin[0] + bin[1] * bin[1]
}

/// Forward and inverse transform of one length.
pub(super) struct Transform {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    time: Box<[f32]>,
    spectrum: Box<[Complex32]>,
    scratch: Box<[Complex32]>,
}

impl Transform {
    pub(super) fn new(length: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(length);
        let inverse = planner.plan_fft_inverse(length);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            time: forward.make_input_vec().into(),
            spectrum: forward.make_output_vec().into(),
            scratch: vec![Complex32::default(); scratch].into(),
            forward,
            inverse,
        }
    }

    /// Values per spectrum.
    pub(super) fn bins(&self) -> usize {
        self.spectrum.len()
    }

    /// Spectrum of what `fill` writes into the zeroed time signal.
    pub(super) fn forward(&mut self, out: &mut [Bin], fill: impl FnOnce(&mut [f32])) {
        self.time.fill(0.0);
        fill(&mut self.time);
        self.transform_time();
        for (out, bin) in out.iter_mut().zip(&self.spectrum) {
            *out = [bin.re, bin.im];
        }
    }

    /// [`forward`](Self::forward) into real parts followed by imaginary parts.
    pub(super) fn forward_planes(&mut self, out: &mut [f32], fill: impl FnOnce(&mut [f32])) {
        self.time.fill(0.0);
        fill(&mut self.time);
        self.time_to_planes(out);
    }

    fn time_to_planes(&mut self, out: &mut [f32]) {
        self.transform_time();
        let (re, im) = out.split_at_mut(self.spectrum.len());
        for ((re, im), bin) in re.iter_mut().zip(im).zip(&self.spectrum) {
            (*re, *im) = (bin.re, bin.im);
        }
    }

    fn transform_time(&mut self) {
        // The buffers have the lengths that the transform asked for, so it cannot refuse.
        let done = self.forward.process_with_scratch(&mut self.time, &mut self.spectrum, &mut self.scratch);
        debug_assert!(done.is_ok());
    }

    /// Time signal of `spectrum`, scaled so that it undoes [`forward`](Self::forward).
    pub(super) fn inverse(&mut self, spectrum: &[Bin]) -> &[f32] {
        for (bin, value) in self.spectrum.iter_mut().zip(spectrum) {
            *bin = Complex32::new(value[0], value[1]);
        }
        self.transform_spectrum()
    }

    /// [`inverse`](Self::inverse) from real parts followed by imaginary parts.
    pub(super) fn inverse_planes(&mut self, spectrum: &[f32]) -> &[f32] {
        let (re, im) = spectrum.split_at(self.spectrum.len());
        for (bin, (re, im)) in self.spectrum.iter_mut().zip(re.iter().zip(im)) {
            *bin = Complex32::new(*re, *im);
        }
        self.transform_spectrum()
    }

    fn transform_spectrum(&mut self) -> &[f32] {
        // A real signal has real first and last bins; the transform insists.
        if let [first, .., last] = &mut *self.spectrum {
            (first.im, last.im) = (0.0, 0.0);
        }
        let done = self.inverse.process_with_scratch(&mut self.spectrum, &mut self.time, &mut self.scratch);
        debug_assert!(done.is_ok());
        let scale = 1.0 / self.time.len() as f32;
        self.time.iter_mut().for_each(|sample| *sample *= scale);
        &self.time
    }

    /// Removes from `spectrum` what the second half of its time signal adds to it.
    pub(super) fn keep_first_half(&mut self, spectrum: &mut [f32]) {
        let half = self.inverse_planes(spectrum).len() / 2;
        self.time[half..].fill(0.0);
        self.time_to_planes(spectrum);
    }

    /// Bytes on the heap, the tables of the transforms (about two complex numbers a sample) included.
    pub(super) fn heap_bytes(&self) -> usize {
        let tables = 2 * self.time.len() * size_of::<Complex32>();
        size_of_val(&*self.time) + size_of_val(&*self.spectrum) + size_of_val(&*self.scratch) + tables
    }
}
