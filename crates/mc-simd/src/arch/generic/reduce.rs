//! A whole frame to one number.
//!
//! Four vectors of running sums hide the latency of an addition. The last samples that fill no vector are
//! read with those before them, which a mask then takes out.

use pulp::Simd;

use super::{F32s, Isa, last_vector};
use crate::arch::all;

#[inline(always)]
pub(in crate::arch) fn energy<I: Isa, const HYBRID: bool>(isa: I, frame: &[f32]) -> f32 {
    dot::<I, HYBRID>(isa, frame, frame)
}

#[inline(always)]
pub(in crate::arch) fn dot<I: Isa, const HYBRID: bool>(isa: I, a: &[f32], b: &[f32]) -> f32 {
    let (Some(a_last), Some(b_last)) = (last_vector::<I>(a), last_vector::<I>(b)) else {
        return all::dot(a, b);
    };
    let (a, a_tail) = I::Shape::as_simd_f32s(a);
    let (b, b_tail) = I::Shape::as_simd_f32s(b);
    let (a_fours, a_rest) = a.as_chunks::<4>();
    let (b_fours, b_rest) = b.as_chunks::<4>();
    let mut sums = [isa.splat(0.0); 4];
    for (a, b) in a_fours.iter().zip(b_fours) {
        for lane in 0..4 {
            sums[lane] = isa.mul_add(a[lane], b[lane], sums[lane]);
        }
    }
    for (a, b) in a_rest.iter().zip(b_rest) {
        sums[0] = isa.mul_add(*a, *b, sums[0]);
    }
    if !HYBRID && !a_tail.is_empty() {
        let mask = tail_mask::<I>(a_tail.len());
        sums[1] = isa.mul_add(isa.and(a_last, mask), isa.and(b_last, mask), sums[1]);
    }
    let sum = isa.sum_lanes(isa.add(isa.add(sums[0], sums[1]), isa.add(sums[2], sums[3])));
    if HYBRID { sum + all::dot(a_tail, b_tail) } else { sum }
}

#[inline(always)]
pub(in crate::arch) fn peak<I: Isa, const HYBRID: bool>(isa: I, frame: &[f32]) -> f32 {
    let Some(last) = last_vector::<I>(frame) else {
        return all::peak(frame);
    };
    let (body, tail) = I::Shape::as_simd_f32s(frame);
    let (fours, rest) = body.as_chunks::<4>();
    let mut peaks = [isa.splat(0.0); 4];
    if !HYBRID {
        // Samples that are seen twice do not change the largest, so this needs no mask.
        peaks[0] = isa.larger_magnitude(last, peaks[0]);
    }
    for samples in fours {
        for lane in 0..4 {
            peaks[lane] = isa.larger_magnitude(samples[lane], peaks[lane]);
        }
    }
    for samples in rest {
        peaks[1] = isa.larger_magnitude(*samples, peaks[1]);
    }
    let [a, b, c, d] = peaks;
    let peak = isa.max_lane(isa.larger_magnitude(isa.larger_magnitude(a, b), isa.larger_magnitude(c, d)));
    if HYBRID { peak.max(all::peak(tail)) } else { peak }
}

/// All bits set in the last `keep` lanes, none before.
#[inline(always)]
fn tail_mask<I: Isa>(keep: usize) -> F32s<I> {
    const MOST_LANES: usize = 16;
    const ALL_BITS: f32 = f32::from_bits(u32::MAX);
    static WINDOW: [f32; 2 * MOST_LANES] = {
        let mut window = [0.0; 2 * MOST_LANES];
        let mut lane = MOST_LANES;
        while lane < window.len() {
            window[lane] = ALL_BITS;
            lane += 1;
        }
        window
    };
    I::Shape::as_simd_f32s(&WINDOW[MOST_LANES + keep - I::Shape::F32_LANES..]).0[0]
}
