//! Real Fourier transforms into buffers of our own, without allocating.

use std::sync::Arc;

use mc_simd::RealSpectrum;
use rustfft::Fft;
use rustfft::num_complex::Complex32;

use crate::tables::halved::{self, Halved};

/// A complex number `[re, im]`.
pub(super) type Bin = [f32; 2];

/// Squared magnitude.
pub(super) fn power(bin: Bin) -> f32 {
    bin[0] * bin[0] + bin[1] * bin[1]
}

/// Forward and inverse transform of one length.
pub(super) struct Transform {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    real: Arc<RealSpectrum>,
    /// The time signal; between the complex transforms and `real` also what they hand over, in pairs.
    time: Box<[f32]>,
    pairs: Box<[Complex32]>,
    /// A spectrum in planes.
    planes: Box<[f32]>,
    scratch: Box<[Complex32]>,
}

impl Transform {
    /// For real signals of `length` samples, an even number.
    pub(super) fn new(length: usize) -> Self {
        let pairs = length / 2;
        let Halved { forward, inverse, real } = halved::of(pairs);
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        Self {
            real,
            time: vec![0.0; length].into(),
            pairs: vec![Complex32::default(); pairs].into(),
            planes: vec![0.0; length + 2].into(),
            scratch: vec![Complex32::default(); scratch].into(),
            forward,
            inverse,
        }
    }

    /// Values per spectrum.
    pub(super) fn bins(&self) -> usize {
        self.pairs.len() + 1
    }

    /// Spectrum of what `fill` writes into the zeroed time signal.
    pub(super) fn forward(&mut self, out: &mut [Bin], fill: impl FnOnce(&mut [f32])) {
        let mut planes = std::mem::take(&mut self.planes);
        self.forward_planes(&mut planes, fill);
        let (re, im) = planes.split_at(self.bins());
        for (out, (re, im)) in out.iter_mut().zip(re.iter().zip(im)) {
            *out = [*re, *im];
        }
        self.planes = planes;
    }

    /// [`forward`](Self::forward) into real parts followed by imaginary parts.
    pub(super) fn forward_planes(&mut self, out: &mut [f32], fill: impl FnOnce(&mut [f32])) {
        self.time.fill(0.0);
        fill(&mut self.time);
        self.time_to_planes(out);
    }

    fn time_to_planes(&mut self, out: &mut [f32]) {
        let Self { forward, real, time, pairs, scratch, .. } = self;
        transform_pairs(&**forward, time, pairs, scratch);
        real.unfold(time.as_chunks().0, out);
    }

    /// Time signal of `spectrum`, scaled so that it undoes [`forward`](Self::forward).
    pub(super) fn inverse(&mut self, spectrum: &[Bin]) -> &[f32] {
        let mut planes = std::mem::take(&mut self.planes);
        let (re, im) = planes.split_at_mut(spectrum.len());
        for ((re, im), bin) in re.iter_mut().zip(im).zip(spectrum) {
            [*re, *im] = *bin;
        }
        self.planes_to_time(&planes);
        self.planes = planes;
        &self.time
    }

    /// [`inverse`](Self::inverse) from real parts followed by imaginary parts.
    pub(super) fn inverse_planes(&mut self, spectrum: &[f32]) -> &[f32] {
        self.planes_to_time(spectrum);
        &self.time
    }

    fn planes_to_time(&mut self, spectrum: &[f32]) {
        let Self { inverse, real, time, pairs, scratch, .. } = self;
        real.fold(spectrum, 1.0 / pairs.len() as f32, time.as_chunks_mut().0);
        transform_pairs(&**inverse, time, pairs, scratch);
    }

    /// Removes from `spectrum` what the second half of its time signal adds to it.
    pub(super) fn keep_first_half(&mut self, spectrum: &mut [f32]) {
        self.planes_to_time(spectrum);
        let half = self.time.len() / 2;
        self.time[half..].fill(0.0);
        self.time_to_planes(spectrum);
    }

    /// Bytes of those tables: the transforms' hold about one complex number a pair, either way.
    pub(super) fn table_bytes(&self) -> usize {
        2 * size_of_val(&*self.pairs) + self.real.heap_bytes()
    }

    /// Bytes on the heap; the tables are shared by all transforms of this length.
    pub(super) fn heap_bytes(&self) -> usize {
        let complex = size_of_val(&*self.pairs) + size_of_val(&*self.scratch);
        complex + size_of_val(&*self.time) + size_of_val(&*self.planes)
    }
}

/// Transforms the pairs of `values`, in place.
fn transform_pairs(
    fft: &dyn Fft<f32>,
    values: &mut [f32],
    pairs: &mut [Complex32],
    scratch: &mut [Complex32],
) {
    for (pair, [re, im]) in pairs.iter_mut().zip(values.as_chunks::<2>().0) {
        *pair = Complex32::new(*re, *im);
    }
    fft.process_with_scratch(pairs, scratch);
    for (values, pair) in values.as_chunks_mut::<2>().0.iter_mut().zip(&*pairs) {
        *values = [pair.re, pair.im];
    }
}
