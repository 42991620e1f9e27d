//! Finite impulse response: each vector holds neighbouring outputs, to which every tap adds its window of the
//! input. Up to ten vectors are summed side by side to hide the latency of an addition.

use std::mem;

use pulp::Simd;

use super::{F32s, Isa, Kernel};
use crate::arch::all;

pub(in crate::arch) struct Fir<'f> {
    pub(in crate::arch) taps: &'f [f32],
    pub(in crate::arch) input: &'f [f32],
    pub(in crate::arch) out: &'f mut [f32],
}

impl Kernel for Fir<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Self { taps, input, out } = self;
        let len = out.len();
        let lanes = I::Shape::F32_LANES;
        if len < lanes {
            return Self { taps, input, out }.rest::<I, HYBRID>(isa);
        }
        let (body, tail) = I::Shape::as_mut_simd_f32s(out);
        let mut rest = input;
        // Frames of telephony are multiples of ten vectors of eight or five of sixteen.
        let body = blocks::<I, 10>(isa, taps, &mut rest, body);
        let body = blocks::<I, 8>(isa, taps, &mut rest, body);
        let body = blocks::<I, 5>(isa, taps, &mut rest, body);
        let body = blocks::<I, 4>(isa, taps, &mut rest, body);
        let body = blocks::<I, 2>(isa, taps, &mut rest, body);
        blocks::<I, 1>(isa, taps, &mut rest, body);
        // One output by itself takes less time than the narrowest vector of them.
        if HYBRID || I::NARROWEST && tail.len() == 1 {
            Fir { taps, input: rest, out: tail }.portable();
        } else if !tail.is_empty()
            && let Some(last) = I::Shape::as_mut_rsimd_f32s(out).1.last_mut()
        {
            // Overlapping the vector before is cheap beside the work of a filter.
            [*last] = block(isa, taps, &input[len - lanes..]);
        }
    }

    #[inline(always)]
    fn portable(self) {
        all::fir(self.taps, self.input, self.out);
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
    // Not by `as_chunks_mut`, whose division short frames would pay for.
    let mut rest = out;
    while rest.len() >= N {
        let (out, others) = mem::take(&mut rest).split_at_mut(N);
        out.copy_from_slice(&block::<I, N>(isa, taps, input));
        *input = &input[N * I::Shape::F32_LANES..];
        rest = others;
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
