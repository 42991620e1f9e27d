//! Table look-ups: one lane, every CPU, and the meaning of all other kernels.

use core::mem::MaybeUninit;

use crate::arch::generic::{Coder, FULL_SCALE, Pcm, Tier, kernel_table};
use crate::definition::{A_CODES, A_SAMPLES, MU_CODES, MU_SAMPLES, SIGN_BIT};

/// One sample or code at a time.
pub(crate) struct Scalar;

kernel_table!(Scalar, Scalar);

/// Looks up byte by byte.
// Not inlined: where AVX-512 is enabled, the compiler would gather, which takes twice as long.
#[inline(never)]
pub(crate) fn map(table: &[u8; 256], bytes: &mut [u8]) {
    for byte in bytes {
        *byte = table[usize::from(*byte)];
    }
}

/// All ones for a negative sample, else 0.
#[inline(always)]
fn sign_mask(sample: i16) -> i16 {
    sample >> 15
}

/// The code of a sample of either sign, from the code of the positive one.
#[inline(always)]
fn with_sign(positive_code: u8, sign_mask: i16) -> u8 {
    positive_code ^ (sign_mask as u8 & SIGN_BIT)
}

impl Tier for Scalar {
    const LANES: usize = 1;
    type Samples = i16;
    type Codes = u8;
    type Sum = u64;

    #[inline(always)]
    unsafe fn load_i16(from: *const i16) -> i16 {
        // SAFETY: one value is readable.
        unsafe { from.read() }
    }

    #[inline(always)]
    unsafe fn store_i16(sample: i16, to: *mut i16) {
        // SAFETY: one value is writable.
        unsafe { to.write(sample) }
    }

    #[inline(always)]
    unsafe fn load_codes(from: *const u8) -> u8 {
        // SAFETY: one value is readable.
        unsafe { from.read() }
    }

    #[inline(always)]
    unsafe fn store_codes(code: u8, to: *mut u8) {
        // SAFETY: one value is writable.
        unsafe { to.write(code) }
    }

    #[inline(always)]
    unsafe fn encode_mu<const BIAS: i16>(sample: i16) -> u8 {
        let sign = sign_mask(sample);
        let magnitude = (sample ^ sign).saturating_add(BIAS & sign) as u16;
        with_sign(MU_CODES[usize::from(magnitude / 4)], sign)
    }

    #[inline(always)]
    unsafe fn encode_a(sample: i16) -> u8 {
        let sign = sign_mask(sample);
        let magnitude = (sample ^ sign) as u16;
        with_sign(A_CODES[usize::from(magnitude / 16)], sign)
    }

    #[inline(always)]
    unsafe fn decode_mu(code: u8) -> i16 {
        MU_SAMPLES[usize::from(code)]
    }

    #[inline(always)]
    unsafe fn decode_a(code: u8) -> i16 {
        A_SAMPLES[usize::from(code)]
    }

    #[inline(always)]
    unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8) {
        // Where this is added, the last bit of an f32 is worth 1: the addition rounds, as `round_ties_even`
        // would if core had it.
        const UNIT_ULP: f32 = 12_582_912.0;
        // SAFETY: one value is readable and writable.
        unsafe {
            let steps = (from.read() * FULL_SCALE).clamp(-FULL_SCALE, FULL_SCALE - 1.0);
            to.write(C::encode::<Self>(((steps + UNIT_ULP) - UNIT_ULP) as i16));
        }
    }

    #[inline(always)]
    unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32) {
        // SAFETY: one value is readable and writable.
        unsafe { to.write(f32::from(C::decode::<Self>(from.read())) / FULL_SCALE) }
    }

    #[inline(always)]
    unsafe fn no_sum() -> u64 {
        0
    }

    #[inline(always)]
    unsafe fn add_energy<C: Coder>(sum: u64, from: *const u8) -> u64 {
        // SAFETY: one code is readable.
        let sample = i32::from(unsafe { C::decode::<Self>(from.read()) });
        sum + (sample * sample) as u64
    }

    #[inline(always)]
    unsafe fn total<C: Coder>(sum: u64) -> u64 {
        sum
    }

    // Fewer than one value is none.
    #[inline(always)]
    unsafe fn encode_few<C: Coder, P: Pcm>(_: &[P], _: &mut [u8]) {}

    #[inline(always)]
    unsafe fn decode_few<C: Coder, P: Pcm>(_: &[u8], _: &mut [MaybeUninit<P>]) {}

    #[inline(always)]
    unsafe fn energy_few<C: Coder>(_: &[u8]) -> u64 {
        0
    }
    #[inline(always)]
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]) {
        map(table, codes);
    }
}
