//! 128-bit vectors, present on every x86-64 CPU.

use core::arch::x86_64::__m128i;

use pulp::x86::{V1, V2};
use pulp::{cast, f32x4, i8x16, i16x8, i32x4};

use crate::SimdLevel;
use crate::arch::all::{FULL_SCALE, Q12_BITS, Q12_HALF};
use crate::arch::generic::{Isa, Kernel, kernel_table};

kernel_table!(
    SimdLevel::Sse2,
    V1::new_unchecked(),
    "sse2",
    // Of these loops the compiler makes the same instructions unasked, and begins and ends them in less time.
    portable: [crossfade, complex_mul_add, complex_conj_mul_add, i16_to_f32]
);

impl Isa for V1 {
    // Only the types and the cutting of slices: the instructions are this file's.
    type Shape = V2;
    const NARROWEST: bool = true;

    #[inline(always)]
    fn narrower<K: Kernel>(self, rest: K) -> K::Output {
        rest.single()
    }

    #[inline(always)]
    fn and(self, a: f32x4, mask: f32x4) -> f32x4 {
        cast!(self.sse._mm_and_ps(cast!(a), cast!(mask)))
    }

    #[inline(always)]
    fn splat(self, value: f32) -> f32x4 {
        cast!(self.sse._mm_set1_ps(value))
    }

    #[inline(always)]
    fn add(self, a: f32x4, b: f32x4) -> f32x4 {
        cast!(self.sse._mm_add_ps(cast!(a), cast!(b)))
    }

    #[inline(always)]
    fn sub(self, a: f32x4, b: f32x4) -> f32x4 {
        cast!(self.sse._mm_sub_ps(cast!(a), cast!(b)))
    }

    #[inline(always)]
    fn mul(self, a: f32x4, b: f32x4) -> f32x4 {
        cast!(self.sse._mm_mul_ps(cast!(a), cast!(b)))
    }

    #[inline(always)]
    fn mul_add(self, a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
        self.add(self.mul(a, b), c)
    }

    #[inline(always)]
    fn complex_mul_add<const CONJ: bool>(self, a: f32x4, b: f32x4, acc: f32x4) -> f32x4 {
        let (a, b) = (cast!(a), cast!(b));
        let a_re = cast!(self.sse._mm_shuffle_ps::<0b10_10_00_00>(a, a));
        let a_im = self.sse._mm_shuffle_ps::<0b11_11_01_01>(a, a);
        let b_swapped = cast!(self.sse._mm_shuffle_ps::<0b10_11_00_01>(b, b));
        let signs = if CONJ { f32x4(0.0, -0.0, 0.0, -0.0) } else { f32x4(-0.0, 0.0, -0.0, 0.0) };
        let a_im = cast!(self.sse._mm_xor_ps(a_im, cast!(signs)));
        self.mul_add(a_re, cast!(b), self.mul_add(a_im, b_swapped, acc))
    }

    #[inline(always)]
    fn larger_magnitude(self, samples: f32x4, peaks: f32x4) -> f32x4 {
        let magnitudes = self.sse._mm_andnot_ps(self.sse._mm_set1_ps(-0.0), cast!(samples));
        // MAXPS returns its second operand when either is NaN.
        cast!(self.sse._mm_max_ps(magnitudes, cast!(peaks)))
    }

    #[inline(always)]
    fn limited(self, a: f32x4) -> f32x4 {
        // As above.
        let not_below = self.sse._mm_max_ps(cast!(a), self.sse._mm_set1_ps(-1.0));
        cast!(self.sse._mm_min_ps(not_below, self.sse._mm_set1_ps(1.0)))
    }

    #[inline(always)]
    fn sum_lanes(self, a: f32x4) -> f32 {
        (a.0 + a.2) + (a.1 + a.3)
    }

    #[inline(always)]
    fn max_lane(self, a: f32x4) -> f32 {
        let a = cast!(a);
        let pairs = self.sse._mm_max_ps(a, self.sse._mm_movehl_ps(a, a));
        let swapped = self.sse._mm_shuffle_ps::<1>(pairs, pairs);
        self.sse._mm_cvtss_f32(self.sse._mm_max_ss(pairs, swapped))
    }

