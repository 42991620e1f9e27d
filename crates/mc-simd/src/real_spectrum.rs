//! The spectrum of a real signal by a complex transform of half its length.
//!
//! Even samples go in as real parts, odd ones as imaginary parts. What comes out is the sum of both spectra, of
//! which one is even and the other odd, so that they can be told apart and put together again (Cooley, Lewis and
//! Welch, "The fast Fourier transform algorithm: programming considerations in the calculation of sine, cosine
//! and Laplace transforms", Journal of Sound and Vibration 12, 1970).

use crate::SimdProcessor;

/// What a transform of 2m real samples needs besides one of m complex numbers.
#[derive(Clone, Debug)]
pub struct RealSpectrum {
    simd: SimdProcessor,
    /// cos and -sin of the half circle in m steps, one plane after the other.
    turns: Box<[f32]>,
}

impl RealSpectrum {
    /// For `bins` complex numbers, that is `2 * bins` samples.
    #[must_use]
    pub fn new(bins: usize) -> Self {
        let angle = |bin: usize| std::f64::consts::PI * bin as f64 / bins as f64;
        let cosines = (0..bins).map(|bin| angle(bin).cos() as f32);
        let sines = (0..bins).map(|bin| -angle(bin).sin() as f32);
        Self { simd: SimdProcessor::new(), turns: cosines.chain(sines).collect() }
    }

    /// The same with a processor of another level.
    #[must_use]
    pub fn with_simd(self, simd: SimdProcessor) -> Self {
        Self { simd, ..self }
    }

    /// Complex numbers of the transform.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.turns.len() / 2
    }

    /// Makes of `half`, the transform of the pairs of samples, the spectrum from 0 to half the sample rate:
    /// `bins() + 1` real parts, then as many imaginary parts. Slices of other lengths are left alone.
    #[inline]
    pub fn unfold(&self, half: &[[f32; 2]], spectrum: &mut [f32]) {
        if half.len() != self.bins() || spectrum.len() != 2 * half.len() + 2 {
            return;
        }
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.simd.vectors().unfold)(half.as_flattened(), &self.turns, spectrum) };
    }

    /// Undoes [`unfold`](Self::unfold), times `scale`. The imaginary parts of the first and last bin count as 0.
    #[inline]
    pub fn fold(&self, spectrum: &[f32], scale: f32, half: &mut [[f32; 2]]) {
        if half.len() != self.bins() || spectrum.len() != 2 * half.len() + 2 {
            return;
        }
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.simd.vectors().fold)(spectrum, &self.turns, scale, half.as_flattened_mut()) };
    }

    /// Memory on the heap in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.turns)
    }
}
