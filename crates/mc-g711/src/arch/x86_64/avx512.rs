//! AVX-512 F and BW: 32 codes at a time.

use core::arch::x86_64::*;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::avx2::{Avx2, opaque};
use super::sse2::{LOG_128, Sse2};
use crate::arch::generic::{self, Coder, FULL_SCALE, MU_OFFSET, Pcm, Tier, kernel_table};

/// 512-bit vectors, with one of two ways to find intervals and one of two to look bytes up.
pub(crate) struct Avx512<I, B>(PhantomData<(I, B)>);

kernel_table!(Avx512<ViaSingle, ViaShuffles>, Avx512, "avx512f,avx512bw");

/// Where the intervals of G.711 are found: the encoder less signs and the bits' inversion.
///
/// # Safety
/// The CPU has AVX-512 F and BW, and what the way needs beyond.
pub(crate) trait Intervals {
    /// From magnitudes with mu-law's offset, 132 to `i16::MAX`.
    unsafe fn mu(magnitudes: __m512i) -> __m512i;
    /// From magnitudes, 0 to `i16::MAX`.
    unsafe fn a(magnitudes: __m512i) -> __m512i;
}

/// By the exponents and mantissas of f32, as in [`super::sse2`].
pub(crate) struct ViaSingle;

/// What depends on looking bytes up in tables of 256.
///
/// # Safety
/// The CPU has AVX-512 F and BW, and what the way needs beyond.
pub(crate) trait Bytes {
    /// [`Tier::map`].
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]);

    /// [`Tier::energy`] of the tier.
    #[inline(always)]
    unsafe fn energy<T: Tier, C: Coder>(codes: &[u8]) -> u64 {
        // SAFETY: the caller vouches for AVX-512.
        unsafe { generic::energy::<T, C>(codes) }
    }

    /// [`Tier::map_metered`].
    unsafe fn map_metered<C: Coder>(table: &[u8; 256], codes: &mut [u8]) -> u64;
}

/// As AVX2 does.
pub(crate) struct ViaShuffles;

impl Bytes for ViaShuffles {
    #[inline(always)]
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]) {
        // SAFETY: AVX-512 includes AVX2.
        unsafe { Avx2::map(table, codes) }
    }

    #[inline(always)]
    unsafe fn map_metered<C: Coder>(table: &[u8; 256], codes: &mut [u8]) -> u64 {
        // SAFETY: AVX-512 includes AVX2.
        unsafe { Avx2::map_metered::<C>(table, codes) }
    }
}

// The inputs of `_mm512_ternarylogic_epi32`, as columns of its truth table.
const A: i32 = 0b1111_0000;
const B: i32 = 0b1100_1100;
const C: i32 = 0b1010_1010;

/// Segment and interval of 32 magnitudes.
#[inline(always)]
unsafe fn log(magnitudes: __m512i) -> __m512i {
    // SAFETY: the caller vouches for AVX-512.
    unsafe {
        let even = _mm512_slli_epi32(magnitudes, 16);
        let even = _mm512_srli_epi32(_mm512_castps_si512(_mm512_cvtepi32_ps(even)), 19);
        let odd = _mm512_srli_epi32(_mm512_castps_si512(_mm512_cvtepi32_ps(magnitudes)), 19 - 16);
        let log = _mm512_ternarylogic_epi32(even, odd, _mm512_set1_epi32(!0xFFFF), A | (B & C));
        _mm512_sub_epi16(log, _mm512_set1_epi16(LOG_128))
    }
}

impl Intervals for ViaSingle {
    #[inline(always)]
    unsafe fn mu(magnitudes: __m512i) -> __m512i {
        // SAFETY: the caller vouches for AVX-512.
        unsafe { log(magnitudes) }
    }

    #[inline(always)]
    unsafe fn a(magnitudes: __m512i) -> __m512i {
        // SAFETY: the caller vouches for AVX-512.
        unsafe { log(_mm512_avg_epu16(magnitudes, _mm512_max_epi16(magnitudes, _mm512_set1_epi16(255)))) }
    }
}

/// All ones for negative samples; and their magnitudes, one less than the absolute value.
#[inline(always)]
unsafe fn sign_and_magnitude(samples: __m512i) -> (__m512i, __m512i) {
    // SAFETY: the caller vouches for AVX-512.
    unsafe {
        let sign = _mm512_srai_epi16(samples, 15);
        (sign, _mm512_xor_si512(samples, sign))
    }
}

/// Codes from intervals: inverted as they are sent, and with their signs.
#[inline(always)]
unsafe fn codes(intervals: __m512i, sent: i16, sign: __m512i) -> __m256i {
    // SAFETY: the caller vouches for AVX-512.
    unsafe {
        let positive = _mm512_xor_si512(intervals, _mm512_set1_epi16(sent));
        let signed = _mm512_ternarylogic_epi32(positive, sign, _mm512_set1_epi16(0x80), A ^ (B & C));
        _mm512_cvtepi16_epi8(signed)
    }
}

