//! The kernels of each instruction set behind one table of functions.
//!
//! `all` is portable code, which also finishes the last samples for the others; `generic` holds the vector
//! loops, written once; each architecture's folder says how a vector is computed with there.

mod all;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod generic;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use crate::{Dither, Lesson, SimdLevel, Strategy};

pub(crate) use all::TIER as PORTABLE;

/// One way to run every kernel. Two slices of one call have the same length, except for [`Self::fir`].
///
/// The functions are `unsafe` because they run instructions that the CPU must have; a table is only handed
/// out by [`detect`], which has asked.
pub(crate) struct Kernels {
    pub(crate) apply_gain: unsafe fn(&mut [f32], f32),
    pub(crate) apply_gain_q12: unsafe fn(&mut [i16], i16),
    pub(crate) mix_into: unsafe fn(&mut [f32], &[f32]),
    /// The same, and the energy of what was added.
    pub(crate) mix_energy: unsafe fn(&mut [f32], &[f32]) -> f32,
    /// Sum, own, gains, output.
    #[allow(clippy::type_complexity, reason = "as simple as its meaning, said above")]
    pub(crate) mix_minus: unsafe fn(&[f32], &[f32], &[f32], &mut [f32]),
    pub(crate) crossfade: unsafe fn(&mut [f32], &[f32]),
    pub(crate) energy: unsafe fn(&[f32]) -> f32,
    pub(crate) peak: unsafe fn(&[f32]) -> f32,
    pub(crate) dot: unsafe fn(&[f32], &[f32]) -> f32,
    /// Interleaved real and imaginary parts.
    pub(crate) complex_mul_add: unsafe fn(&mut [f32], &[f32], &[f32]),
    /// Interleaved real and imaginary parts.
    pub(crate) complex_conj_mul_add: unsafe fn(&mut [f32], &[f32], &[f32]),
    /// Spectra in planes, whole ones: a sum of one, and as many factors on either side.
    pub(crate) planar_mul_add: unsafe fn(&mut [f32], &[f32], &[f32]),
    /// Sums, one spectrum's worth; weights; spectra in planes.
    pub(crate) planar_power_add: unsafe fn(&mut [f32], &[f32], &[f32]),
    /// Weights, variances, input: as many spectra in each.
    pub(crate) kalman_update: unsafe fn(&mut [f32], &mut [f32], &[f32], Lesson<'_>),
    /// Sums, one per row; weights, a pair per row for each pair of inputs; as many pairs of inputs.
    pub(crate) matrix_mul_add: MatrixMulAdd,
    /// Taps, input, output; at least one tap, and one sample less than taps more input than output.
    pub(crate) fir: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub(crate) i16_to_f32: unsafe fn(&[i16], &mut [f32]),
    pub(crate) f32_to_i16: unsafe fn(&[f32], &mut [i16]),
    pub(crate) f32_to_i16_dithered: unsafe fn(&[f32], &mut [i16], &mut Dither),
    /// Interleaved real and imaginary parts, as many turns, and a spectrum in planes with a bin more.
    pub(crate) unfold: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub(crate) fold: unsafe fn(&[f32], &[f32], f32, &mut [f32]),
}

pub(crate) type MatrixMulAdd = unsafe fn(&mut [i32], &[[i8; 2]], &[[i16; 2]]);

/// One level's kernels.
pub(crate) struct Tier {
    pub(crate) level: SimdLevel,
    /// In each [`Strategy`], in its order.
    pub(crate) kernels: [&'static Kernels; Strategy::ALL.len()],
}

impl Tier {
    #[inline]
    pub(crate) fn kernels(&self, strategy: Strategy) -> &'static Kernels {
        self.kernels[strategy as usize]
    }
}

/// Both slices cut to the shorter one's length.
#[inline(always)]
pub(crate) fn common_prefix<'s, 'd, S, D>(src: &'s [S], dst: &'d mut [D]) -> (&'s [S], &'d mut [D]) {
    let len = src.len().min(dst.len());
    (&src[..len], &mut dst[..len])
}

/// The kernels of `level`, or `None` where the CPU or the build's architecture lacks it.
pub(crate) fn detect(level: SimdLevel) -> Option<&'static Tier> {
    match level {
        SimdLevel::Scalar => Some(&PORTABLE),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Sse2 => pulp::x86::V1::try_new().map(|_| &x86_64::sse2::TIER),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => pulp::x86::V3::try_new().map(|_| &x86_64::avx2::TIER),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => pulp::x86::V4::try_new().map(|_| &x86_64::avx512::TIER),
        #[cfg(target_arch = "aarch64")]
        SimdLevel::Neon => pulp::aarch64::Neon::try_new().map(|_| &aarch64::neon::TIER),
        _ => None,
    }
}
