//! SSE2: 16 codes at a time.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use crate::arch::all::{self, Scalar};
use crate::arch::generic::{self, Coder, FULL_SCALE, MU_OFFSET, Pcm, Tier, kernel_table};

/// 128-bit vectors.
pub(crate) struct Sse2;

kernel_table!(Sse2, Sse2, "sse2");

/// Exponent and four bits of mantissa of the f32 2^`power`.
pub(crate) const fn log_of_two_to(power: i16) -> i16 {
    (127 + power) << 4
}

/// [`log`] where the first segment begins, at the magnitude 128.
pub(crate) const LOG_128: i16 = log_of_two_to(7 + 16);

/// The exponent and the four highest bits of the mantissa of eight magnitudes as f32: to G.711 they are
/// segment and interval, up to [`LOG_128`].
#[inline(always)]
unsafe fn log(magnitudes: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        // As upper halves of 32 bits. What lies below an odd one is too little to round it up to the next interval.
        let even = _mm_slli_epi32(magnitudes, 16);
        let even = _mm_srli_epi32(_mm_castps_si128(_mm_cvtepi32_ps(even)), 19);
        let odd = _mm_srli_epi32(_mm_castps_si128(_mm_cvtepi32_ps(magnitudes)), 19 - 16);
        _mm_or_si128(even, _mm_and_si128(odd, _mm_set1_epi32(!0xFFFF)))
    }
}

#[inline(always)]
unsafe fn encode_mu<const BIAS: i16>(samples: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let sign = _mm_srai_epi16(samples, 15);
        let offset = _mm_add_epi16(_mm_set1_epi16(MU_OFFSET), _mm_and_si128(sign, _mm_set1_epi16(BIAS)));
        let log = log(_mm_adds_epi16(_mm_xor_si128(samples, sign), offset));
        let positive = _mm_sub_epi16(_mm_set1_epi16(LOG_128 + 0xFF), log);
        _mm_sub_epi16(positive, _mm_and_si128(sign, _mm_set1_epi16(0x80)))
    }
}

#[inline(always)]
unsafe fn encode_a(samples: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let sign = _mm_srai_epi16(samples, 15);
        let magnitude = _mm_xor_si128(samples, sign);
        // The lowest segment is as steep as the next, which begins at 256: at half the slope, it lies where
        // mu-law's lowest does.
        let halved_below_256 = _mm_avg_epu16(magnitude, _mm_max_epi16(magnitude, _mm_set1_epi16(255)));
        let interval = _mm_sub_epi16(log(halved_below_256), _mm_set1_epi16(LOG_128));
        let positive = _mm_xor_si128(interval, _mm_set1_epi16(0xD5));
        _mm_xor_si128(positive, _mm_and_si128(sign, _mm_set1_epi16(0x80)))
    }
}

/// Eight values of a law's logarithmic part, `(16 + mantissa + 1/2) * 2^(segment + 3)`, from codes in the upper
/// halves of their lanes, with the three bits of the segment and the four of the mantissa upright.
#[inline(always)]
unsafe fn power(intervals: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let upper_halves =
            _mm_add_epi16(_mm_srli_epi16(intervals, 5), _mm_set1_epi16((log_of_two_to(7) << 3) + 4));
        let zero = _mm_setzero_si128();
        let low = _mm_castsi128_ps(_mm_unpacklo_epi16(zero, upper_halves));
        let high = _mm_castsi128_ps(_mm_unpackhi_epi16(zero, upper_halves));
        _mm_packs_epi32(_mm_cvttps_epi32(low), _mm_cvttps_epi32(high))
    }
}

/// Samples from their negatives where bit 15 of the code says positive, from themselves elsewhere.
#[inline(always)]
unsafe fn with_sign(negative: __m128i, codes: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let positive = _mm_srai_epi16(codes, 15);
        _mm_sub_epi16(_mm_xor_si128(negative, positive), positive)
    }
}

/// Codes lie in the upper halves of their lanes.
#[inline(always)]
unsafe fn decode_mu(codes: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let power = power(_mm_andnot_si128(codes, _mm_set1_epi16(0x7F00)));
        with_sign(_mm_sub_epi16(_mm_set1_epi16(MU_OFFSET), power), codes)
    }
}

/// Codes lie in the upper halves of their lanes.
#[inline(always)]
unsafe fn decode_a(codes: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let interval = _mm_and_si128(_mm_xor_si128(codes, _mm_set1_epi16(0x5500)), _mm_set1_epi16(0x7F00));
        // The lowest segment is the next one, moved down to zero.
        let lowest = _mm_cmplt_epi16(interval, _mm_set1_epi16(0x1000));
        let power = power(_mm_or_si128(interval, _mm_and_si128(lowest, _mm_set1_epi16(0x1000))));
        with_sign(_mm_sub_epi16(_mm_and_si128(lowest, _mm_set1_epi16(256)), power), codes)
    }
}

