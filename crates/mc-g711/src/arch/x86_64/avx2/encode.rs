//! From samples to codes: as in [`sse2`](super::super::sse2), but packed before signs are looked at.

use core::arch::x86_64::*;

use super::Avx2;
use crate::arch::generic::{Coder, FULL_SCALE, MU_OFFSET};
use crate::arch::x86_64::sse2::LOG_128;

/// Segment and interval of sixteen magnitudes, up to [`LOG_128`].
#[inline(always)]
unsafe fn log(magnitudes: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let even = _mm256_slli_epi32(magnitudes, 16);
        let even = _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(even)), 19);
        let odd = _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(magnitudes)), 19 - 16);
        _mm256_blend_epi16(even, odd, 0b1010_1010)
    }
}

/// Codes of 32 samples, with both halves' quarters in turn, from their intervals: inverted as `sent`, and with
/// their signs.
#[inline(always)]
unsafe fn codes(intervals: [__m256i; 2], sent: u8, samples: [__m256i; 2]) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let first = _mm256_set1_epi16(LOG_128);
        let (low, high) = (_mm256_sub_epi16(intervals[0], first), _mm256_sub_epi16(intervals[1], first));
        let signs = _mm256_packs_epi16(samples[0], samples[1]);
        let positive = _mm256_set1_epi8((sent | 0x80) as i8);
        let inversion = _mm256_blendv_epi8(positive, _mm256_set1_epi8((sent & 0x7F) as i8), signs);
        _mm256_xor_si256(_mm256_packus_epi16(low, high), inversion)
    }
}

/// All ones for negative samples; and their magnitudes, one less than the absolute value.
#[inline(always)]
unsafe fn sign_and_magnitude(samples: __m256i) -> (__m256i, __m256i) {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let sign = _mm256_srai_epi16(samples, 15);
        (sign, _mm256_xor_si256(samples, sign))
    }
}

#[inline(always)]
unsafe fn mu_intervals<const BIAS: i16>(samples: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let (sign, magnitude) = sign_and_magnitude(samples);
        let bias = _mm256_and_si256(sign, _mm256_set1_epi16(BIAS));
        log(_mm256_adds_epi16(magnitude, _mm256_add_epi16(_mm256_set1_epi16(MU_OFFSET), bias)))
    }
}

#[inline(always)]
unsafe fn a_intervals(samples: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let (_, magnitude) = sign_and_magnitude(samples);
        log(_mm256_avg_epu16(magnitude, _mm256_max_epi16(magnitude, _mm256_set1_epi16(255))))
    }
}

#[inline(always)]
pub(super) unsafe fn mu<const BIAS: i16>([low, high]: [__m256i; 2]) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe { codes([mu_intervals::<BIAS>(low), mu_intervals::<BIAS>(high)], 0xFF, [low, high]) }
}

#[inline(always)]
pub(super) unsafe fn a([low, high]: [__m256i; 2]) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe { codes([a_intervals(low), a_intervals(high)], 0xD5, [low, high]) }
}

/// Puts the codes of 16-bit samples in order, which were packed once.
#[inline(always)]
pub(super) unsafe fn in_order(codes: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe { _mm256_permute4x64_epi64(codes, 0b11_01_10_00) }
}

/// Encodes 32 samples of f32.
#[inline(always)]
pub(super) unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8) {
    // SAFETY: the caller vouches for AVX2; 32 values are readable and writable.
    unsafe {
        let mut samples = [packed::<false>(from), packed::<false>(from.add(16))];
        // What the least sample came from may have been no number, or too large a one.
        let least = _mm256_set1_epi16(i16::MIN);
        let suspects = _mm256_cmpeq_epi16(_mm256_min_epi16(samples[0], samples[1]), least);
        if _mm256_testz_si256(suspects, suspects) == 0 {
            samples = [packed::<true>(from), packed::<true>(from.add(16))];
        }
        // Packed twice, the codes lie in groups of four.
        let groups = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        let codes = _mm256_permutevar8x32_epi32(C::encode::<Avx2>(samples), groups);
        _mm256_storeu_si256(to.cast(), codes);
    }
}

/// 16-bit samples of sixteen in f32, with the groups of four of two vectors in turn.
#[inline(always)]
unsafe fn packed<const CAREFUL: bool>(from: *const f32) -> __m256i {
    // SAFETY: the caller vouches for AVX2; sixteen values are readable.
    unsafe { _mm256_packs_epi32(steps::<CAREFUL>(from), steps::<CAREFUL>(from.add(8))) }
}

/// Eight f32 samples in 16-bit steps, saturated at 32 bits. Unless `CAREFUL`, NaN and what is too large become the
/// least integer.
#[inline(always)]
unsafe fn steps<const CAREFUL: bool>(from: *const f32) -> __m256i {
    // SAFETY: the caller vouches for AVX2; eight values are readable.
    unsafe {
        let mut steps = _mm256_mul_ps(_mm256_loadu_ps(from), _mm256_set1_ps(FULL_SCALE));
        if CAREFUL {
            let numbers = _mm256_and_ps(steps, _mm256_cmp_ps(steps, steps, _CMP_ORD_Q));
            steps = _mm256_min_ps(numbers, _mm256_set1_ps(FULL_SCALE));
        }
        _mm256_cvtps_epi32(steps)
    }
}
