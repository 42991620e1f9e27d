//! The kernels of the level that was chosen once.

use std::fmt;

use crate::arch::{Kernels, Tier, common_prefix};
use crate::{Dither, Operation, SelectionPlan, SimdLevel, SizeClass, Strategy, UnavailableLevel};

/// Sample kernels at one [`SimdLevel`], chosen when this is made: a reference to tables of functions, and the
/// [`SelectionPlan`] that picks between them.
///
/// Slices may have any length and alignment. A kernel with several slices works on their common prefix, like
/// [`Iterator::zip`]; those that write to another slice return how many samples they wrote. Samples are f32
/// with full scale at ±1.0, or i16.
///
/// Results are the same bits at every level and strategy but for sums of products, whose additions are ordered
/// and fused differently. For n samples, [`dot`](Self::dot), [`energy`](Self::energy) and
/// [`rms`](Self::rms) squared times n are within (n / 4 + 8) · 2⁻²⁴ · Σ|aᵢbᵢ| of the exact sum;
/// [`fir`](Self::fir) with n taps within (n + 1) · 2⁻²⁴ · Σ|taps·samples|; each part of
/// [`complex_mul_add`](Self::complex_mul_add) within 4 · 2⁻²⁴ of the sum of the magnitudes that it adds. The
/// bounds hold as long as nothing overflows and no product underflows.
#[derive(Clone, Copy)]
pub struct SimdProcessor {
    /// Of the plan's level.
    tier: &'static Tier,
    plan: SelectionPlan,
}

impl SimdProcessor {
    /// The best level that this CPU has, with vectors throughout.
    #[must_use]
    pub fn new() -> Self {
        Self::with_tier(SimdLevel::best_tier())
    }

    /// The level `level`, whether or not there is a better one, with vectors throughout.
    ///
    /// # Errors
    /// [`UnavailableLevel`] when this CPU lacks it.
    pub fn with_level(level: SimdLevel) -> Result<Self, UnavailableLevel> {
        level.tier().map(Self::with_tier).ok_or(UnavailableLevel(level))
    }

    /// The level and the strategies of `plan`: the same choices on every start.
    ///
    /// # Errors
    /// [`UnavailableLevel`] when this CPU lacks the plan's level.
    pub fn with_plan(plan: SelectionPlan) -> Result<Self, UnavailableLevel> {
        Ok(Self { plan, ..Self::with_level(plan.level())? })
    }

    fn with_tier(tier: &'static Tier) -> Self {
        Self { tier, plan: SelectionPlan::uniform(tier.level, Strategy::Simd) }
    }

    /// The same level with `strategy` for everything.
    #[must_use]
    pub fn with_strategy(&self, strategy: Strategy) -> Self {
        Self { plan: SelectionPlan::uniform(self.level(), strategy), ..*self }
    }

    /// The level that is used.
    #[must_use]
    pub fn level(&self) -> SimdLevel {
        self.tier.level
    }

    /// The strategies that are used.
    #[must_use]
    pub fn plan(&self) -> &SelectionPlan {
        &self.plan
    }

    /// The levels that [`with_level`](Self::with_level) accepts on this CPU, slowest first.
    pub fn available_levels() -> impl Iterator<Item = SimdLevel> {
        SimdLevel::available()
    }

