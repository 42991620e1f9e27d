//! NEON: 16 codes at a time.

use core::arch::aarch64::*;
use core::mem::MaybeUninit;

use crate::arch::all::{self, Scalar};
use crate::arch::generic::{self, Coder, FULL_SCALE, MU_OFFSET, Pcm, Tier, kernel_table};

/// 128-bit vectors.
pub(crate) struct Neon;

kernel_table!(Neon, Neon, "neon");

/// Bytes in a vector.
const BYTES: usize = 16;

/// Replaces every byte by its entry in the table.
///
/// # Safety
/// The CPU has NEON.
#[target_feature(enable = "neon")]
unsafe fn map(table: &[u8; 256], bytes: &mut [u8]) {
    let Some(last) = bytes.len().checked_sub(BYTES) else {
        return all::map(table, bytes);
    };
    let from: *const u8 = table.as_ptr();
    let start = bytes.as_mut_ptr();
    // SAFETY: the table has four times 64 bytes; every other access is to BYTES bytes from at most `last`.
    unsafe {
        let quarters = [0, 1, 2, 3].map(|quarter| vld1q_u8_x4(from.add(64 * quarter)));
        // The last vector overlaps the one before it, so it is read before that one is written.
        let tail = look_up(&quarters, vld1q_u8(start.add(last)));
        let mut at = 0;
        while at < last {
            vst1q_u8(start.add(at), look_up(&quarters, vld1q_u8(start.add(at))));
            at += BYTES;
        }
        vst1q_u8(start.add(last), tail);
    }
}

/// A look-up leaves alone what lies outside its quarter of the table.
#[inline]
#[target_feature(enable = "neon")]
fn look_up(quarters: &[uint8x16x4_t; 4], codes: uint8x16_t) -> uint8x16_t {
    let next = vdupq_n_u8(64);
    let [first, rest @ ..] = quarters;
    let (mut entries, mut codes) = (vqtbl4q_u8(*first, codes), codes);
    for quarter in rest {
        codes = vsubq_u8(codes, next);
        entries = vqtbx4q_u8(entries, *quarter, codes);
    }
    entries
}

/// Intervals from magnitudes and the number of zeros above their leading ones.
#[inline(always)]
unsafe fn intervals(magnitudes: int16x8_t, zeros: int16x8_t) -> int16x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        // The leading one and the four bits that follow; it counts for 16 intervals itself.
        let shift = vsubq_s16(zeros, vdupq_n_s16(11));
        let five_bits = vreinterpretq_s16_u16(vshlq_u16(vreinterpretq_u16_s16(magnitudes), shift));
        let segments_above_first = vsubq_s16(vdupq_n_s16(7), zeros);
        vaddq_s16(five_bits, vshlq_n_s16::<4>(segments_above_first))
    }
}

/// Codes from intervals: inverted as they are sent, and with their signs.
#[inline(always)]
unsafe fn codes(intervals: int16x8_t, sent: i16, sign: int16x8_t) -> uint8x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        let positive = veorq_s16(intervals, vdupq_n_s16(sent));
        let signed = veorq_s16(positive, vandq_s16(sign, vdupq_n_s16(0x80)));
        vmovn_u16(vreinterpretq_u16_s16(signed))
    }
}

#[inline(always)]
unsafe fn encode_mu<const BIAS: i16>(samples: int16x8_t) -> uint8x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        let sign = vshrq_n_s16::<15>(samples);
        let offset = vaddq_s16(vdupq_n_s16(MU_OFFSET), vandq_s16(sign, vdupq_n_s16(BIAS)));
        let magnitude = vqaddq_s16(veorq_s16(samples, sign), offset);
        codes(intervals(magnitude, vclzq_s16(magnitude)), 0xFF, sign)
    }
}

#[inline(always)]
unsafe fn encode_a(samples: int16x8_t) -> uint8x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        let sign = vshrq_n_s16::<15>(samples);
        let magnitude = veorq_s16(samples, sign);
        // The lowest segment is as steep as the next, whose magnitudes begin with seven zeros.
        let zeros = vminq_s16(vclzq_s16(magnitude), vdupq_n_s16(7));
        codes(intervals(magnitude, zeros), 0xD5, sign)
    }
}

