//! Loops over slices, written once for all instruction sets.
//!
//! Everything here is inlined into the functions of a table, which enable the instruction set; only there do
//! the methods of a [`Tier`] become single instructions.

mod table;

use core::mem::MaybeUninit;

use crate::law::Law;

pub(crate) use table::kernel_table;

/// The f32 that stands for one step more than the largest 16-bit sample.
pub(crate) const FULL_SCALE: f32 = 32768.0;

/// Blocks whose squares are summed before the [`Tier::total`] is taken: partial sums may be as narrow as that.
const BLOCKS_IN_SUM: usize = 8;

/// What mu-law adds to a magnitude, in 16-bit steps, so that every segment begins at a power of two.
pub(crate) const MU_OFFSET: i16 = 132;

/// An instruction set: what it does with a block of `LANES` samples or codes.
///
/// # Safety
/// Every method may be called only where the CPU has the instruction set. Pointers are to `LANES` values,
/// readable or writable, at any alignment.
pub(crate) trait Tier {
    /// Values in a block.
    const LANES: usize;
    /// 16-bit samples.
    type Samples: Copy;
    /// Codes, in whatever form the tier computes with.
    type Codes: Copy;
    /// Partial sums of squares.
    type Sum: Copy;

    unsafe fn load_i16(from: *const i16) -> Self::Samples;
    unsafe fn store_i16(samples: Self::Samples, to: *mut i16);
    unsafe fn load_codes(from: *const u8) -> Self::Codes;
    unsafe fn store_codes(codes: Self::Codes, to: *mut u8);

    /// `BIAS` is added to the magnitude `!x` of negative samples.
    unsafe fn encode_mu<const BIAS: i16>(samples: Self::Samples) -> Self::Codes;
    unsafe fn encode_a(samples: Self::Samples) -> Self::Codes;
    unsafe fn decode_mu(codes: Self::Codes) -> Self::Samples;
    unsafe fn decode_a(codes: Self::Codes) -> Self::Samples;

    /// Encodes what each sample rounds to, ties to even; what exceeds the range saturates, NaN becomes 0.
    unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8);
    unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32);

    unsafe fn no_sum() -> Self::Sum;
    /// Adds the squares of a block of codes; a sum holds those of [`BLOCKS_IN_SUM`] blocks.
    unsafe fn add_energy<C: Coder>(sum: Self::Sum, from: *const u8) -> Self::Sum;
    unsafe fn total<C: Coder>(sum: Self::Sum) -> u64;

    /// Encodes fewer than `LANES` samples, both slices equally long.
    unsafe fn encode_few<C: Coder, P: Pcm>(samples: &[P], codes: &mut [u8]);
    /// Decodes fewer than `LANES` codes, both slices equally long; every sample is written.
    unsafe fn decode_few<C: Coder, P: Pcm>(codes: &[u8], samples: &mut [MaybeUninit<P>]);
    /// The energy of fewer than `LANES` codes.
    unsafe fn energy_few<C: Coder>(codes: &[u8]) -> u64;

    /// The sum of the squares of the decoded samples; exact below 2^34 codes.
    #[inline(always)]
    unsafe fn energy<C: Coder>(codes: &[u8]) -> u64
    where
        Self: Sized,
    {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { energy::<Self, C>(codes) }
    }

    /// Replaces every code by its entry in the table.
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]);

    /// As [`Self::map`]; returns the [`Self::energy`] of the codes as they were.
    #[inline(always)]
    unsafe fn map_metered<C: Coder>(table: &[u8; 256], codes: &mut [u8]) -> u64
    where
        Self: Sized,
    {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let energy = Self::energy::<C>(codes);
            Self::map(table, codes);
            energy
        }
    }
}

/// A law, with its convention, by any instruction set; safety as for [`Tier`].
pub(crate) trait Coder {
    const LAW: Law;

    unsafe fn encode<T: Tier>(samples: T::Samples) -> T::Codes;

    #[inline(always)]
    unsafe fn decode<T: Tier>(codes: T::Codes) -> T::Samples {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            match Self::LAW {
                Law::Mu => T::decode_mu(codes),
                Law::A => T::decode_a(codes),
            }
        }
    }
}

/// Mu-law.
pub(crate) struct Mu<const BIAS: i16>;

impl<const BIAS: i16> Coder for Mu<BIAS> {
    const LAW: Law = Law::Mu;

    #[inline(always)]
    unsafe fn encode<T: Tier>(samples: T::Samples) -> T::Codes {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { T::encode_mu::<BIAS>(samples) }
    }
}

/// A-law.
pub(crate) struct A;

