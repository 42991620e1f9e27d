//! Spectra in planes: real and imaginary parts are vectors of their own, so nothing is shuffled. A spectrum has
//! a bin more than fills whole vectors, as a rule; portable code takes it.

use pulp::Simd;

use super::{Isa, Kernel};
use crate::Lesson;
use crate::arch::all::{self, spectra};

/// Whole vectors of both planes, and the numbers after them.
macro_rules! cut {
    ($shape:ty, $cut:ident, $planes:expr) => {{
        let (re, im) = $planes;
        let ((re, re_rest), (im, im_rest)) = (<$shape>::$cut(re), <$shape>::$cut(im));
        ((re, im), (re_rest, im_rest))
    }};
}

pub(in crate::arch) struct PlanarMulAdd<'f> {
    pub(in crate::arch) acc: &'f mut [f32],
    pub(in crate::arch) a: &'f [f32],
    pub(in crate::arch) b: &'f [f32],
}

impl Kernel for PlanarMulAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let bins = self.acc.len() / 2;
        let ((re, im), rest) = cut!(I::Shape, as_mut_simd_f32s, self.acc.split_at_mut(bins));
        for (a, b) in spectra(self.a, bins).zip(spectra(self.b, bins)) {
            let ((a_re, a_im), a_rest) = cut!(I::Shape, as_simd_f32s, a);
            let ((b_re, b_im), b_rest) = cut!(I::Shape, as_simd_f32s, b);
            let factors = a_re.iter().zip(a_im).zip(b_re.iter().zip(b_im));
            for ((re, im), ((a_re, a_im), (b_re, b_im))) in re.iter_mut().zip(&mut *im).zip(factors) {
                *re = isa.sub(isa.mul_add(*a_re, *b_re, *re), isa.mul(*a_im, *b_im));
                *im = isa.mul_add(*a_re, *b_im, isa.mul_add(*a_im, *b_re, *im));
            }
            all::multiply((&mut *rest.0, &mut *rest.1), a_rest, b_rest);
        }
    }

    #[inline(always)]
    fn portable(self) {
        all::planar_mul_add(self.acc, self.a, self.b);
    }
}

pub(in crate::arch) struct PlanarPowerAdd<'f> {
    pub(in crate::arch) acc: &'f mut [f32],
    pub(in crate::arch) weights: &'f [f32],
    pub(in crate::arch) a: &'f [f32],
}

impl Kernel for PlanarPowerAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let bins = self.acc.len();
        let (sums, rest) = I::Shape::as_mut_simd_f32s(self.acc);
        for (weights, a) in self.weights.chunks_exact(bins.max(1)).zip(spectra(self.a, bins)) {
            let (factors, factors_rest) = I::Shape::as_simd_f32s(weights);
            let ((re, im), a_rest) = cut!(I::Shape, as_simd_f32s, a);
            for ((sum, weight), (re, im)) in sums.iter_mut().zip(factors).zip(re.iter().zip(im)) {
                *sum = isa.mul_add(*weight, isa.mul_add(*re, *re, isa.mul(*im, *im)), *sum);
            }
            all::add_powers(rest, factors_rest, a_rest);
        }
    }

    #[inline(always)]
    fn portable(self) {
        all::planar_power_add(self.acc, self.weights, self.a);
    }
}

pub(in crate::arch) struct KalmanUpdate<'f> {
    pub(in crate::arch) weights: &'f mut [f32],
    pub(in crate::arch) variance: &'f mut [f32],
    pub(in crate::arch) input: &'f [f32],
    pub(in crate::arch) lesson: Lesson<'f>,
}

impl Kernel for KalmanUpdate<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Lesson { error, certainty, kept, floor } = self.lesson;
        let bins = certainty.len();
        let ((e_re, e_im), error) = cut!(I::Shape, as_simd_f32s, error.split_at(bins));
        let (c, certainty) = I::Shape::as_simd_f32s(certainty);
        let rest = Lesson { certainty, ..self.lesson };
        let (kept, walk, floor) = (isa.splat(kept), isa.splat(1.0 - kept), isa.splat(floor));

        let weights = self.weights.chunks_exact_mut((2 * bins).max(1));
        let partitions = weights.zip(self.variance.chunks_exact_mut(bins.max(1)));
        for ((weights, variance), input) in partitions.zip(spectra(self.input, bins)) {
            let ((w_re, w_im), w_rest) = cut!(I::Shape, as_mut_simd_f32s, weights.split_at_mut(bins));
            let (p, p_rest) = I::Shape::as_mut_simd_f32s(variance);
            let ((x_re, x_im), x_rest) = cut!(I::Shape, as_simd_f32s, input);
            let learnt = e_re.iter().zip(e_im).zip(c);
            let seen = x_re.iter().zip(x_im).zip(learnt);
            for (((w_re, w_im), p), ((x_re, x_im), ((e_re, e_im), c))) in
                w_re.iter_mut().zip(w_im).zip(p).zip(seen)
            {
                let step_re = isa.mul_add(*x_re, *e_re, isa.mul(*x_im, *e_im));
                let step_im = isa.sub(isa.mul(*x_re, *e_im), isa.mul(*x_im, *e_re));
                let (re, im) = (isa.mul_add(*p, step_re, *w_re), isa.mul_add(*p, step_im, *w_im));
                let input_power = isa.mul_add(*x_re, *x_re, isa.mul(*x_im, *x_im));
                let resolved = isa.mul(isa.mul(*c, *p), input_power);
                let left = isa.mul(kept, isa.sub(*p, isa.mul(*p, resolved)));
                let power = isa.mul_add(re, re, isa.mul_add(im, im, floor));
                (*w_re, *w_im, *p) = (re, im, isa.mul_add(walk, power, left));
            }
            all::learn(w_rest, p_rest, x_rest, error, rest);
        }
    }

    #[inline(always)]
    fn portable(self) {
        all::kalman_update(self.weights, self.variance, self.input, self.lesson);
    }
}
