//! Sample by sample, in place.

use pulp::Simd;

use super::{F32s, Isa, Kernel};
use crate::arch::all;

pub(in crate::arch) struct Gain<'f> {
    pub(in crate::arch) frame: &'f mut [f32],
    pub(in crate::arch) gain: f32,
}

impl Kernel for Gain<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let gains = isa.splat(self.gain);
        let (body, rest) = I::Shape::as_mut_simd_f32s(self.frame);
        for samples in body {
            *samples = isa.mul(*samples, gains);
        }
        Self { frame: rest, ..self }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::apply_gain(self.frame, self.gain);
    }
}

pub(in crate::arch) struct GainQ12<'f> {
    pub(in crate::arch) frame: &'f mut [i16],
    pub(in crate::arch) gain: i16,
}

impl Kernel for GainQ12<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (body, rest) = I::Shape::as_mut_simd_i16s(self.frame);
        for samples in body {
            *samples = isa.gain_q12(*samples, self.gain);
        }
        Self { frame: rest, ..self }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::apply_gain_q12(self.frame, self.gain);
    }
}

pub(in crate::arch) struct Mix<'f> {
    pub(in crate::arch) dst: &'f mut [f32],
    pub(in crate::arch) src: &'f [f32],
}

impl Kernel for Mix<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (body, dst) = I::Shape::as_mut_simd_f32s(self.dst);
        let (added, src) = I::Shape::as_simd_f32s(self.src);
        for (d, s) in body.iter_mut().zip(added) {
            *d = isa.add(*d, *s);
        }
        Self { dst, src }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::mix_into(self.dst, self.src);
    }
}

/// The samples from place `first` on of a crossfade whose weight grows by `step` per sample.
pub(in crate::arch) struct Crossfade<'f> {
    dst: &'f mut [f32],
    src: &'f [f32],
    first: i32,
    step: f32,
}

impl<'f> Crossfade<'f> {
    /// The whole crossfade.
    #[inline(always)]
    pub(in crate::arch) fn over(dst: &'f mut [f32], src: &'f [f32]) -> Self {
        let step = 1.0 / dst.len() as f32;
        Self { dst, src, first: 0, step }
    }
}

impl Kernel for Crossfade<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Self { dst, src, mut first, step } = self;
        let (body, dst) = I::Shape::as_mut_simd_f32s(dst);
        let (into, src) = I::Shape::as_simd_f32s(src);
        for (d, s) in body.iter_mut().zip(into) {
            *d = fade(isa, *d, *s, first, step);
            first += I::Shape::F32_LANES as i32;
        }
        Self { dst, src, first, step }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::fade_part(self.dst, self.src, self.first, self.step);
    }
}

/// One vector of a crossfade, whose lane 0 is at place `first`.
#[inline(always)]
fn fade<I: Isa>(isa: I, d: F32s<I>, s: F32s<I>, first: i32, step: f32) -> F32s<I> {
    static MIDDLES: [f32; 16] =
        [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5];
    let middles = I::Shape::as_simd_f32s(&MIDDLES).0[0];
    let weights = isa.mul(isa.add(isa.splat(first as f32), middles), isa.splat(step));
    // Not fused, for the same bits at every level.
    isa.add(d, isa.mul(isa.sub(s, d), weights))
}

pub(in crate::arch) struct ComplexMulAdd<'f, const CONJ: bool> {
    pub(in crate::arch) acc: &'f mut [f32],
    pub(in crate::arch) a: &'f [f32],
    pub(in crate::arch) b: &'f [f32],
}

impl<const CONJ: bool> Kernel for ComplexMulAdd<'_, CONJ> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (body, acc) = I::Shape::as_mut_simd_f32s(self.acc);
        let (a_body, a) = I::Shape::as_simd_f32s(self.a);
        let (b_body, b) = I::Shape::as_simd_f32s(self.b);
        for (acc, (a, b)) in body.iter_mut().zip(a_body.iter().zip(b_body)) {
            *acc = isa.complex_mul_add::<CONJ>(*a, *b, *acc);
        }
        Self { acc, a, b }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::complex_mul_add::<CONJ>(self.acc, self.a, self.b);
    }
}
