//! Between 16-bit integers and f32.

use pulp::Simd;

use super::Isa;
use crate::Dither;
use crate::arch::all;

#[inline(always)]
pub(in crate::arch) fn i16_to_f32<I: Isa, const HYBRID: bool>(isa: I, src: &[i16], dst: &mut [f32]) {
    let (body, tail) = I::Shape::as_simd_i16s(src);
    if body.is_empty() {
        return all::i16_to_f32(src, dst);
    }
    for (d, s) in I::Shape::as_mut_simd_f32s(dst).0.as_chunks_mut::<2>().0.iter_mut().zip(body) {
        *d = isa.widen(*s);
    }
    if HYBRID {
        all::i16_to_f32(tail, &mut dst[src.len() - tail.len()..]);
    } else if !tail.is_empty()
        && let Some(s) = I::Shape::as_rsimd_i16s(src).1.last()
        && let Some(d) = I::Shape::as_mut_rsimd_f32s(dst).1.as_rchunks_mut::<2>().1.last_mut()
    {
        *d = isa.widen(*s);
    }
}

#[inline(always)]
pub(in crate::arch) fn f32_to_i16<I: Isa, const HYBRID: bool>(isa: I, src: &[f32], dst: &mut [i16]) {
    let (body, tail) = I::Shape::as_mut_simd_i16s(dst);
    if body.is_empty() {
        return all::f32_to_i16(src, dst);
    }
    for (d, s) in body.iter_mut().zip(I::Shape::as_simd_f32s(src).0.as_chunks::<2>().0) {
        *d = isa.narrow(*s);
    }
    if HYBRID {
        all::f32_to_i16(&src[src.len() - tail.len()..], tail);
    } else if !tail.is_empty()
        && let Some(d) = I::Shape::as_mut_rsimd_i16s(dst).1.last_mut()
        && let Some(s) = I::Shape::as_rsimd_f32s(src).1.as_rchunks::<2>().1.last()
    {
        *d = isa.narrow(*s);
    }
}

/// Nothing of the instruction set is asked for: being inlined here lets the compiler use it.
#[inline(always)]
pub(in crate::arch) fn f32_to_i16_dithered<I: Isa, const HYBRID: bool>(
    _isa: I,
    src: &[f32],
    dst: &mut [i16],
    dither: &mut Dither,
) {
    all::f32_to_i16_dithered(src, dst, dither);
}
