//! Between 16-bit integers and f32.

use pulp::Simd;

use super::{F32s, I16s, Isa, Kernel};
use crate::arch::all;

/// Of `src`, the first `done` samples are converted.
pub(in crate::arch) struct Widen<'f> {
    pub(in crate::arch) src: &'f [i16],
    pub(in crate::arch) dst: &'f mut [f32],
    pub(in crate::arch) done: usize,
}

impl Kernel for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Self { src, dst, done } = self;
        let (body, rest) = I::Shape::as_simd_i16s(&src[done..]);
        let (pairs, _) = I::Shape::as_mut_simd_f32s(&mut dst[done..]).0.as_chunks_mut::<2>();
        for (d, s) in pairs.iter_mut().zip(body) {
            *d = isa.widen(*s);
        }
        if rest.is_empty() {
            return;
        }
        if !HYBRID
            && I::NARROWEST
            && let Some(s) = I::Shape::as_rsimd_i16s(src).1.last()
            && let Some(d) = I::Shape::as_mut_rsimd_f32s(dst).1.as_rchunks_mut::<2>().1.last_mut()
        {
            *d = isa.widen(*s);
            return;
        }
        let done = src.len() - rest.len();
        Self { src, dst, done }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::i16_to_f32(&self.src[self.done..], &mut self.dst[self.done..]);
    }
}

/// Of `src`, the first `done` samples are converted.
pub(in crate::arch) struct Narrow<'f> {
    pub(in crate::arch) src: &'f [f32],
    pub(in crate::arch) dst: &'f mut [i16],
    pub(in crate::arch) done: usize,
}

impl Kernel for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Self { src, dst, done } = self;
        let (body, rest) = I::Shape::as_mut_simd_i16s(&mut dst[done..]);
        let (pairs, _) = I::Shape::as_simd_f32s(&src[done..]).0.as_chunks::<2>();
        let (fours, single) = body.as_chunks_mut::<4>();
        let (pair_fours, pair_single) = pairs.as_chunks::<4>();
        for (d, s) in fours.iter_mut().zip(pair_fours) {
            narrow_four(isa, s, d);
        }
        for (d, s) in single.iter_mut().zip(pair_single) {
            *d = isa.narrow(*s);
        }
        if rest.is_empty() {
            return;
        }
        let done = src.len() - rest.len();
        if !HYBRID
            && I::NARROWEST
            && let Some(s) = I::Shape::as_rsimd_f32s(src).1.as_rchunks::<2>().1.last()
            && let Some(d) = I::Shape::as_mut_rsimd_i16s(dst).1.last_mut()
        {
            *d = isa.narrow(*s);
            return;
        }
        Self { src, dst, done }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::f32_to_i16(&self.src[self.done..], &mut self.dst[self.done..]);
    }
}

/// Leaves out what NaN and immense samples need, and starts again if there may have been one: the least integer
/// gives them away, which clipped audio has too.
#[inline(always)]
fn narrow_four<I: Isa>(isa: I, src: &[[F32s<I>; 2]; 4], dst: &mut [I16s<I>; 4]) {
    let [a, b, c, d] = *src;
    let [a, b, c, d] =
        [isa.narrow_quickly(a), isa.narrow_quickly(b), isa.narrow_quickly(c), isa.narrow_quickly(d)];
    *dst = [a, b, c, d];
    if isa.has_least(isa.smaller(isa.smaller(a, b), isa.smaller(c, d))) {
        for (d, s) in dst.iter_mut().zip(src) {
            *d = isa.narrow(*s);
        }
    }
}
