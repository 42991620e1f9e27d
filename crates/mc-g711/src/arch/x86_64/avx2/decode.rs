//! From codes to samples, by the nibbles of a code.

use core::arch::x86_64::*;

use super::opaque;
use crate::arch::generic::{Coder, FULL_SCALE};
use crate::law::Law;

/// What the nibbles of a law's codes stand for. With `step` and `scale` of one sign or the other, a sample is
/// `step * scale + FACTOR * middle` in units of the law, and too large by `bias`, which makes all positive.
///
/// Tables are looked up by the nibble as it was sent.
struct Nibbles {
    /// By the lower nibble: twice the interval's middle, counted from 16 intervals before the segment.
    step: [i8; 16],
    /// By the upper nibble: the segment's power of two, in A-law with the code's sign.
    scale: [i8; 16],
    /// By the upper nibble: where the law's logarithmic part has its origin. In mu-law, whose powers with a sign
    /// would not fit a byte, it is negative as a signed byte for negative samples.
    middle: [i8; 16],
    factor: i8,
    bias: i16,
    /// Of [`shift`].
    shift: i32,
}

const MU: Nibbles = {
    let mut tables =
        Nibbles { step: [0; 16], scale: [0; 16], middle: [0; 16], factor: 66, bias: 8_415, shift: 2 };
    let mut nibble = 0;
    while nibble < 16 {
        tables.step[nibble] = step_of(nibble ^ 0xF);
        tables.scale[nibble] = (1_u8 << ((nibble ^ 0xF) & 7)) as i8;
        // 33 units less than the bias, and 33 more.
        tables.middle[nibble] = if is_positive(nibble) { 127 } else { 128_u8 as i8 };
        nibble += 1;
    }
    tables
};

const A: Nibbles = {
    let mut tables =
        Nibbles { step: [0; 16], scale: [0; 16], middle: [126; 16], factor: 32, bias: 126 * 32, shift: 3 };
    let mut nibble = 0;
    while nibble < 16 {
        tables.step[nibble] = step_of(nibble ^ 5);
        let sign = if is_positive(nibble) { 1 } else { -1 };
        let segment = (nibble ^ 5) & 7;
        tables.scale[nibble] = sign << segment.saturating_sub(1);
        if segment == 0 {
            // The lowest segment is as steep as the next, and begins 32 units below it: at zero.
            tables.middle[nibble] -= sign;
        }
        nibble += 1;
    }
    tables
};

const fn step_of(mantissa: usize) -> i8 {
    2 * mantissa as i8 + 33
}

const fn is_positive(upper_nibble: usize) -> bool {
    upper_nibble & 8 != 0
}

const fn nibbles(law: Law) -> &'static Nibbles {
    match law {
        Law::Mu => &MU,
        Law::A => &A,
    }
}

/// 16-bit steps in a unit of the law are two to this power.
pub(super) const fn shift<C: Coder>() -> i32 {
    nibbles(C::LAW).shift
}

/// One of sixteen values for every byte below 16.
#[inline(always)]
unsafe fn look_up(table: &[i8; 16], indices: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2; the table has sixteen bytes.
    unsafe {
        let table = _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()));
        _mm256_shuffle_epi8(table, indices)
    }
}

/// Units with the bias of the law, of the lower eight codes of both halves and of the upper ones.
#[inline(always)]
unsafe fn biased_units<C: Coder>(codes: __m256i) -> [__m256i; 2] {
    let tables = nibbles(C::LAW);
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let nibble = _mm256_set1_epi8(0xF);
        let upper = _mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble);
        let step = look_up(&tables.step, _mm256_and_si256(codes, nibble));
        let (scale, middle) = (look_up(&tables.scale, upper), look_up(&tables.middle, upper));
        // Known, unpacking with it would become two instructions.
        let factor = opaque(_mm256_set1_epi8(tables.factor));
        // Unsigned bytes first, signed bytes second.
        let [a, b] = match C::LAW {
            Law::Mu => [[scale, middle], [_mm256_sign_epi8(step, middle), factor]],
            Law::A => [[step, factor], [scale, middle]],
        };
        [
            _mm256_maddubs_epi16(_mm256_unpacklo_epi8(a[0], a[1]), _mm256_unpacklo_epi8(b[0], b[1])),
            _mm256_maddubs_epi16(_mm256_unpackhi_epi8(a[0], a[1]), _mm256_unpackhi_epi8(b[0], b[1])),
        ]
    }
}

/// Units of 32 codes: those of the first and third eight, and the others.
#[inline(always)]
pub(super) unsafe fn units<C: Coder>(codes: __m256i) -> [__m256i; 2] {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let bias = _mm256_set1_epi16(nibbles(C::LAW).bias);
        let [low, high] = biased_units::<C>(codes);
        [_mm256_sub_epi16(low, bias), _mm256_sub_epi16(high, bias)]
    }
}

/// Samples of 32 codes, in order.
#[inline(always)]
pub(super) unsafe fn samples<C: Coder>(codes: __m256i) -> [__m256i; 2] {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let [low, high] = units::<C>(_mm256_permute4x64_epi64(codes, 0b11_01_10_00));
        let shift = _mm_cvtsi32_si128(shift::<C>());
        [_mm256_sll_epi16(low, shift), _mm256_sll_epi16(high, shift)]
    }
}

/// Decodes 32 codes to f32: where a unit is the last bit of the mantissa, units are put there as they are.
#[inline(always)]
pub(super) unsafe fn decode_f32<C: Coder>(from: *const u8, to: *mut f32) {
    // SAFETY: the caller vouches for AVX2; 32 values are readable and writable.
    unsafe {
        let Nibbles { bias, shift, .. } = *nibbles(C::LAW);
        let unit = (1 << shift) as f32 / FULL_SCALE;
        let exponent = unit * (1 << 23) as f32;
        let zero = _mm256_set1_ps(exponent + f32::from(bias) * unit);
        let exponent = _mm256_set1_epi16((exponent.to_bits() >> 16) as i16);
        // So that unpacking twice, which works in halves, leaves the samples in order.
        let groups = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
        let codes = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(from.cast()), groups);
        let mut to = to;
        for units in biased_units::<C>(codes) {
            for wide in [_mm256_unpacklo_epi16(units, exponent), _mm256_unpackhi_epi16(units, exponent)] {
                _mm256_storeu_ps(to, _mm256_sub_ps(_mm256_castsi256_ps(wide), zero));
                to = to.add(8);
            }
        }
    }
}
