//! Finite impulse response: each vector holds neighbouring outputs, to which every tap adds its window of the
//! input. Up to eight vectors are summed side by side to hide the latency of an addition.

use pulp::Simd;

use super::{F32s, Isa, store_last};
use crate::arch::all;

#[inline(always)]
pub(in crate::arch) fn fir<I: Isa, const HYBRID: bool>(isa: I, taps: &[f32], input: &[f32], out: &mut [f32]) {
    let len = out.len();
    let lanes = I::Shape::F32_LANES;
    if len < lanes {
        return all::fir(taps, input, out);
    }
    let (body, tail) = I::Shape::as_mut_simd_f32s(out);
    let mut input_rest = input;
    let mut body_rest = blocks::<I, 8>(isa, taps, &mut input_rest, body);
    body_rest = blocks::<I, 4>(isa, taps, &mut input_rest, body_rest);
    body_rest = blocks::<I, 2>(isa, taps, &mut input_rest, body_rest);
    blocks::<I, 1>(isa, taps, &mut input_rest, body_rest);
    if HYBRID {
        all::fir(taps, input_rest, tail);
    } else if !tail.is_empty() {
        let [last] = block::<I, 1>(isa, taps, &input[len - lanes..]);
        store_last::<I>(out, last);
    }
}

/// Fills whole blocks of `N` vectors, takes what they used off `input`, and returns the vectors that are left.
#[inline(always)]
fn blocks<'o, I: Isa, const N: usize>(
    isa: I,
    taps: &[f32],
    input: &mut &[f32],
    out: &'o mut [F32s<I>],
) -> &'o mut [F32s<I>] {
    let (whole, rest) = out.as_chunks_mut::<N>();
    for out in whole {
        *out = block::<I, N>(isa, taps, input);
        *input = &input[N * I::Shape::F32_LANES..];
    }
    rest
}

/// The first `N` vectors of output.
#[inline(always)]
fn block<I: Isa, const N: usize>(isa: I, taps: &[f32], input: &[f32]) -> [F32s<I>; N] {
    let mut sums = [isa.splat(0.0); N];
    for (tap, window) in taps.iter().rev().zip(input.windows(N * I::Shape::F32_LANES)) {
        let tap = isa.splat(*tap);
        for (sum, samples) in sums.iter_mut().zip(I::Shape::as_simd_f32s(window).0) {
            *sum = isa.mul_add(tap, *samples, *sum);
        }
    }
    sums
}
