//! A whole frame to one number. Four vectors of running results hide the latency of an operation; as nothing is
//! written, a vector that ends with the frame covers the last samples, less those that were seen before.

use pulp::Simd;

use super::{F32s, Isa, Kernel};
use crate::arch::all;

pub(in crate::arch) struct Dot<'f> {
    pub(in crate::arch) a: &'f [f32],
    pub(in crate::arch) b: &'f [f32],
}

impl Kernel for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) -> f32 {
        let (Some(&a_last), Some(&b_last)) =
            (I::Shape::as_rsimd_f32s(self.a).1.last(), I::Shape::as_rsimd_f32s(self.b).1.last())
        else {
            return self.rest::<I, HYBRID>(isa);
        };
        let (a_body, a) = I::Shape::as_simd_f32s(self.a);
        let (b_body, b) = I::Shape::as_simd_f32s(self.b);
        let (a_fours, a_single) = a_body.as_chunks::<4>();
        let (b_fours, b_single) = b_body.as_chunks::<4>();
        let mut sums = [isa.splat(0.0); 4];
        for (a, b) in a_fours.iter().zip(b_fours) {
            for lane in 0..4 {
                sums[lane] = isa.mul_add(a[lane], b[lane], sums[lane]);
            }
        }
        for (sum, (a, b)) in sums.iter_mut().zip(a_single.iter().zip(b_single)) {
            *sum = isa.mul_add(*a, *b, *sum);
        }
        if !HYBRID && !a.is_empty() {
            let mask = last_lanes::<I>(a.len());
            sums[3] = isa.mul_add(isa.and(a_last, mask), isa.and(b_last, mask), sums[3]);
        }
        let [s0, s1, s2, s3] = sums;
        let sum = isa.sum_lanes(isa.add(isa.add(s0, s1), isa.add(s2, s3)));
        if HYBRID { sum + Self { a, b }.portable() } else { sum }
    }

    #[inline(always)]
    fn portable(self) -> f32 {
        all::dot(self.a, self.b)
    }
}

pub(in crate::arch) struct Peak<'f> {
    pub(in crate::arch) frame: &'f [f32],
}

impl Kernel for Peak<'_> {
    type Output = f32;

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) -> f32 {
        let Some(&last) = I::Shape::as_rsimd_f32s(self.frame).1.last() else {
            return self.rest::<I, HYBRID>(isa);
        };
        let (body, frame) = I::Shape::as_simd_f32s(self.frame);
        let (fours, single) = body.as_chunks::<4>();
        let mut peaks = [isa.splat(0.0); 4];
        for samples in fours {
            for lane in 0..4 {
                peaks[lane] = isa.larger_magnitude(samples[lane], peaks[lane]);
            }
        }
        for (peak, samples) in peaks.iter_mut().zip(single) {
            *peak = isa.larger_magnitude(*samples, *peak);
        }
        if !HYBRID && !frame.is_empty() {
            // Seeing a sample twice does not change the largest.
            peaks[3] = isa.larger_magnitude(last, peaks[3]);
        }
        let [a, b, c, d] = peaks;
        let peak = isa.max_lane(isa.larger_magnitude(isa.larger_magnitude(a, b), isa.larger_magnitude(c, d)));
        if HYBRID { peak.max(Self { frame }.portable()) } else { peak }
    }

    #[inline(always)]
    fn portable(self) -> f32 {
        all::peak(self.frame)
    }
}

/// All bits set in the last `count` lanes, none before.
#[inline(always)]
fn last_lanes<I: Isa>(count: usize) -> F32s<I> {
    const MOST_LANES: usize = 16;
    static WINDOW: [f32; 2 * MOST_LANES] = {
        let mut window = [0.0; 2 * MOST_LANES];
        let mut lane = MOST_LANES;
        while lane < window.len() {
            window[lane] = f32::from_bits(u32::MAX);
            lane += 1;
        }
        window
    };
    I::Shape::as_simd_f32s(&WINDOW[MOST_LANES + count - I::Shape::F32_LANES..]).0[0]
}