impl Coder for A {
    const LAW: Law = Law::A;

    #[inline(always)]
    unsafe fn encode<T: Tier>(samples: T::Samples) -> T::Codes {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { T::encode_a(samples) }
    }
}

/// A sample type in memory; safety as for [`Tier`], whose blocks these are.
pub(crate) trait Pcm: Copy {
    unsafe fn encode_block<T: Tier, C: Coder>(from: *const Self, to: *mut u8);
    unsafe fn decode_block<T: Tier, C: Coder>(from: *const u8, to: *mut Self);
}

impl Pcm for i16 {
    #[inline(always)]
    unsafe fn encode_block<T: Tier, C: Coder>(from: *const Self, to: *mut u8) {
        // SAFETY: the caller vouches for the instruction set and the pointers.
        unsafe { T::store_codes(C::encode::<T>(T::load_i16(from)), to) }
    }

    #[inline(always)]
    unsafe fn decode_block<T: Tier, C: Coder>(from: *const u8, to: *mut Self) {
        // SAFETY: as above.
        unsafe { T::store_i16(C::decode::<T>(T::load_codes(from)), to) }
    }
}

impl Pcm for f32 {
    #[inline(always)]
    unsafe fn encode_block<T: Tier, C: Coder>(from: *const Self, to: *mut u8) {
        // SAFETY: the caller vouches for the instruction set and the pointers.
        unsafe { T::encode_f32::<C>(from, to) }
    }

    #[inline(always)]
    unsafe fn decode_block<T: Tier, C: Coder>(from: *const u8, to: *mut Self) {
        // SAFETY: as above.
        unsafe { T::decode_f32::<C>(from, to) }
    }
}

/// Encodes as many samples as both slices have.
///
/// The last block ends with the slices, so it may overlap the one before it: computing a few values twice is
/// cheaper than a tail of single ones. It comes first, so that the constants of a block are loaded once.
///
/// # Safety
/// The CPU has the instruction set of `T`.
#[inline(always)]
pub(crate) unsafe fn encode<T: Tier, C: Coder, P: Pcm>(samples: &[P], codes: &mut [u8]) {
    let len = samples.len().min(codes.len());
    let Some(last) = len.checked_sub(T::LANES) else {
        // SAFETY: the caller vouches for the instruction set.
        return unsafe { T::encode_few::<C, P>(&samples[..len], &mut codes[..len]) };
    };
    let (from, to) = (samples.as_ptr(), codes.as_mut_ptr());
    let mut at = 0;
    // SAFETY: every block begins at most at `last`, LANES values before the end of the shorter slice.
    unsafe {
        P::encode_block::<T, C>(from.add(last), to.add(last));
        while at < last {
            P::encode_block::<T, C>(from.add(at), to.add(at));
            at += T::LANES;
        }
    }
}

/// Decodes as many codes as both slices have, as [`encode`] does: it writes that many samples, from the first on.
///
/// # Safety
/// The CPU has the instruction set of `T`.
#[inline(always)]
pub(crate) unsafe fn decode<T: Tier, C: Coder, P: Pcm>(codes: &[u8], samples: &mut [MaybeUninit<P>]) {
    let len = samples.len().min(codes.len());
    let Some(last) = len.checked_sub(T::LANES) else {
        // SAFETY: the caller vouches for the instruction set.
        return unsafe { T::decode_few::<C, P>(&codes[..len], &mut samples[..len]) };
    };
    let (from, to) = (codes.as_ptr(), samples.as_mut_ptr().cast::<P>());
    let mut at = 0;
    // SAFETY: as in `encode`.
    unsafe {
        P::decode_block::<T, C>(from.add(last), to.add(last));
        while at < last {
            P::decode_block::<T, C>(from.add(at), to.add(at));
            at += T::LANES;
        }
    }
}

/// The energy of codes, block by block.
///
/// # Safety
/// The CPU has the instruction set of `T`.
#[inline(always)]
pub(crate) unsafe fn energy<T: Tier, C: Coder>(codes: &[u8]) -> u64 {
    let mut energy = 0;
    for part in codes.chunks(BLOCKS_IN_SUM * T::LANES) {
        let blocks = part.chunks_exact(T::LANES);
        let rest = blocks.remainder();
        // SAFETY: the caller vouches for the instruction set, and each block holds LANES codes.
        unsafe {
            let mut sum = T::no_sum();
            for block in blocks {
                sum = T::add_energy::<C>(sum, block.as_ptr());
            }
            energy += T::total::<C>(sum);
            if !rest.is_empty() {
                energy += T::energy_few::<C>(rest);
            }
        }
    }
    energy
}