/// Samples from magnitudes, with the signs of their codes.
#[inline(always)]
unsafe fn with_sign(magnitudes: int16x8_t, codes: uint16x8_t) -> int16x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        let positive = vtstq_u16(codes, vdupq_n_u16(0x80));
        vbslq_s16(positive, magnitudes, vnegq_s16(magnitudes))
    }
}

#[inline(always)]
unsafe fn decode_mu(codes: uint8x8_t) -> int16x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        let codes = vmovl_u8(codes);
        let intervals = vmvnq_u16(codes);
        let mantissa = vandq_u16(vshlq_n_u16::<3>(intervals), vdupq_n_u16(0x78));
        let base = vorrq_u16(mantissa, vdupq_n_u16(MU_OFFSET as u16));
        let segment = vandq_u16(vshrq_n_u16::<4>(intervals), vdupq_n_u16(7));
        let power = vreinterpretq_s16_u16(vshlq_u16(base, vreinterpretq_s16_u16(segment)));
        with_sign(vsubq_s16(power, vdupq_n_s16(MU_OFFSET)), codes)
    }
}

#[inline(always)]
unsafe fn decode_a(codes: uint8x8_t) -> int16x8_t {
    // SAFETY: the caller vouches for NEON.
    unsafe {
        let codes = vmovl_u8(codes);
        let intervals = veorq_u16(codes, vdupq_n_u16(0x55));
        let mantissa = vandq_u16(vshlq_n_u16::<4>(intervals), vdupq_n_u16(0xF0));
        // All segments but the lowest have a leading one, and double from the second on.
        let leading = vandq_u16(vtstq_u16(intervals, vdupq_n_u16(0x70)), vdupq_n_u16(256));
        let base = vorrq_u16(vorrq_u16(mantissa, leading), vdupq_n_u16(8));
        let segment = vandq_u16(vshrq_n_u16::<4>(intervals), vdupq_n_u16(7));
        let shift = vqsubq_u16(segment, vdupq_n_u16(1));
        with_sign(vreinterpretq_s16_u16(vshlq_u16(base, vreinterpretq_s16_u16(shift))), codes)
    }
}

/// Four f32 samples as 16-bit ones; the conversions saturate, and make NaN 0.
#[inline(always)]
unsafe fn rounded(from: *const f32) -> int16x4_t {
    // SAFETY: the caller vouches for NEON; four values are readable.
    unsafe { vqmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(from), FULL_SCALE))) }
}

#[inline(always)]
unsafe fn store_scaled(samples: int16x4_t, to: *mut f32) {
    // SAFETY: the caller vouches for NEON; four values are writable.
    unsafe { vst1q_f32(to, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(samples)), 1.0 / FULL_SCALE)) }
}

impl Tier for Neon {
    const LANES: usize = 16;
    type Samples = [int16x8_t; 2];
    type Codes = [uint8x8_t; 2];
    type Sum = uint64x2_t;

    #[inline(always)]
    unsafe fn load_i16(from: *const i16) -> [int16x8_t; 2] {
        // SAFETY: the caller vouches for NEON; sixteen values are readable.
        unsafe { [vld1q_s16(from), vld1q_s16(from.add(8))] }
    }

    #[inline(always)]
    unsafe fn store_i16([low, high]: [int16x8_t; 2], to: *mut i16) {
        // SAFETY: the caller vouches for NEON; sixteen values are writable.
        unsafe {
            vst1q_s16(to, low);
            vst1q_s16(to.add(8), high);
        }
    }

    #[inline(always)]
    unsafe fn load_codes(from: *const u8) -> [uint8x8_t; 2] {
        // SAFETY: the caller vouches for NEON; sixteen values are readable.
        unsafe { [vld1_u8(from), vld1_u8(from.add(8))] }
    }

    #[inline(always)]
    unsafe fn store_codes([low, high]: [uint8x8_t; 2], to: *mut u8) {
        // SAFETY: the caller vouches for NEON; sixteen values are writable.
        unsafe { vst1q_u8(to, vcombine_u8(low, high)) }
    }

