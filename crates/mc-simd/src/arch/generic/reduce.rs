//! A whole frame to one number. Several vectors of running results hide the latency of an operation; as nothing is
//! written, a vector that ends with the frame covers the last samples, less those that were seen before.

use pulp::Simd;

use super::{F32s, Isa, Kernel, last_vector};
use crate::arch::all;

pub(in crate::arch) struct Dot<'f> {
    pub(in crate::arch) a: &'f [f32],
    pub(in crate::arch) b: &'f [f32],
}

impl Kernel for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) -> f32 {
        let len = self.a.len().min(self.b.len());
        let (a, b) = (&self.a[..len], &self.b[..len]);
        let (Some(a_last), Some(b_last)) = (last_vector::<I>(a), last_vector::<I>(b)) else {
            return self.rest::<I, HYBRID>(isa);
        };
        let (a_body, a) = I::Shape::as_simd_f32s(a);
        let (b_body, b) = I::Shape::as_simd_f32s(b);
        let (a_eights, a_body) = a_body.as_chunks::<8>();
        let (b_eights, b_body) = b_body.as_chunks::<8>();
        let mut sums = [isa.splat(0.0); 4];
        if !a_eights.is_empty() {
            let mut eight = [isa.splat(0.0); 8];
            for (a, b) in a_eights.iter().zip(b_eights) {
                for n in 0..8 {
                    eight[n] = isa.mul_add(a[n], b[n], eight[n]);
                }
            }
            for n in 0..4 {
                sums[n] = isa.add(eight[n], eight[n + 4]);
            }
        }
        let (a_four, a_single) = a_body.as_chunks::<4>();
        let (b_four, b_single) = b_body.as_chunks::<4>();
        if let (Some(a), Some(b)) = (a_four.first(), b_four.first()) {
            for n in 0..4 {
                sums[n] = isa.mul_add(a[n], b[n], sums[n]);
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
        // The largest of one vector's lanes is sooner found in two narrower ones.
        let worthwhile = I::NARROWEST || self.frame.len() >= 2 * I::Shape::F32_LANES;
        let Some(last) = last_vector::<I>(self.frame).filter(|_| worthwhile) else {
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
