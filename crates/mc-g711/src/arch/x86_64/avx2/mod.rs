//! AVX2: 32 codes at a time.

mod decode;
mod encode;
mod map;

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::sse2::Sse2;
use crate::arch::generic::{self, A, Coder, Mu, Pcm, Tier, kernel_table};

/// 256-bit vectors.
pub(crate) struct Avx2;

kernel_table!(Avx2, Avx2, "avx2");

/// The same vector, of which the compiler does not know where it came from.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn opaque(mut vector: __m256i) -> __m256i {
    // SAFETY: there is no instruction in it, only a comment.
    unsafe {
        core::arch::asm!("/* {} */", inout(ymm_reg) vector, options(pure, nomem, nostack, preserves_flags));
    }
    vector
}

impl Tier for Avx2 {
    const LANES: usize = 32;
    type Samples = [__m256i; 2];
    type Codes = __m256i;
    type Sum = __m256i;

    #[inline(always)]
    unsafe fn load_i16(from: *const i16) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2; 32 values are readable.
        unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(16).cast())] }
    }

    #[inline(always)]
    unsafe fn store_i16([low, high]: [__m256i; 2], to: *mut i16) {
        // SAFETY: the caller vouches for AVX2; 32 values are writable.
        unsafe {
            _mm256_storeu_si256(to.cast(), low);
            _mm256_storeu_si256(to.add(16).cast(), high);
        }
    }

    #[inline(always)]
    unsafe fn load_codes(from: *const u8) -> __m256i {
        // SAFETY: the caller vouches for AVX2; 32 values are readable.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_codes(codes: __m256i, to: *mut u8) {
        // SAFETY: the caller vouches for AVX2; 32 values are writable.
        unsafe { _mm256_storeu_si256(to.cast(), encode::in_order(codes)) }
    }

    #[inline(always)]
    unsafe fn encode_mu<const BIAS: i16>(samples: [__m256i; 2]) -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe { encode::mu::<BIAS>(samples) }
    }

    #[inline(always)]
    unsafe fn encode_a(samples: [__m256i; 2]) -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe { encode::a(samples) }
    }

    #[inline(always)]
    unsafe fn encode_f32<C: Coder>(from: *const f32, to: *mut u8) {
        // SAFETY: the caller vouches for AVX2 and the pointers.
        unsafe { encode::encode_f32::<C>(from, to) }
    }

    #[inline(always)]
    unsafe fn decode_mu(codes: __m256i) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2.
        unsafe { decode::samples::<Mu<0>>(codes) }
    }

    #[inline(always)]
    unsafe fn decode_a(codes: __m256i) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2.
        unsafe { decode::samples::<A>(codes) }
    }

    #[inline(always)]
    unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32) {
        // SAFETY: the caller vouches for AVX2 and the pointers.
        unsafe { decode::decode_f32::<C>(from, to) }
    }

    #[inline(always)]
    unsafe fn no_sum() -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn add_energy<C: Coder>(sum: __m256i, from: *const u8) -> __m256i {
        // SAFETY: the caller vouches for AVX2; 32 codes are readable.
        unsafe {
            // None has more than 8,031 units: twice as many pairs of squares as there are in a sum fit 31 bits.
            let [low, high] = decode::units::<C>(Self::load_codes(from));
            let sum = _mm256_add_epi32(sum, _mm256_madd_epi16(low, low));
            _mm256_add_epi32(sum, _mm256_madd_epi16(high, high))
        }
    }

    #[inline(always)]
    unsafe fn total<C: Coder>(sum: __m256i) -> u64 {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let low = _mm256_and_si256(sum, _mm256_set1_epi64x(0xFFFF_FFFF));
            let sums = _mm256_add_epi64(low, _mm256_srli_epi64(sum, 32));
            let halves = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
            let total = _mm_cvtsi128_si64(halves) + _mm_extract_epi64(halves, 1);
            (total as u64) << (2 * decode::shift::<C>())
        }
    }

    #[inline(always)]
    unsafe fn encode_few<C: Coder, P: Pcm>(samples: &[P], codes: &mut [u8]) {
        // SAFETY: AVX2 includes SSE2.
        unsafe { generic::encode::<Sse2, C, P>(samples, codes) }
    }

    #[inline(always)]
    unsafe fn decode_few<C: Coder, P: Pcm>(codes: &[u8], samples: &mut [MaybeUninit<P>]) {
        // SAFETY: AVX2 includes SSE2.
        unsafe { generic::decode::<Sse2, C, P>(codes, samples) }
    }

    #[inline(always)]
    unsafe fn energy_few<C: Coder>(codes: &[u8]) -> u64 {
        // SAFETY: AVX2 includes SSE2.
        unsafe { generic::energy::<Sse2, C>(codes) }
    }
    #[inline(always)]
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]) {
        // SAFETY: the caller vouches for AVX2.
        unsafe { map::map(table, codes) }
    }
}
