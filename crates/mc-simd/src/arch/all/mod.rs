//! Portable kernels: the fallback, and the last samples of every vector kernel.

mod convert;
mod filter;
pub(super) mod map;
mod matrix;
mod planar;
mod real_spectrum;
mod reduce;

pub(super) use convert::{f32_to_i16, f32_to_i16_dithered, i16_to_f32};
pub(super) use filter::fir;
pub(super) use map::{
    apply_gain, apply_gain_q12, complex_mul_add, crossfade, mix_energy, mix_into, mix_minus,
};
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) use matrix::add_rows;
pub(super) use matrix::matrix_mul_add;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) use planar::{add_powers, learn, multiply, spectra};
pub(super) use planar::{kalman_update, planar_mul_add, planar_power_add};
pub(super) use real_spectrum::{fold, unfold};
pub(super) use reduce::{dot, energy, peak};

use super::{Kernels, Tier};
use crate::SimdLevel;

/// Full scale of 16-bit samples: f32 samples are in ±1.0.
pub(super) const FULL_SCALE: f32 = 32_768.0;
/// Rounding term and shift of gains in 1/4096.
pub(super) const Q12_HALF: i16 = 1 << (Q12_BITS - 1);
pub(super) const Q12_BITS: i32 = 12;

pub(crate) static TIER: Tier = Tier { level: SimdLevel::Scalar, kernels: [&KERNELS; 3] };

pub(super) static KERNELS: Kernels = Kernels {
    apply_gain,
    apply_gain_q12,
    mix_into,
    mix_energy,
    mix_minus,
    crossfade,
    energy,
    peak,
    dot,
    complex_mul_add: complex_mul_add::<false>,
    complex_conj_mul_add: complex_mul_add::<true>,
    planar_mul_add,
    planar_power_add,
    kalman_update,
    matrix_mul_add,
    fir,
    i16_to_f32,
    f32_to_i16,
    f32_to_i16_dithered,
    unfold,
    fold,
};
