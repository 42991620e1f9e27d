//! Sample by sample, in place.
//!
//! The vector that covers the last samples is computed before anything is written, so no sample is processed
//! twice.

use pulp::Simd;

use super::{F32s, Isa, last_vector, store_last};
use crate::arch::all;

#[inline(always)]
pub(in crate::arch) fn apply_gain<I: Isa, const HYBRID: bool>(isa: I, frame: &mut [f32], gain: f32) {
    let gains = isa.splat(gain);
    let Some(last) = last_vector::<I>(frame) else {
        return all::apply_gain(frame, gain);
    };
    let (body, tail) = I::Shape::as_mut_simd_f32s(frame);
    for samples in body {
        *samples = isa.mul(*samples, gains);
    }
    if HYBRID {
        all::apply_gain(tail, gain);
    } else if !tail.is_empty() {
        store_last::<I>(frame, isa.mul(last, gains));
    }
}

#[inline(always)]
pub(in crate::arch) fn apply_gain_q12<I: Isa, const HYBRID: bool>(isa: I, frame: &mut [i16], gain: i16) {
    let Some(&last) = I::Shape::as_rsimd_i16s(frame).1.last() else {
        return all::apply_gain_q12(frame, gain);
    };
    let (body, tail) = I::Shape::as_mut_simd_i16s(frame);
    for samples in body {
        *samples = isa.gain_q12(*samples, gain);
    }
    if HYBRID {
        all::apply_gain_q12(tail, gain);
    } else if !tail.is_empty()
        && let Some(end) = I::Shape::as_mut_rsimd_i16s(frame).1.last_mut()
    {
        *end = isa.gain_q12(last, gain);
    }
}

#[inline(always)]
pub(in crate::arch) fn mix_into<I: Isa, const HYBRID: bool>(isa: I, dst: &mut [f32], src: &[f32]) {
    let (Some(d_last), Some(s_last)) = (last_vector::<I>(dst), last_vector::<I>(src)) else {
        return all::mix_into(dst, src);
    };
    let (body, tail) = I::Shape::as_mut_simd_f32s(dst);
    let (src, src_tail) = I::Shape::as_simd_f32s(src);
    for (d, s) in body.iter_mut().zip(src) {
        *d = isa.add(*d, *s);
    }
    if HYBRID {
        all::mix_into(tail, src_tail);
    } else if !tail.is_empty() {
        store_last::<I>(dst, isa.add(d_last, s_last));
    }
}

#[inline(always)]
pub(in crate::arch) fn crossfade<I: Isa, const HYBRID: bool>(isa: I, dst: &mut [f32], src: &[f32]) {
    let (Some(d_last), Some(s_last)) = (last_vector::<I>(dst), last_vector::<I>(src)) else {
        return all::crossfade(dst, src);
    };
    let len = dst.len();
    let step = 1.0 / len as f32;
    let (body, tail) = I::Shape::as_mut_simd_f32s(dst);
    let (src, src_tail) = I::Shape::as_simd_f32s(src);
    let tail_start = len - tail.len();
    for (first, (d, s)) in (0..).step_by(I::Shape::F32_LANES).zip(body.iter_mut().zip(src)) {
        *d = fade(isa, *d, *s, first, step);
    }
    if HYBRID {
        all::fade_part(tail, src_tail, tail_start, step);
    } else if !tail.is_empty() {
        let first = (len - I::Shape::F32_LANES) as i32;
        store_last::<I>(dst, fade(isa, d_last, s_last, first, step));
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

#[inline(always)]
pub(in crate::arch) fn complex_mul_add<I: Isa, const HYBRID: bool>(
    isa: I,
    acc: &mut [f32],
    a: &[f32],
    b: &[f32],
) {
    complex_either::<I, HYBRID, false>(isa, acc, a, b);
}

#[inline(always)]
pub(in crate::arch) fn complex_conj_mul_add<I: Isa, const HYBRID: bool>(
    isa: I,
    acc: &mut [f32],
    a: &[f32],
    b: &[f32],
) {
    complex_either::<I, HYBRID, true>(isa, acc, a, b);
}

#[inline(always)]
fn complex_either<I: Isa, const HYBRID: bool, const CONJ: bool>(
    isa: I,
    acc: &mut [f32],
    a: &[f32],
    b: &[f32],
) {
    let (Some(acc_last), Some(a_last), Some(b_last)) =
        (last_vector::<I>(acc), last_vector::<I>(a), last_vector::<I>(b))
    else {
        return all::complex_mul_add::<CONJ>(acc, a, b);
    };
    let (body, tail) = I::Shape::as_mut_simd_f32s(acc);
    let (a, a_tail) = I::Shape::as_simd_f32s(a);
    let (b, b_tail) = I::Shape::as_simd_f32s(b);
    for (acc, (a, b)) in body.iter_mut().zip(a.iter().zip(b)) {
        *acc = isa.complex_mul_add::<CONJ>(*a, *b, *acc);
    }
    if HYBRID {
        all::complex_mul_add::<CONJ>(tail, a_tail, b_tail);
    } else if !tail.is_empty() {
        store_last::<I>(acc, isa.complex_mul_add::<CONJ>(a_last, b_last, acc_last));
    }
}
