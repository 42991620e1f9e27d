//! Sample by sample, in place.

use super::{Q12_BITS, Q12_HALF, energy};

pub(in crate::arch) fn apply_gain(frame: &mut [f32], gain: f32) {
    for sample in frame {
        *sample *= gain;
    }
}

pub(in crate::arch) fn apply_gain_q12(frame: &mut [i16], gain: i16) {
    for sample in frame {
        let scaled = (i32::from(*sample) * i32::from(gain) + i32::from(Q12_HALF)) >> Q12_BITS;
        *sample = scaled.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
    }
}

pub(in crate::arch) fn mix_into(dst: &mut [f32], src: &[f32]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d += s;
    }
}

pub(in crate::arch) fn mix_energy(dst: &mut [f32], src: &[f32]) -> f32 {
    mix_into(dst, src);
    energy(&src[..src.len().min(dst.len())])
}

#[allow(clippy::manual_clamp, reason = "clamp keeps NaN")]
pub(in crate::arch) fn mix_minus(sum: &[f32], own: &[f32], gains: &[f32], out: &mut [f32]) {
    for (((out, sum), own), gain) in out.iter_mut().zip(sum).zip(own).zip(gains) {
        *out = ((sum - own) * gain).max(-1.0).min(1.0);
    }
}

pub(in crate::arch) fn crossfade(dst: &mut [f32], src: &[f32]) {
    let step = 1.0 / dst.len() as f32;
    fade_part(dst, src, 0, step);
}

/// The samples from place `first` on of a crossfade whose weight grows by `step` per sample.
pub(in crate::arch) fn fade_part(dst: &mut [f32], src: &[f32], first: i32, step: f32) {
    for (place, (d, s)) in (first..).zip(dst.iter_mut().zip(src)) {
        let weight = (place as f32 + 0.5) * step;
        *d += (s - *d) * weight;
    }
}

/// Adds `a * b` to `acc`, or `conj(a) * b` if `CONJ`; complex numbers are pairs of real and imaginary part.
pub(in crate::arch) fn complex_mul_add<const CONJ: bool>(acc: &mut [f32], a: &[f32], b: &[f32]) {
    let pairs = a.as_chunks::<2>().0.iter().zip(b.as_chunks::<2>().0);
    for (acc, (&[a_re, a_im], &[b_re, b_im])) in acc.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
        let a_im = if CONJ { -a_im } else { a_im };
        acc[0] += a_re * b_re - a_im * b_im;
        acc[1] += a_re * b_im + a_im * b_re;
    }
}