/// Four f32 samples in 16-bit steps, not yet saturated at the bottom.
#[inline(always)]
unsafe fn steps(from: *const f32) -> __m128i {
    // SAFETY: SSE2 is part of x86-64; four values are readable.
    unsafe {
        let steps = _mm_mul_ps(_mm_loadu_ps(from), _mm_set1_ps(FULL_SCALE));
        let numbers = _mm_and_ps(steps, _mm_cmpord_ps(steps, steps));
        // Too small numbers become i32::MIN, and so would too large ones.
        _mm_cvtps_epi32(_mm_min_ps(numbers, _mm_set1_ps(FULL_SCALE)))
    }
}

/// Four samples in the upper halves of their lanes, to ±1.0.
#[inline(always)]
unsafe fn store_scaled(samples: __m128i, to: *mut f32) {
    // SAFETY: SSE2 is part of x86-64; four values are writable.
    unsafe {
        let scale = _mm_set1_ps(1.0 / (65536.0 * FULL_SCALE));
        _mm_storeu_ps(to, _mm_mul_ps(_mm_cvtepi32_ps(samples), scale));
    }
}

impl Tier for Sse2 {
    const LANES: usize = 16;
    type Samples = [__m128i; 2];
    type Codes = __m128i;
    type Sum = __m128i;

    #[inline(always)]
    unsafe fn load_i16(from: *const i16) -> [__m128i; 2] {
        // SAFETY: sixteen values are readable.
        unsafe { [_mm_loadu_si128(from.cast()), _mm_loadu_si128(from.add(8).cast())] }
    }

    #[inline(always)]
    unsafe fn store_i16([low, high]: [__m128i; 2], to: *mut i16) {
        // SAFETY: sixteen values are writable.
        unsafe {
            _mm_storeu_si128(to.cast(), low);
            _mm_storeu_si128(to.add(8).cast(), high);
        }
    }

    #[inline(always)]
    unsafe fn load_codes(from: *const u8) -> __m128i {
        // SAFETY: sixteen values are readable.
        unsafe { _mm_loadu_si128(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_codes(codes: __m128i, to: *mut u8) {
        // SAFETY: sixteen values are writable.
        unsafe { _mm_storeu_si128(to.cast(), codes) }
    }

    #[inline(always)]
    unsafe fn encode_mu<const BIAS: i16>([low, high]: [__m128i; 2]) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_packus_epi16(encode_mu::<BIAS>(low), encode_mu::<BIAS>(high)) }
    }

    #[inline(always)]
    unsafe fn encode_a([low, high]: [__m128i; 2]) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_packus_epi16(encode_a(low), encode_a(high)) }
    }

    #[inline(always)]
    unsafe fn decode_mu(codes: __m128i) -> [__m128i; 2] {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let zero = _mm_setzero_si128();
            [decode_mu(_mm_unpacklo_epi8(zero, codes)), decode_mu(_mm_unpackhi_epi8(zero, codes))]
        }
    }

    #[inline(always)]
    unsafe fn decode_a(codes: __m128i) -> [__m128i; 2] {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let zero = _mm_setzero_si128();
            [decode_a(_mm_unpacklo_epi8(zero, codes)), decode_a(_mm_unpackhi_epi8(zero, codes))]
        }
    }

    #[inline(always)]
    unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8) {
        // SAFETY: sixteen values are readable and writable.
        unsafe {
            let samples = [
                _mm_packs_epi32(steps(from), steps(from.add(4))),
                _mm_packs_epi32(steps(from.add(8)), steps(from.add(12))),
            ];
            Self::store_codes(C::encode::<Self>(samples), to);
        }
    }

    #[inline(always)]
    unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32) {
        // SAFETY: sixteen values are readable and writable.
        unsafe {
            let [low, high] = C::decode::<Self>(Self::load_codes(from));
            let zero = _mm_setzero_si128();
            store_scaled(_mm_unpacklo_epi16(zero, low), to);
            store_scaled(_mm_unpackhi_epi16(zero, low), to.add(4));
            store_scaled(_mm_unpacklo_epi16(zero, high), to.add(8));
            store_scaled(_mm_unpackhi_epi16(zero, high), to.add(12));
        }
    }

    #[inline(always)]
    unsafe fn no_sum() -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_setzero_si128() }
    }

    #[inline(always)]
    unsafe fn add_energy<C: Coder>(sum: __m128i, from: *const u8) -> __m128i {
        // SAFETY: sixteen codes are readable.
        unsafe {
            let mut sum = sum;
            for half in C::decode::<Self>(Self::load_codes(from)) {
                // In units of 4, of which both laws' samples are multiples and none has more than 8,064: four
                // times as many squares as there are in a sum fit 31 bits.
                let units = _mm_srai_epi16(half, 2);
                sum = _mm_add_epi32(sum, _mm_madd_epi16(units, units));
            }
            sum
        }
    }

    #[inline(always)]
    unsafe fn total<C: Coder>(sum: __m128i) -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let (low, high) = (_mm_and_si128(sum, _mm_set1_epi64x(0xFFFF_FFFF)), _mm_srli_epi64(sum, 32));
            let sums = _mm_add_epi64(low, high);
            let total = _mm_add_epi64(sums, _mm_srli_si128(sums, 8));
            _mm_cvtsi128_si64(total) as u64 * (4 * 4)
        }
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
        all::map(table, codes);
    }
}
