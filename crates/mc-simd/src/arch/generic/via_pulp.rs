//! Arithmetic that pulp already has.

/// The methods of [`Isa`](super::Isa) for one of pulp's own tokens, whose vectors are `$f32s`.
macro_rules! via_pulp {
    ($f32s:ty) => {
        type Shape = Self;

        #[inline(always)]
        fn and(self, a: $f32s, mask: $f32s) -> $f32s {
            self.and_f32s(a, mask)
        }

        #[inline(always)]
        fn splat(self, value: f32) -> $f32s {
            self.splat_f32s(value)
        }

        #[inline(always)]
        fn add(self, a: $f32s, b: $f32s) -> $f32s {
            self.add_f32s(a, b)
        }

        #[inline(always)]
        fn sub(self, a: $f32s, b: $f32s) -> $f32s {
            self.sub_f32s(a, b)
        }

        #[inline(always)]
        fn mul(self, a: $f32s, b: $f32s) -> $f32s {
            self.mul_f32s(a, b)
        }

        #[inline(always)]
        fn mul_add(self, a: $f32s, b: $f32s, c: $f32s) -> $f32s {
            self.mul_add_e_f32s(a, b, c)
        }

        #[inline(always)]
        fn complex_mul_add<const CONJ: bool>(self, a: $f32s, b: $f32s, acc: $f32s) -> $f32s {
            if CONJ { self.conj_mul_add_c32s(a, b, acc) } else { self.mul_add_c32s(a, b, acc) }
        }

        #[inline(always)]
        fn sum_lanes(self, a: $f32s) -> f32 {
            self.reduce_sum_f32s(a)
        }

        #[inline(always)]
        fn max_lane(self, a: $f32s) -> f32 {
            self.reduce_max_f32s(a)
        }
    };
}

pub(in crate::arch) use via_pulp;
