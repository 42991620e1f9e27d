//! AVX-512 FP16: intervals in 16-bit lanes, everything else as in [`super::avx512`].

use core::arch::x86_64::*;

use super::avx512::{Avx512, Intervals};
use super::vbmi::ViaPermutations;
use crate::arch::generic::kernel_table;

kernel_table!(Avx512<ViaHalf, ViaPermutations>, Avx512Fp16, "avx512f,avx512bw,avx512vbmi,avx512fp16");

/// By the exponents and mantissas of half-precision numbers.
pub(crate) struct ViaHalf;

/// The exponent and four bits of mantissa of the half-precision 128.0.
const LOG_128: i16 = (15 + 7) << 4;
/// The half-precision number 2^-22, a subnormal one.
const TWO_POW_MINUS_22: i16 = 1 << 2;

/// Magnitudes as half-precision numbers, cut off rather than rounded to 11 bits.
#[inline(always)]
unsafe fn to_half(magnitudes: __m512i) -> __m512h {
    // SAFETY: the caller vouches for AVX-512 FP16.
    unsafe { _mm512_cvt_roundepu16_ph(magnitudes, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC) }
}

/// Exponent and the four highest bits of the mantissa.
#[inline(always)]
unsafe fn log(numbers: __m512h) -> __m512i {
    // SAFETY: the caller vouches for AVX-512 FP16.
    unsafe { _mm512_srli_epi16(_mm512_castph_si512(numbers), 6) }
}

impl Intervals for ViaHalf {
    #[inline(always)]
    unsafe fn mu(magnitudes: __m512i) -> __m512i {
        // SAFETY: the caller vouches for AVX-512 FP16.
        unsafe { _mm512_sub_epi16(log(to_half(magnitudes)), _mm512_set1_epi16(LOG_128)) }
    }

    #[inline(always)]
    unsafe fn a(magnitudes: __m512i) -> __m512i {
        // SAFETY: the caller vouches for AVX-512 FP16.
        unsafe {
            // Scaled so that 256 is the smallest normal number, a half is A-law's own format: its two lowest
            // segments are the subnormal numbers and those of exponent 1, which are equally steep.
            let scale = _mm512_castsi512_ph(_mm512_set1_epi16(TWO_POW_MINUS_22));
            log(_mm512_mul_ph(to_half(magnitudes), scale))
        }
    }
}
