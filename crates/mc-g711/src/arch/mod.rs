//! The kernels: what they do once for all instruction sets in `generic`, and how in the others.

use core::mem::MaybeUninit;

use crate::law::{Convention, Law};
use crate::level::SimdLevel;

#[cfg(target_arch = "aarch64")]
mod aarch64;
pub(crate) mod all;
mod generic;
#[cfg(target_arch = "x86_64")]
mod x86_64;

pub(crate) use generic::Tier;

/// The functions of one encoder and its decoder.
///
/// Slices of unequal length are converted as far as the shorter one goes, and every value up to there is
/// written: a decoder's destination need not hold any. Each function may be called only where the CPU has the
/// instruction set of the table that it is in.
pub(crate) struct CodecKernels {
    pub(crate) encode: unsafe fn(&[i16], &mut [u8]),
    pub(crate) encode_f32: unsafe fn(&[f32], &mut [u8]),
    pub(crate) decode: unsafe fn(&[u8], &mut [MaybeUninit<i16>]),
    pub(crate) decode_f32: unsafe fn(&[u8], &mut [MaybeUninit<f32>]),
    /// The sum of the squares of the decoded samples.
    pub(crate) energy: unsafe fn(&[u8]) -> u64,
    /// [`Kernels::map`] of codes whose energy is returned.
    pub(crate) map_metered: unsafe fn(&[u8; 256], &mut [u8]) -> u64,
}

/// Replaces every byte by its entry in a table, under the condition of [`CodecKernels`].
pub(crate) type MapBytes = unsafe fn(&[u8; 256], &mut [u8]);

/// All functions of an instruction set.
pub(crate) struct Kernels {
    pub(crate) level: SimdLevel,
    pub(crate) mu: [CodecKernels; Convention::ALL.len()],
    pub(crate) a: CodecKernels,
    pub(crate) map: MapBytes,
}

impl Kernels {
    /// The functions of a codec.
    pub(crate) fn codec(&self, law: Law, convention: Convention) -> &CodecKernels {
        match law {
            Law::Mu => &self.mu[convention as usize],
            Law::A => &self.a,
        }
    }
}

/// The kernels of a level, if this CPU has it: the only way to come by a table.
pub(crate) fn detect(level: SimdLevel) -> Option<&'static Kernels> {
    if level == SimdLevel::Scalar {
        return Some(&all::KERNELS);
    }
    #[cfg(target_arch = "x86_64")]
    return x86_64::detect(level);
    #[cfg(target_arch = "aarch64")]
    return aarch64::detect(level);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    None
}
