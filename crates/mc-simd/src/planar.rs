//! Spectra in planes: what an adaptive filter in the frequency domain does all day.

use crate::SimdProcessor;

/// What a block has taught a filter, and how its weights move by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// The error over its expected power: one spectrum.
    pub error: &'a [f32],
    /// Share of a weight's variance times the input's power that the block resolves, per bin.
    pub certainty: &'a [f32],
    /// Share of the variance that stays; the rest comes from the weight's power.
    pub kept: f32,
    /// Added to that power, so that a weight of 0 moves, too.
    pub floor: f32,
}

/// Spectra in planes: a spectrum of n bins is n real parts followed by n imaginary parts, and several lie one
/// after the other. What is left behind the last whole spectrum is ignored. Each part of a result is within
/// 12 · 2⁻²⁴ of the sum of the magnitudes that it adds. The plan has no say here: every strategy uses the
/// level's vectors.
impl SimdProcessor {
    /// Adds to the spectrum `acc` the products of the spectra of `a` and `b`: one partitioned filter.
    /// Returns how many pairs of spectra there were.
    #[inline]
    pub fn planar_mul_add(&self, acc: &mut [f32], a: &[f32], b: &[f32]) -> usize {
        let bins = acc.len() / 2;
        let spectra = whole(a.len().min(b.len()), 2 * bins);
        let len = 2 * bins * spectra;
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.vectors().planar_mul_add)(&mut acc[..2 * bins], &a[..len], &b[..len]) };
        spectra
    }

    /// Adds to `acc` the squared magnitudes of the spectra of `a`, each times its own part of `weights`, which
    /// has one value per bin and spectrum. Returns how many spectra there were.
    #[inline]
    pub fn planar_power_add(&self, acc: &mut [f32], weights: &[f32], a: &[f32]) -> usize {
        let bins = acc.len();
        let spectra = whole(weights.len(), bins).min(whole(a.len(), 2 * bins));
        let (weights, a) = (&weights[..bins * spectra], &a[..2 * bins * spectra]);
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.vectors().planar_power_add)(acc, weights, a) };
        spectra
    }

    /// Lets a Kalman filter per weight learn from one block. For the weight w of variance p, the input x behind
    /// it, the error e and the certainty c of its bin,
    ///
    /// - w' = w + p · conj(x) · e,
    /// - p' = kept · p · (1 − c · p · |x|²) + (1 − kept) · (|w'|² + floor).
    ///
    /// Returns how many spectra of weights were changed.
    #[inline]
    pub fn kalman_update(
        &self,
        weights: &mut [f32],
        variance: &mut [f32],
        input: &[f32],
        lesson: Lesson<'_>,
    ) -> usize {
        let bins = lesson.certainty.len().min(lesson.error.len() / 2);
        let spectra = whole(weights.len().min(input.len()), 2 * bins).min(whole(variance.len(), bins));
        let len = bins * spectra;
        let (weights, variance) = (&mut weights[..2 * len], &mut variance[..len]);
        let (error, certainty) = (&lesson.error[..2 * bins], &lesson.certainty[..bins]);
        let lesson = Lesson { error, certainty, ..lesson };
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.vectors().kalman_update)(weights, variance, &input[..2 * len], lesson) };
        spectra
    }
}

/// How many spectra of `len` fit into `values`.
#[inline]
fn whole(values: usize, len: usize) -> usize {
    values.checked_div(len).unwrap_or(0)
}
