//! Sample by sample, in place.
//!
//! The last samples that fill no vector are covered by a vector that ends with the frame and overlaps the
//! one before it. Its result is computed before anything is written, so no sample is processed twice.

use pulp::Simd;

use super::{F32s, Isa};
use crate::arch::all;

#[inline(always)]
pub(in crate::arch) fn apply_gain<I: Isa>(isa: I, frame: &mut [f32], gain: f32) {
    let gains = isa.splat(gain);
    let Some(&last) = I::Shape::as_rsimd_f32s(frame).1.last() else {
        return all::apply_gain(frame, gain);
    };
    let last = isa.mul(last, gains);
    let (body, tail) = I::Shape::as_mut_simd_f32s(frame);
    for samples in body {
        *samples = isa.mul(*samples, gains);
    }
    if !tail.is_empty() {
        store_last::<I>(frame, last);
    }
}

#[inline(always)]
pub(in crate::arch) fn mix_into<I: Isa>(isa: I, dst: &mut [f32], src: &[f32]) {
    let (Some(&d), Some(&s)) = (I::Shape::as_rsimd_f32s(dst).1.last(), I::Shape::as_rsimd_f32s(src).1.last())
    else {
        return all::mix_into(dst, src);
    };
    let last = isa.add(d, s);
    let (body, tail) = I::Shape::as_mut_simd_f32s(dst);
    for (d, s) in body.iter_mut().zip(I::Shape::as_simd_f32s(src).0) {
        *d = isa.add(*d, *s);
    }
    if !tail.is_empty() {
        store_last::<I>(dst, last);
    }
}

#[inline(always)]
fn store_last<I: Isa>(frame: &mut [f32], last: F32s<I>) {
    if let Some(end) = I::Shape::as_mut_rsimd_f32s(frame).1.last_mut() {
        *end = last;
    }
}
