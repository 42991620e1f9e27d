//! 128-bit vectors. The conversions round, saturate and turn NaN into 0 by themselves.

use core::arch::aarch64::{int16x4_t, int32x4_t};

use pulp::aarch64::Neon;
use pulp::{Simd, cast, f32x4, i8x16, i16x8, i32x4};

use crate::SimdLevel;
use crate::arch::all::{FULL_SCALE, Q12_BITS};
use crate::arch::generic::{Isa, Kernel, kernel_table, via_pulp};

kernel_table!(SimdLevel::Neon, Neon::new_unchecked(), "neon");

impl Isa for Neon {
    via_pulp!(f32x4);
    const NARROWEST: bool = true;

    #[inline(always)]
    fn narrower<K: Kernel>(self, rest: K) -> K::Output {
        rest.single()
    }

    #[inline(always)]
    fn larger_magnitude(self, samples: f32x4, peaks: f32x4) -> f32x4 {
        // FMAXNM returns the number when one operand is NaN.
        cast!(self.neon.vmaxnmq_f32(self.neon.vabsq_f32(cast!(samples)), cast!(peaks)))
    }

    #[inline(always)]
    fn limited(self, a: f32x4) -> f32x4 {
        // As above.
        let not_below = self.neon.vmaxnmq_f32(cast!(a), cast!(self.splat(-1.0)));
        cast!(self.neon.vminnmq_f32(not_below, cast!(self.splat(1.0))))
    }

    #[inline(always)]
    fn widen(self, a: i16x8) -> [f32x4; 2] {
        let low: int32x4_t = self.neon.vmovl_s16(self.neon.vget_low_s16(cast!(a)));
        let high: int32x4_t = self.neon.vmovl_high_s16(cast!(a));
        let to_unit = self.splat(1.0 / FULL_SCALE);
        [
            self.mul(cast!(self.neon.vcvtq_f32_s32(low)), to_unit),
            self.mul(cast!(self.neon.vcvtq_f32_s32(high)), to_unit),
        ]
    }

    #[inline(always)]
    fn narrow(self, [a, b]: [f32x4; 2]) -> i16x8 {
        cast!(self.neon.vcombine_s16(round(self, a), round(self, b)))
    }

    #[inline(always)]
    fn narrow_quickly(self, a: [f32x4; 2]) -> i16x8 {
        self.narrow(a)
    }

    #[inline(always)]
    fn smaller(self, a: i16x8, b: i16x8) -> i16x8 {
        cast!(self.neon.vminq_s16(cast!(a), cast!(b)))
    }

    /// Never asks for another go: the conversion is right at once.
    #[inline(always)]
    fn has_least(self, _: i16x8) -> bool {
        false
    }

    #[inline(always)]
    fn gain_q12(self, a: i16x8, gain: i16) -> i16x8 {
        let low = self.neon.vmull_n_s16(self.neon.vget_low_s16(cast!(a)), gain);
        let high = self.neon.vmull_high_n_s16(cast!(a), gain);
        let low = self.neon.vqrshrn_n_s32::<Q12_BITS>(low);
        cast!(self.neon.vqrshrn_high_n_s32::<Q12_BITS>(low, high))
    }

    #[inline(always)]
    fn widen_i8(self, a: i8x16) -> [i16x8; 2] {
        let low = self.neon.vmovl_s8(self.neon.vget_low_s8(cast!(a)));
        [cast!(low), cast!(self.neon.vmovl_high_s8(cast!(a)))]
    }

    #[inline(always)]
    fn splat_pair(self, pair: [i16; 2]) -> i16x8 {
        cast!(self.neon.vdupq_n_s32(i32::from(pair[1]) << 16 | i32::from(pair[0] as u16)))
    }

    #[inline(always)]
    fn add_pair_products(self, a: i16x8, b: i16x8, acc: i32x4) -> i32x4 {
        let low = self.neon.vmull_s16(self.neon.vget_low_s16(cast!(a)), self.neon.vget_low_s16(cast!(b)));
        let high = self.neon.vmull_high_s16(cast!(a), cast!(b));
        cast!(self.neon.vaddq_s32(cast!(acc), self.neon.vpaddq_s32(low, high)))
    }
}

#[inline(always)]
fn round(isa: Neon, samples: f32x4) -> int16x4_t {
    let scaled = cast!(isa.mul(samples, isa.splat(FULL_SCALE)));
    isa.neon.vqmovn_s32(isa.neon.vcvtnq_s32_f32(scaled))
}