    #[inline(always)]
    unsafe fn encode_mu<const BIAS: i16>([low, high]: [int16x8_t; 2]) -> [uint8x8_t; 2] {
        // SAFETY: the caller vouches for NEON.
        unsafe { [encode_mu::<BIAS>(low), encode_mu::<BIAS>(high)] }
    }

    #[inline(always)]
    unsafe fn encode_a([low, high]: [int16x8_t; 2]) -> [uint8x8_t; 2] {
        // SAFETY: the caller vouches for NEON.
        unsafe { [encode_a(low), encode_a(high)] }
    }

    #[inline(always)]
    unsafe fn decode_mu([low, high]: [uint8x8_t; 2]) -> [int16x8_t; 2] {
        // SAFETY: the caller vouches for NEON.
        unsafe { [decode_mu(low), decode_mu(high)] }
    }

    #[inline(always)]
    unsafe fn decode_a([low, high]: [uint8x8_t; 2]) -> [int16x8_t; 2] {
        // SAFETY: the caller vouches for NEON.
        unsafe { [decode_a(low), decode_a(high)] }
    }

    #[inline(always)]
    unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8) {
        // SAFETY: the caller vouches for NEON; sixteen values are readable and writable.
        unsafe {
            let samples = [
                vcombine_s16(rounded(from), rounded(from.add(4))),
                vcombine_s16(rounded(from.add(8)), rounded(from.add(12))),
            ];
            Self::store_codes(C::encode::<Self>(samples), to);
        }
    }

    #[inline(always)]
    unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32) {
        // SAFETY: the caller vouches for NEON; sixteen values are readable and writable.
        unsafe {
            let [low, high] = C::decode::<Self>(Self::load_codes(from));
            store_scaled(vget_low_s16(low), to);
            store_scaled(vget_high_s16(low), to.add(4));
            store_scaled(vget_low_s16(high), to.add(8));
            store_scaled(vget_high_s16(high), to.add(12));
        }
    }

    #[inline(always)]
    unsafe fn no_sum() -> uint64x2_t {
        // SAFETY: the caller vouches for NEON.
        unsafe { vdupq_n_u64(0) }
    }

    #[inline(always)]
    unsafe fn add_energy<C: Coder>(sum: uint64x2_t, from: *const u8) -> uint64x2_t {
        // SAFETY: the caller vouches for NEON; sixteen codes are readable.
        unsafe {
            let mut sum = sum;
            for half in C::decode::<Self>(Self::load_codes(from)) {
                let low = vmull_s16(vget_low_s16(half), vget_low_s16(half));
                let high = vmull_high_s16(half, half);
                sum = vpadalq_u32(sum, vreinterpretq_u32_s32(low));
                sum = vpadalq_u32(sum, vreinterpretq_u32_s32(high));
            }
            sum
        }
    }

    #[inline(always)]
    unsafe fn total<C: Coder>(sum: uint64x2_t) -> u64 {
        // SAFETY: the caller vouches for NEON.
        unsafe { vaddvq_u64(sum) }
    }

    #[inline(always)]
    unsafe fn encode_few<C: Coder, P: Pcm>(samples: &[P], codes: &mut [u8]) {
        // SAFETY: the scalar tier needs no instruction set.
        unsafe { generic::encode::<Scalar, C, P>(samples, codes) }
    }

    #[inline(always)]
    unsafe fn decode_few<C: Coder, P: Pcm>(codes: &[u8], samples: &mut [MaybeUninit<P>]) {
        // SAFETY: the scalar tier needs no instruction set.
        unsafe { generic::decode::<Scalar, C, P>(codes, samples) }
    }

    #[inline(always)]
    unsafe fn energy_few<C: Coder>(codes: &[u8]) -> u64 {
        // SAFETY: the scalar tier needs no instruction set.
        unsafe { generic::energy::<Scalar, C>(codes) }
    }
    #[inline(always)]
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]) {
        // SAFETY: the caller vouches for NEON.
        unsafe { map(table, codes) }
    }
}