    #[inline(always)]
    fn widen(self, a: i16x8) -> [f32x4; 2] {
        // A sample in the upper half of a 32-bit lane is the sample times 65,536: no sign extension is needed.
        let zero = self.sse2._mm_setzero_si128();
        let low = self.sse2._mm_cvtepi32_ps(self.sse2._mm_unpacklo_epi16(zero, cast!(a)));
        let high = self.sse2._mm_cvtepi32_ps(self.sse2._mm_unpackhi_epi16(zero, cast!(a)));
        let to_unit = self.splat(1.0 / (65_536.0 * FULL_SCALE));
        [self.mul(cast!(low), to_unit), self.mul(cast!(high), to_unit)]
    }

    #[inline(always)]
    fn narrow(self, [a, b]: [f32x4; 2]) -> i16x8 {
        cast!(self.sse2._mm_packs_epi32(round(self, a), round(self, b)))
    }

    #[inline(always)]
    fn narrow_quickly(self, [a, b]: [f32x4; 2]) -> i16x8 {
        let a = self.sse2._mm_cvtps_epi32(cast!(self.mul(a, self.splat(FULL_SCALE))));
        let b = self.sse2._mm_cvtps_epi32(cast!(self.mul(b, self.splat(FULL_SCALE))));
        cast!(self.sse2._mm_packs_epi32(a, b))
    }

    #[inline(always)]
    fn smaller(self, a: i16x8, b: i16x8) -> i16x8 {
        cast!(self.sse2._mm_min_epi16(cast!(a), cast!(b)))
    }

    #[inline(always)]
    fn has_least(self, a: i16x8) -> bool {
        let least = self.sse2._mm_set1_epi16(i16::MIN);
        self.sse2._mm_movemask_epi8(self.sse2._mm_cmpeq_epi16(cast!(a), least)) != 0
    }

    #[inline(always)]
    fn gain_q12(self, a: i16x8, gain: i16) -> i16x8 {
        // Pairs of a sample and 1, times pairs of the gain and the rounding term, summed by the instruction.
        let ones = self.sse2._mm_set1_epi16(1);
        let factors = self.sse2._mm_set1_epi32(i32::from(Q12_HALF) << 16 | i32::from(gain as u16));
        let low = self.sse2._mm_madd_epi16(self.sse2._mm_unpacklo_epi16(cast!(a), ones), factors);
        let high = self.sse2._mm_madd_epi16(self.sse2._mm_unpackhi_epi16(cast!(a), ones), factors);
        cast!(self.sse2._mm_packs_epi32(
            self.sse2._mm_srai_epi32::<{ Q12_BITS }>(low),
            self.sse2._mm_srai_epi32::<{ Q12_BITS }>(high)
        ))
    }

    #[inline(always)]
    fn widen_i8(self, a: i8x16) -> [i16x8; 2] {
        // Shifting a number's copy out below it extends its sign.
        let low = self.sse2._mm_unpacklo_epi8(cast!(a), cast!(a));
        let high = self.sse2._mm_unpackhi_epi8(cast!(a), cast!(a));
        [cast!(self.sse2._mm_srai_epi16::<8>(low)), cast!(self.sse2._mm_srai_epi16::<8>(high))]
    }

    #[inline(always)]
    fn splat_pair(self, pair: [i16; 2]) -> i16x8 {
        cast!(self.sse2._mm_set1_epi32(i32::from(pair[1]) << 16 | i32::from(pair[0] as u16)))
    }

    #[inline(always)]
    fn add_pair_products(self, a: i16x8, b: i16x8, acc: i32x4) -> i32x4 {
        cast!(self.sse2._mm_add_epi32(cast!(acc), self.sse2._mm_madd_epi16(cast!(a), cast!(b))))
    }
}

/// Nearest integers in 32-bit lanes, up to the largest of 16 bits; everything below the least of 32 bits
/// becomes that, which packing saturates.
#[inline(always)]
fn round(isa: V1, samples: f32x4) -> __m128i {
    let scaled = cast!(isa.mul(samples, isa.splat(FULL_SCALE)));
    let limited = isa.sse._mm_min_ps(scaled, isa.sse._mm_set1_ps(f32::from(i16::MAX)));
    let is_number = isa.sse._mm_cmpord_ps(scaled, scaled);
    isa.sse2._mm_and_si128(isa.sse2._mm_cvtps_epi32(limited), cast!(is_number))
}
