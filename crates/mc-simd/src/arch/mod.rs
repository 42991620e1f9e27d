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

pub(crate) use all::KERNELS as PORTABLE;

use crate::SimdLevel;

/// One level's kernels.
///
/// The functions are `unsafe` because they run instructions that the CPU must have; a table is only handed
/// out by [`detect`], which has asked. Two slices of one call have the same length.
pub(crate) struct Kernels {
    pub(crate) level: SimdLevel,
    pub(crate) apply_gain: unsafe fn(&mut [f32], f32),
    pub(crate) mix_into: unsafe fn(&mut [f32], &[f32]),
    pub(crate) energy: unsafe fn(&[f32]) -> f32,
    pub(crate) dot: unsafe fn(&[f32], &[f32]) -> f32,
    pub(crate) peak: unsafe fn(&[f32]) -> f32,
    pub(crate) i16_to_f32: unsafe fn(&[i16], &mut [f32]),
    pub(crate) f32_to_i16: unsafe fn(&[f32], &mut [i16]),
}

/// The kernels of `level`, or `None` where the CPU or the build's architecture lacks it.
pub(crate) fn detect(level: SimdLevel) -> Option<&'static Kernels> {
    match level {
        SimdLevel::Scalar => Some(&PORTABLE),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Sse2 => pulp::x86::V1::try_new().map(|_| &x86_64::sse2::KERNELS),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => pulp::x86::V3::try_new().map(|_| &x86_64::avx2::KERNELS),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => pulp::x86::V4::try_new().map(|_| &x86_64::avx512::KERNELS),
        #[cfg(target_arch = "aarch64")]
        SimdLevel::Neon => pulp::aarch64::Neon::try_new().map(|_| &aarch64::neon::KERNELS),
        _ => None,
    }
}
