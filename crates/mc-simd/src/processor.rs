//! The kernels of the level that was chosen once.

use std::fmt;

use crate::arch::Kernels;
use crate::{SimdLevel, UnavailableLevel};

/// Sample kernels at one [`SimdLevel`]: a reference to a table of functions, chosen when it is made.
///
/// Slices may have any length and alignment. A kernel with two slices works on their common prefix, like
/// [`Iterator::zip`]; those that write return how many samples they wrote. Samples are f32 with full scale at
/// ±1.0, or i16.
///
/// The integer results and those of [`apply_gain`](Self::apply_gain) and [`mix_into`](Self::mix_into) are the
/// same bits at every level. Sums of products ([`dot`](Self::dot), [`energy`](Self::energy),
/// [`rms`](Self::rms)) are added in another order at each: for n samples the result is within
/// (n / 4 + 8) · 2⁻²⁴ · Σ|aᵢbᵢ| of the exact sum, as long as no product underflows.
#[derive(Clone, Copy)]
pub struct SimdProcessor {
    kernels: &'static Kernels,
}

impl SimdProcessor {
    /// The best level that this CPU has.
    #[must_use]
    pub fn new() -> Self {
        Self { kernels: SimdLevel::best_kernels() }
    }

    /// The level `level`, whether or not there is a better one.
    ///
    /// # Errors
    /// [`UnavailableLevel`] when this CPU lacks it.
    pub fn with_level(level: SimdLevel) -> Result<Self, UnavailableLevel> {
        level.kernels().map(|kernels| Self { kernels }).ok_or(UnavailableLevel(level))
    }

    /// The level that is used.
    #[must_use]
    pub fn level(self) -> SimdLevel {
        self.kernels.level
    }

    /// The levels that [`with_level`](Self::with_level) accepts on this CPU, slowest first.
    pub fn available_levels() -> impl Iterator<Item = SimdLevel> {
        SimdLevel::available()
    }

    /// Multiplies every sample by `gain` (linear).
    #[inline]
    pub fn apply_gain(self, frame: &mut [f32], gain: f32) {
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.apply_gain)(frame, gain) }
    }

    /// Adds `src` to `dst`, without a limit, and returns how many samples were added.
    #[inline]
    pub fn mix_into(self, dst: &mut [f32], src: &[f32]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.mix_into)(dst, src) };
        dst.len()
    }

    /// Sum of the squared samples; 0 for an empty frame.
    #[inline]
    #[must_use]
    pub fn energy(self, frame: &[f32]) -> f32 {
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.energy)(frame) }
    }

    /// Square root of the mean squared sample; 0 for an empty frame.
    #[inline]
    #[must_use]
    pub fn rms(self, frame: &[f32]) -> f32 {
        if frame.is_empty() { 0.0 } else { (self.energy(frame) / frame.len() as f32).sqrt() }
    }

    /// Largest magnitude of a sample, NaN left out; 0 for an empty frame.
    #[inline]
    #[must_use]
    pub fn peak(self, frame: &[f32]) -> f32 {
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.peak)(frame) }
    }

    /// Sum of the products of samples at the same place; 0 when either is empty.
    #[inline]
    #[must_use]
    pub fn dot(self, a: &[f32], b: &[f32]) -> f32 {
        let len = a.len().min(b.len());
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.dot)(&a[..len], &b[..len]) }
    }

    /// Divides by 32,768, which is exact, and returns how many samples were written.
    #[inline]
    pub fn i16_to_f32(self, src: &[i16], dst: &mut [f32]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.i16_to_f32)(src, dst) };
        dst.len()
    }

    /// Multiplies by 32,768 and rounds to nearest, ties to even; what is out of range saturates, NaN becomes 0.
    /// Returns how many samples were written.
    #[inline]
    pub fn f32_to_i16(self, src: &[f32], dst: &mut [i16]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        // SAFETY: tables come from `arch::detect`, which has found their instructions in this CPU.
        unsafe { (self.kernels.f32_to_i16)(src, dst) };
        dst.len()
    }
}

/// Both slices cut to the shorter one's length.
#[inline]
fn common_prefix<'s, 'd, S, D>(src: &'s [S], dst: &'d mut [D]) -> (&'s [S], &'d mut [D]) {
    let len = src.len().min(dst.len());
    (&src[..len], &mut dst[..len])
}

impl Default for SimdProcessor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SimdProcessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimdProcessor").field("level", &self.level()).finish()
    }
}
