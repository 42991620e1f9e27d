//! 256-bit vectors. Packing and unpacking work within each 128-bit half, so quarters are put in order.

use core::arch::x86_64::{__m128i, __m256i, _CMP_ORD_Q};

use pulp::x86::{V1, V3};
use pulp::{Simd, cast, f32x8, i8x32, i16x16, i32x8};

use crate::SimdLevel;
use crate::arch::all::{FULL_SCALE, Q12_BITS, Q12_HALF};
use crate::arch::generic::{Isa, Kernel, kernel_table, via_pulp};

kernel_table!(SimdLevel::Avx2, V3::new_unchecked(), "avx2,fma,bmi1,bmi2,lzcnt,popcnt");

impl Isa for V3 {
    via_pulp!(f32x8);
    const NARROWEST: bool = false;

    #[inline(always)]
    fn narrower<K: Kernel>(self, rest: K) -> K::Output {
        rest.vectors::<V1, false>(**self)
    }

    #[inline(always)]
    fn larger_magnitude(self, samples: f32x8, peaks: f32x8) -> f32x8 {
        // VMAXPS returns its second operand when either is NaN.
        self.max_f32s(self.abs_f32s(samples), peaks)
    }

    #[inline(always)]
    fn limited(self, a: f32x8) -> f32x8 {
        // As above.
        self.min_f32s(self.max_f32s(a, self.splat(-1.0)), self.splat(1.0))
    }

    #[inline(always)]
    fn widen(self, a: i16x16) -> [f32x8; 2] {
        let [low, high]: [__m128i; 2] = cast!(a);
        let to_unit = self.splat(1.0 / FULL_SCALE);
        let low = self.avx._mm256_cvtepi32_ps(self.avx2._mm256_cvtepi16_epi32(low));
        let high = self.avx._mm256_cvtepi32_ps(self.avx2._mm256_cvtepi16_epi32(high));
        [self.mul(cast!(low), to_unit), self.mul(cast!(high), to_unit)]
    }

    #[inline(always)]
    fn narrow(self, [a, b]: [f32x8; 2]) -> i16x16 {
        in_order(self, self.avx2._mm256_packs_epi32(round(self, a), round(self, b)))
    }

    #[inline(always)]
    fn narrow_quickly(self, [a, b]: [f32x8; 2]) -> i16x16 {
        let a = self.avx._mm256_cvtps_epi32(cast!(self.mul(a, self.splat(FULL_SCALE))));
        let b = self.avx._mm256_cvtps_epi32(cast!(self.mul(b, self.splat(FULL_SCALE))));
        in_order(self, self.avx2._mm256_packs_epi32(a, b))
    }

    #[inline(always)]
    fn smaller(self, a: i16x16, b: i16x16) -> i16x16 {
        cast!(self.avx2._mm256_min_epi16(cast!(a), cast!(b)))
    }

    #[inline(always)]
    fn has_least(self, a: i16x16) -> bool {
        let least = self.avx._mm256_set1_epi16(i16::MIN);
        self.avx2._mm256_movemask_epi8(self.avx2._mm256_cmpeq_epi16(cast!(a), least)) != 0
    }

    #[inline(always)]
    fn gain_q12(self, a: i16x16, gain: i16) -> i16x16 {
        // Pairs of a sample and 1, times pairs of the gain and the rounding term, summed by the instruction.
        let ones = self.avx._mm256_set1_epi16(1);
        let factors = self.avx._mm256_set1_epi32(i32::from(Q12_HALF) << 16 | i32::from(gain as u16));
        let low = self.avx2._mm256_madd_epi16(self.avx2._mm256_unpacklo_epi16(cast!(a), ones), factors);
        let high = self.avx2._mm256_madd_epi16(self.avx2._mm256_unpackhi_epi16(cast!(a), ones), factors);
        cast!(self.avx2._mm256_packs_epi32(
            self.avx2._mm256_srai_epi32::<{ Q12_BITS }>(low),
            self.avx2._mm256_srai_epi32::<{ Q12_BITS }>(high)
        ))
    }

    #[inline(always)]
    fn widen_i8(self, a: i8x32) -> [i16x16; 2] {
        let [low, high]: [__m128i; 2] = cast!(a);
        [cast!(self.avx2._mm256_cvtepi8_epi16(low)), cast!(self.avx2._mm256_cvtepi8_epi16(high))]
    }

    #[inline(always)]
    fn splat_pair(self, pair: [i16; 2]) -> i16x16 {
        cast!(self.avx._mm256_set1_epi32(i32::from(pair[1]) << 16 | i32::from(pair[0] as u16)))
    }

    #[inline(always)]
    fn add_pair_products(self, a: i16x16, b: i16x16, acc: i32x8) -> i32x8 {
        cast!(self.avx2._mm256_add_epi32(cast!(acc), self.avx2._mm256_madd_epi16(cast!(a), cast!(b))))
    }
}

/// Nearest integers in 32-bit lanes, up to the largest of 16 bits; everything below the least of 32 bits
/// becomes that, which packing saturates.
#[inline(always)]
fn round(isa: V3, samples: f32x8) -> __m256i {
    let scaled = cast!(isa.mul(samples, isa.splat(FULL_SCALE)));
    let limited = isa.avx._mm256_min_ps(scaled, isa.avx._mm256_set1_ps(f32::from(i16::MAX)));
    let is_number = isa.avx._mm256_cmp_ps::<_CMP_ORD_Q>(scaled, scaled);
    isa.avx2._mm256_and_si256(isa.avx._mm256_cvtps_epi32(limited), cast!(is_number))
}

/// Packing takes quarters from its two operands in turn.
#[inline(always)]
fn in_order(isa: V3, packed: __m256i) -> i16x16 {
    cast!(isa.avx2._mm256_permute4x64_epi64::<0b11_01_10_00>(packed))
}