    /// The functions of the level's vectors, for what the plan has no say in.
    #[inline]
    pub(crate) fn vectors(&self) -> &'static Kernels {
        self.tier.kernels(Strategy::Simd)
    }

    /// The functions for `operation` on `values` values.
    #[inline]
    fn kernels(&self, operation: Operation, values: usize) -> &'static Kernels {
        self.tier.kernels(self.plan.strategy(operation, SizeClass::of(values)))
    }

    /// Multiplies every sample by `gain` (linear).
    #[inline]
    pub fn apply_gain(&self, frame: &mut [f32], gain: f32) {
        let kernels = self.kernels(Operation::Gain, frame.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.apply_gain)(frame, gain) }
    }

    /// Multiplies every sample by `gain` / 4096 (−8.0 to almost 8.0), rounded to nearest with ties up; what is
    /// out of range saturates.
    #[inline]
    pub fn apply_gain_q12(&self, frame: &mut [i16], gain: i16) {
        let kernels = self.kernels(Operation::GainQ12, frame.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.apply_gain_q12)(frame, gain) }
    }

    /// Adds `src` to `dst`, without a limit, and returns how many samples were added.
    #[inline]
    pub fn mix_into(&self, dst: &mut [f32], src: &[f32]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        let kernels = self.kernels(Operation::Mix, dst.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.mix_into)(dst, src) };
        dst.len()
    }

    /// Adds `src` to `dst`, without a limit, and returns the [`energy`](Self::energy) of what was added.
    #[inline]
    pub fn mix_energy(&self, dst: &mut [f32], src: &[f32]) -> f32 {
        let (src, dst) = common_prefix(src, dst);
        let kernels = self.kernels(Operation::Mix, dst.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.mix_energy)(dst, src) }
    }

    /// Writes to `out` what is in `sum` without `own`, times `gains`, limited to ±1.0: (sum − own) · gain of each sample;
    /// NaN becomes -1.0. Returns how many samples were written. What a conference gives to a listener who talks.
    #[inline]
    pub fn mix_minus(&self, sum: &[f32], own: &[f32], gains: &[f32], out: &mut [f32]) -> usize {
        let len = sum.len().min(own.len()).min(gains.len()).min(out.len());
        let kernels = self.kernels(Operation::Mix, len);
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.mix_minus)(&sum[..len], &own[..len], &gains[..len], &mut out[..len]) };
        len
    }

    /// Fades from `dst` to `src`, linearly over their common prefix of n samples: sample i becomes
    /// dst + (src − dst) · (i + ½) / n. Returns n, which should not be above 2²³.
    #[inline]
    pub fn crossfade(&self, dst: &mut [f32], src: &[f32]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        let kernels = self.kernels(Operation::Crossfade, dst.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.crossfade)(dst, src) };
        dst.len()
    }

    /// Sum of the squared samples; 0 for an empty frame.
    #[inline]
    #[must_use]
    pub fn energy(&self, frame: &[f32]) -> f32 {
        let kernels = self.kernels(Operation::Energy, frame.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.energy)(frame) }
    }

    /// Square root of the mean squared sample; 0 for an empty frame.
    #[inline]
    #[must_use]
    pub fn rms(&self, frame: &[f32]) -> f32 {
        if frame.is_empty() { 0.0 } else { (self.energy(frame) / frame.len() as f32).sqrt() }
    }

    /// Largest magnitude of a sample, NaN left out; 0 for an empty frame.
    #[inline]
    #[must_use]
    pub fn peak(&self, frame: &[f32]) -> f32 {
        let kernels = self.kernels(Operation::Peak, frame.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.peak)(frame) }
    }

    /// Sum of the products of samples at the same place; 0 when either slice is empty.
    #[inline]
    #[must_use]
    pub fn dot(&self, a: &[f32], b: &[f32]) -> f32 {
        let len = a.len().min(b.len());
        let kernels = self.kernels(Operation::Dot, len);
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.dot)(&a[..len], &b[..len]) }
    }

    /// Adds `a · b` to `acc` for complex numbers as pairs `[re, im]`, the layout of `Complex<f32>`, and returns
    /// how many numbers were added to. The work of a filter in the frequency domain.
    #[inline]
    pub fn complex_mul_add(&self, acc: &mut [[f32; 2]], a: &[[f32; 2]], b: &[[f32; 2]]) -> usize {
        let (acc, a, b) = complex_prefix(acc, a, b);
        let kernels = self.kernels(Operation::ComplexMulAdd, acc.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.complex_mul_add)(acc, a, b) };
        acc.len() / 2
    }

    /// Adds `conj(a) · b` to `acc`, otherwise like [`complex_mul_add`](Self::complex_mul_add). The gradient of a
    /// filter in the frequency domain.
    #[inline]
    pub fn complex_conj_mul_add(&self, acc: &mut [[f32; 2]], a: &[[f32; 2]], b: &[[f32; 2]]) -> usize {
        let (acc, a, b) = complex_prefix(acc, a, b);
        let kernels = self.kernels(Operation::ComplexMulAdd, acc.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.complex_conj_mul_add)(acc, a, b) };
        acc.len() / 2
    }

    /// Filters `input` through `taps`, of which `taps[0]` weighs the newest sample: with T taps, output i is
    /// Σ taps\[k\] · input\[i + T − 1 − k\]. `input` therefore starts with the T − 1 samples before the frame.
    ///
    /// Returns how many samples were written: as many as `out` holds and `input` suffices for, none without
    /// taps.
    #[inline]
    pub fn fir(&self, taps: &[f32], input: &[f32], out: &mut [f32]) -> usize {
        let outputs = if taps.is_empty() { 0 } else { (input.len() + 1).saturating_sub(taps.len()) };
        let len = outputs.min(out.len());
        if len == 0 {
            return 0;
        }
        let kernels = self.kernels(Operation::Fir, len);
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.fir)(taps, &input[..len + taps.len() - 1], &mut out[..len]) };
        len
    }

    /// Divides by 32,768, which is exact, and returns how many samples were written.
    #[inline]
    pub fn i16_to_f32(&self, src: &[i16], dst: &mut [f32]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        let kernels = self.kernels(Operation::I16ToF32, dst.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.i16_to_f32)(src, dst) };
        dst.len()
    }

    /// Multiplies by 32,768 and rounds to nearest, ties to even; what is out of range saturates, NaN becomes 0.
    /// Returns how many samples were written.
    #[inline]
    pub fn f32_to_i16(&self, src: &[f32], dst: &mut [i16]) -> usize {
        let (src, dst) = common_prefix(src, dst);
        let kernels = self.kernels(Operation::F32ToI16, dst.len());
        // SAFETY: `kernels` gives functions whose instructions were found in this CPU.
        unsafe { (kernels.f32_to_i16)(src, dst) };
        dst.len()
    }

    /// [`f32_to_i16`](Self::f32_to_i16) with the noise of `dither` added before rounding. The plan has no say
    /// in it: every strategy does the same.
    #[inline]
    pub fn f32_to_i16_dithered(&self, src: &[f32], dst: &mut [i16], dither: &mut Dither) -> usize {
        let (src, dst) = common_prefix(src, dst);
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.vectors().f32_to_i16_dithered)(src, dst, dither) };
        dst.len()
    }
}

/// All slices cut to the shortest one's length, as interleaved parts.
#[inline]
fn complex_prefix<'d, 's>(
    acc: &'d mut [[f32; 2]],
    a: &'s [[f32; 2]],
    b: &'s [[f32; 2]],
) -> (&'d mut [f32], &'s [f32], &'s [f32]) {
    let len = acc.len().min(a.len()).min(b.len());
    (acc[..len].as_flattened_mut(), a[..len].as_flattened(), b[..len].as_flattened())
}

impl Default for SimdProcessor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SimdProcessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimdProcessor").field("plan", &self.plan).finish()
    }
}
