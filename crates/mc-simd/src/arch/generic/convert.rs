//! Between 16-bit integers and f32.

use pulp::Simd;

use super::{Isa, Kernel};
use crate::arch::all;

pub(in crate::arch) struct Widen<'f> {
    pub(in crate::arch) src: &'f [i16],
    pub(in crate::arch) dst: &'f mut [f32],
}

impl Kernel for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (body, src) = I::Shape::as_simd_i16s(self.src);
        let (target, dst) = self.dst.split_at_mut(self.dst.len() - src.len());
        for (d, s) in I::Shape::as_mut_simd_f32s(target).0.as_chunks_mut::<2>().0.iter_mut().zip(body) {
            *d = isa.widen(*s);
        }
        Self { src, dst }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::i16_to_f32(self.src, self.dst);
    }
}

pub(in crate::arch) struct Narrow<'f> {
    pub(in crate::arch) src: &'f [f32],
    pub(in crate::arch) dst: &'f mut [i16],
}

impl Kernel for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (body, dst) = I::Shape::as_mut_simd_i16s(self.dst);
        let (source, src) = self.src.split_at(self.src.len() - dst.len());
        for (d, s) in body.iter_mut().zip(I::Shape::as_simd_f32s(source).0.as_chunks::<2>().0) {
            *d = isa.narrow(*s);
        }
        Self { src, dst }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::f32_to_i16(self.src, self.dst);
    }
}