/// Sixteen f32 samples in 16-bit steps, not yet saturated at the bottom.
#[inline(always)]
unsafe fn steps(from: *const f32) -> __m512i {
    // SAFETY: the caller vouches for AVX-512; sixteen values are readable.
    unsafe {
        let steps = _mm512_mul_ps(_mm512_loadu_ps(from), _mm512_set1_ps(FULL_SCALE));
        let numbers = _mm512_cmp_ps_mask(steps, steps, _CMP_ORD_Q);
        // Too small numbers become i32::MIN, and so would too large ones.
        let bounded = _mm512_maskz_min_ps(numbers, steps, _mm512_set1_ps(FULL_SCALE));
        _mm512_cvtps_epi32(bounded)
    }
}

/// The sum of unsigned 32-bit lanes that hold squares of units of 4, in squares of 16-bit steps.
#[inline(always)]
pub(super) unsafe fn total(sum: __m512i) -> u64 {
    // SAFETY: the caller vouches for AVX-512.
    unsafe {
        let (low, high) = (_mm512_and_si512(sum, _mm512_set1_epi64(0xFFFF_FFFF)), _mm512_srli_epi64(sum, 32));
        _mm512_reduce_add_epi64(_mm512_add_epi64(low, high)) as u64 * (4 * 4)
    }
}

impl<I: Intervals, B: Bytes> Tier for Avx512<I, B> {
    const LANES: usize = 32;
    type Samples = __m512i;
    type Codes = __m256i;
    type Sum = __m512i;

    #[inline(always)]
    unsafe fn load_i16(from: *const i16) -> __m512i {
        // SAFETY: the caller vouches for AVX-512; 32 values are readable.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_i16(samples: __m512i, to: *mut i16) {
        // SAFETY: the caller vouches for AVX-512; 32 values are writable.
        unsafe { _mm512_storeu_si512(to.cast(), samples) }
    }

    #[inline(always)]
    unsafe fn load_codes(from: *const u8) -> __m256i {
        // SAFETY: the caller vouches for AVX-512; 32 values are readable.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_codes(codes: __m256i, to: *mut u8) {
        // SAFETY: the caller vouches for AVX-512; 32 values are writable.
        unsafe { _mm256_storeu_si256(to.cast(), codes) }
    }

    #[inline(always)]
    unsafe fn encode_mu<const BIAS: i16>(samples: __m512i) -> __m256i {
        // SAFETY: the caller vouches for AVX-512 and what `I` needs.
        unsafe {
            let (sign, magnitude) = sign_and_magnitude(samples);
            let bias = _mm512_and_si512(sign, _mm512_set1_epi16(BIAS));
            let offset = _mm512_add_epi16(_mm512_set1_epi16(MU_OFFSET), bias);
            codes(I::mu(_mm512_adds_epi16(magnitude, offset)), 0xFF, sign)
        }
    }

    #[inline(always)]
    unsafe fn encode_a(samples: __m512i) -> __m256i {
        // SAFETY: the caller vouches for AVX-512 and what `I` needs.
        unsafe {
            let (sign, magnitude) = sign_and_magnitude(samples);
            codes(I::a(magnitude), 0xD5, sign)
        }
    }

    #[inline(always)]
    unsafe fn decode_mu(codes: __m256i) -> __m512i {
        // SAFETY: the caller vouches for AVX-512.
        unsafe {
            let codes = _mm512_cvtepu8_epi16(codes);
            let mantissa = _mm512_set1_epi16(0xF << 3);
            let offset = _mm512_set1_epi16(MU_OFFSET);
            // Bits are sent inverted; those of the offset are not among the mantissa's.
            let base = _mm512_ternarylogic_epi32(_mm512_slli_epi16(codes, 3), mantissa, offset, (!A & B) | C);
            let segment = _mm512_andnot_si512(_mm512_srli_epi16(codes, 4), _mm512_set1_epi16(7));
            let power = _mm512_sllv_epi16(base, segment);
            let negative = _mm512_testn_epi16_mask(codes, _mm512_set1_epi16(0x80));
            _mm512_mask_sub_epi16(_mm512_sub_epi16(power, offset), negative, offset, power)
        }
    }

