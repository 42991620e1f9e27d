//! Between 16-bit integers and f32.

use pulp::Simd;

use super::{F32s, I16s, Isa, Kernel};
use crate::arch::{all, common_prefix};

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
        let done = self.done;
        let (src, dst) = common_prefix(self.src, self.dst);
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
        let done = self.done;
        let (src, dst) = common_prefix(self.src, self.dst);
        let (body, rest) = I::Shape::as_mut_simd_i16s(&mut dst[done..]);
        let (pairs, _) = I::Shape::as_simd_f32s(&src[done..]).0.as_chunks::<2>();
        let (body, pairs) = narrow_groups::<I, 4>(isa, pairs, body);
        let (body, pairs) = narrow_groups::<I, 2>(isa, pairs, body);
        for (d, s) in body.iter_mut().zip(pairs) {
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

/// Converts whole groups of `N` vectors, and returns what is left.
///
/// It leaves out what NaN and immense samples need, and starts a group again if there may have been one: the least
/// integer gives them away, which clipped audio has too.
#[inline(always)]
fn narrow_groups<'d, 's, I: Isa, const N: usize>(
    isa: I,
    src: &'s [[F32s<I>; 2]],
    dst: &'d mut [I16s<I>],
) -> (&'d mut [I16s<I>], &'s [[F32s<I>; 2]]) {
    let (groups, rest) = dst.as_chunks_mut::<N>();
    let (src_groups, src_rest) = src.as_chunks::<N>();
    for (dst, src) in groups.iter_mut().zip(src_groups) {
        for (d, s) in dst.iter_mut().zip(src) {
            *d = isa.narrow_quickly(*s);
        }
        let least = dst.iter().skip(1).fold(dst[0], |least, d| isa.smaller(least, *d));
        if isa.has_least(least) {
            for (d, s) in dst.iter_mut().zip(src) {
                *d = isa.narrow(*s);
            }
        }
    }
    (rest, src_rest)
}
