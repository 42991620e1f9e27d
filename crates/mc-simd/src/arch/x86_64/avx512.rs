//! 512-bit vectors.

use core::arch::x86_64::{__m256i, __m512i, _CMP_ORD_Q};

use pulp::x86::{V3, V4};
use pulp::{Simd, cast, f32x16, i8x64, i16x32, i32x16};

use crate::SimdLevel;
use crate::arch::all::{FULL_SCALE, Q12_BITS, Q12_HALF};
use crate::arch::generic::{Isa, Kernel, kernel_table, via_pulp};

kernel_table!(
    SimdLevel::Avx512,
    V4::new_unchecked(),
    "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi1,bmi2,lzcnt,popcnt"
);

impl Isa for V4 {
    via_pulp!(f32x16);
    const NARROWEST: bool = false;

    #[inline(always)]
    fn narrower<K: Kernel>(self, rest: K) -> K::Output {
        rest.vectors::<V3, false>(*self)
    }

    #[inline(always)]
    fn larger_magnitude(self, samples: f32x16, peaks: f32x16) -> f32x16 {
        // VMAXPS returns its second operand when either is NaN.
        self.max_f32s(self.abs_f32s(samples), peaks)
    }

    #[inline(always)]
    fn limited(self, a: f32x16) -> f32x16 {
        // As above.
        self.min_f32s(self.max_f32s(a, self.splat(-1.0)), self.splat(1.0))
    }

    #[inline(always)]
    fn widen(self, a: i16x32) -> [f32x16; 2] {
        let [low, high]: [__m256i; 2] = cast!(a);
        let to_unit = self.splat(1.0 / FULL_SCALE);
        let low = self.avx512f._mm512_cvtepi32_ps(self.avx512f._mm512_cvtepi16_epi32(low));
        let high = self.avx512f._mm512_cvtepi32_ps(self.avx512f._mm512_cvtepi16_epi32(high));
        [self.mul(cast!(low), to_unit), self.mul(cast!(high), to_unit)]
    }

    #[inline(always)]
    fn narrow(self, [a, b]: [f32x16; 2]) -> i16x32 {
        in_order(self, self.avx512bw._mm512_packs_epi32(round(self, a), round(self, b)))
    }

    #[inline(always)]
    fn narrow_quickly(self, [a, b]: [f32x16; 2]) -> i16x32 {
        let a = self.avx512f._mm512_cvtps_epi32(cast!(self.mul(a, self.splat(FULL_SCALE))));
        let b = self.avx512f._mm512_cvtps_epi32(cast!(self.mul(b, self.splat(FULL_SCALE))));
        in_order(self, self.avx512bw._mm512_packs_epi32(a, b))
    }

    #[inline(always)]
    fn smaller(self, a: i16x32, b: i16x32) -> i16x32 {
        cast!(self.avx512bw._mm512_min_epi16(cast!(a), cast!(b)))
    }

    #[inline(always)]
    fn has_least(self, a: i16x32) -> bool {
        let least = self.avx512f._mm512_set1_epi16(i16::MIN);
        self.avx512bw._mm512_cmpeq_epi16_mask(cast!(a), least) != 0
    }

    #[inline(always)]
    fn gain_q12(self, a: i16x32, gain: i16) -> i16x32 {
        // Pairs of a sample and 1, times pairs of the gain and the rounding term, summed by the instruction.
        let ones = self.avx512f._mm512_set1_epi16(1);
        let factors = self.avx512f._mm512_set1_epi32(i32::from(Q12_HALF) << 16 | i32::from(gain as u16));
        let low =
            self.avx512bw._mm512_madd_epi16(self.avx512bw._mm512_unpacklo_epi16(cast!(a), ones), factors);
        let high =
            self.avx512bw._mm512_madd_epi16(self.avx512bw._mm512_unpackhi_epi16(cast!(a), ones), factors);
        cast!(self.avx512bw._mm512_packs_epi32(
            self.avx512f._mm512_srai_epi32::<{ Q12_BITS as u32 }>(low),
            self.avx512f._mm512_srai_epi32::<{ Q12_BITS as u32 }>(high)
        ))
    }

    #[inline(always)]
    fn widen_i8(self, a: i8x64) -> [i16x32; 2] {
        let [low, high]: [__m256i; 2] = cast!(a);
        [cast!(self.avx512bw._mm512_cvtepi8_epi16(low)), cast!(self.avx512bw._mm512_cvtepi8_epi16(high))]
    }

    #[inline(always)]
    fn splat_pair(self, pair: [i16; 2]) -> i16x32 {
        cast!(self.avx512f._mm512_set1_epi32(i32::from(pair[1]) << 16 | i32::from(pair[0] as u16)))
    }

    #[inline(always)]
    fn add_pair_products(self, a: i16x32, b: i16x32, acc: i32x16) -> i32x16 {
        let products = self.avx512bw._mm512_madd_epi16(cast!(a), cast!(b));
        cast!(self.avx512f._mm512_add_epi32(cast!(acc), products))
    }
}

/// Nearest integers in 32-bit lanes, up to the largest of 16 bits; everything below the least of 32 bits
/// becomes that, which packing saturates.
#[inline(always)]
fn round(isa: V4, samples: f32x16) -> __m512i {
    let scaled = cast!(isa.mul(samples, isa.splat(FULL_SCALE)));
    let limited = isa.avx512f._mm512_min_ps(scaled, isa.avx512f._mm512_set1_ps(f32::from(i16::MAX)));
    let is_number = isa.avx512f._mm512_cmp_ps_mask::<_CMP_ORD_Q>(scaled, scaled);
    isa.avx512f._mm512_maskz_cvtps_epi32(is_number, limited)
}

/// Packing takes eighths from its two operands in turn.
#[inline(always)]
fn in_order(isa: V4, packed: __m512i) -> i16x32 {
    let eighths = isa.avx512f._mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    cast!(isa.avx512f._mm512_permutexvar_epi64(eighths, packed))
}