    #[inline(always)]
    unsafe fn decode_a(codes: __m256i) -> __m512i {
        // SAFETY: the caller vouches for AVX-512.
        unsafe {
            let codes = _mm512_cvtepu8_epi16(codes);
            let interval = _mm512_xor_si512(codes, _mm512_set1_epi16(0x55));
            let (mantissa, half) = (_mm512_set1_epi16(0xF0), _mm512_set1_epi16(8));
            let lowest =
                _mm512_ternarylogic_epi32(_mm512_slli_epi16(interval, 4), mantissa, half, (A & B) | C);
            // All segments but the lowest have a leading one, and double from the second on.
            let leading = _mm512_test_epi16_mask(interval, _mm512_set1_epi16(0x70));
            let base = _mm512_mask_add_epi16(lowest, leading, lowest, _mm512_set1_epi16(256));
            let segment = _mm512_and_si512(_mm512_srli_epi16(interval, 4), _mm512_set1_epi16(7));
            let magnitude = _mm512_sllv_epi16(base, _mm512_subs_epu16(segment, _mm512_set1_epi16(1)));
            let negative = _mm512_testn_epi16_mask(codes, _mm512_set1_epi16(0x80));
            _mm512_mask_sub_epi16(magnitude, negative, _mm512_setzero_si512(), magnitude)
        }
    }

    #[inline(always)]
    unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8) {
        // SAFETY: the caller vouches for AVX-512; 32 values are readable and writable.
        unsafe {
            let packed = _mm512_packs_epi32(steps(from), steps(from.add(16)));
            // Packing works within quarters.
            let samples = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed);
            Self::store_codes(C::encode::<Self>(samples), to);
        }
    }

    #[inline(always)]
    unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32) {
        // SAFETY: the caller vouches for AVX-512; 32 values are readable and writable.
        unsafe {
            // So that unpacking, which works in quarters, leaves the samples in order.
            let groups = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let samples = C::decode::<Self>(_mm256_permutevar8x32_epi32(Self::load_codes(from), groups));
            // From 256 on, a 16-bit step is the last bit of the mantissa: there the samples are put as they are, once
            // that makes all of them positive.
            let positive = _mm512_xor_si512(samples, _mm512_set1_epi16(i16::MIN));
            let exponent = opaque(_mm256_set1_epi16((256.0_f32.to_bits() >> 16) as i16));
            let exponent = _mm512_broadcast_i64x4(exponent);
            let zero = _mm512_set1_ps(256.0 + 1.0);
            for (n, wide) in
                [_mm512_unpacklo_epi16(positive, exponent), _mm512_unpackhi_epi16(positive, exponent)]
                    .into_iter()
                    .enumerate()
            {
                _mm512_storeu_ps(to.add(16 * n), _mm512_sub_ps(_mm512_castsi512_ps(wide), zero));
            }
        }
    }

    #[inline(always)]
    unsafe fn no_sum() -> __m512i {
        // SAFETY: the caller vouches for AVX-512.
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    unsafe fn add_energy<C: Coder>(sum: __m512i, from: *const u8) -> __m512i {
        // SAFETY: the caller vouches for AVX-512; 32 codes are readable.
        unsafe {
            // In units of 4, as in [`super::sse2`].
            let units = _mm512_srai_epi16(C::decode::<Self>(Self::load_codes(from)), 2);
            _mm512_add_epi32(sum, _mm512_madd_epi16(units, units))
        }
    }

    #[inline(always)]
    unsafe fn total<C: Coder>(sum: __m512i) -> u64 {
        // SAFETY: the caller vouches for AVX-512.
        unsafe { total(sum) }
    }

    #[inline(always)]
    unsafe fn encode_few<C: Coder, P: Pcm>(samples: &[P], codes: &mut [u8]) {
        // SAFETY: AVX-512 includes SSE2.
        unsafe { generic::encode::<Sse2, C, P>(samples, codes) }
    }

    #[inline(always)]
    unsafe fn decode_few<C: Coder, P: Pcm>(codes: &[u8], samples: &mut [MaybeUninit<P>]) {
        // SAFETY: AVX-512 includes SSE2.
        unsafe { generic::decode::<Sse2, C, P>(codes, samples) }
    }

    #[inline(always)]
    unsafe fn energy_few<C: Coder>(codes: &[u8]) -> u64 {
        // SAFETY: AVX-512 includes SSE2.
        unsafe { generic::energy::<Sse2, C>(codes) }
    }
    #[inline(always)]
    unsafe fn energy<C: Coder>(codes: &[u8]) -> u64 {
        // SAFETY: the caller vouches for AVX-512 and what `B` needs.
        unsafe { B::energy::<Self, C>(codes) }
    }

    #[inline(always)]
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]) {
        // SAFETY: the caller vouches for AVX-512 and what `B` needs.
        unsafe { B::map(table, codes) }
    }

    #[inline(always)]
    unsafe fn map_metered<C: Coder>(table: &[u8; 256], codes: &mut [u8]) -> u64 {
        // SAFETY: the caller vouches for AVX-512 and what `B` needs.
        unsafe { B::map_metered::<C>(table, codes) }
    }
}
