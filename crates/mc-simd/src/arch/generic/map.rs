//! Sample by sample, in place.

use pulp::Simd;

use super::{F32s, Isa, Kernel, MOST_SINGLE_F32, MOST_SINGLE_I16};
use crate::arch::{all, common_prefix};

pub(in crate::arch) struct Gain<'f> {
    pub(in crate::arch) frame: &'f mut [f32],
    pub(in crate::arch) gain: f32,
}

impl Kernel for Gain<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let gains = isa.splat(self.gain);
        let (body, rest) = I::Shape::as_mut_simd_f32s(self.frame);
        let (fours, single) = body.as_chunks_mut::<4>();
        for four in fours {
            for samples in four {
                *samples = isa.mul(*samples, gains);
            }
        }
        // One by one: the compiler would unroll a loop over them by eight, which short frames pay for.
        for n in 0..3 {
            if let Some(samples) = single.get_mut(n) {
                *samples = isa.mul(*samples, gains);
            }
        }
        if rest.is_empty() {
            return;
        }
        Self { frame: rest, ..self }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::apply_gain(self.frame, self.gain);
    }

    #[inline(always)]
    fn single(self) {
        for n in 0..MOST_SINGLE_F32 {
            if let Some(sample) = self.frame.get_mut(n..n + 1) {
                all::apply_gain(sample, self.gain);
            }
        }
    }
}

pub(in crate::arch) struct GainQ12<'f> {
    pub(in crate::arch) frame: &'f mut [i16],
    pub(in crate::arch) gain: i16,
}

impl Kernel for GainQ12<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (body, rest) = I::Shape::as_mut_simd_i16s(self.frame);
        for samples in body {
            *samples = isa.gain_q12(*samples, self.gain);
        }
        if rest.is_empty() {
            return;
        }
        Self { frame: rest, ..self }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::apply_gain_q12(self.frame, self.gain);
    }

    #[inline(always)]
    fn single(self) {
        for n in 0..MOST_SINGLE_I16 {
            if let Some(sample) = self.frame.get_mut(n..n + 1) {
                all::apply_gain_q12(sample, self.gain);
            }
        }
    }
}

pub(in crate::arch) struct Mix<'f> {
    pub(in crate::arch) dst: &'f mut [f32],
    pub(in crate::arch) src: &'f [f32],
}

impl Kernel for Mix<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (src, dst) = common_prefix(self.src, self.dst);
        let (body, dst) = I::Shape::as_mut_simd_f32s(dst);
        let (added, src) = I::Shape::as_simd_f32s(src);
        let (fours, single) = body.as_chunks_mut::<4>();
        let (added_fours, added_single) = added.as_chunks::<4>();
        for (d, s) in fours.iter_mut().zip(added_fours) {
            for (d, s) in d.iter_mut().zip(s) {
                *d = isa.add(*d, *s);
            }
        }
        for n in 0..3 {
            if let (Some(d), Some(s)) = (single.get_mut(n), added_single.get(n)) {
                *d = isa.add(*d, *s);
            }
        }
        if dst.is_empty() {
            return;
        }
        Self { dst, src }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::mix_into(self.dst, self.src);
    }

    #[inline(always)]
    fn single(self) {
        for n in 0..MOST_SINGLE_F32 {
            if let (Some(d), Some(s)) = (self.dst.get_mut(n..n + 1), self.src.get(n..n + 1)) {
                all::mix_into(d, s);
            }
        }
    }
}

/// [`Mix`], and the energy of what was added.
pub(in crate::arch) struct MixEnergy<'f> {
    pub(in crate::arch) dst: &'f mut [f32],
    pub(in crate::arch) src: &'f [f32],
}

impl Kernel for MixEnergy<'_> {
    type Output = f32;

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) -> f32 {
        let (src, dst) = common_prefix(self.src, self.dst);
        let (body, dst) = I::Shape::as_mut_simd_f32s(dst);
        let (added, src) = I::Shape::as_simd_f32s(src);
        let (fours, single) = body.as_chunks_mut::<4>();
        let (added_fours, added_single) = added.as_chunks::<4>();
        let mut sums = [isa.splat(0.0); 4];
        for (d, s) in fours.iter_mut().zip(added_fours) {
            for n in 0..4 {
                d[n] = isa.add(d[n], s[n]);
                sums[n] = isa.mul_add(s[n], s[n], sums[n]);
            }
        }
        for ((d, s), sum) in single.iter_mut().zip(added_single).zip(&mut sums) {
            *d = isa.add(*d, *s);
            *sum = isa.mul_add(*s, *s, *sum);
        }
        let [s0, s1, s2, s3] = sums;
        let energy = isa.sum_lanes(isa.add(isa.add(s0, s1), isa.add(s2, s3)));
        if dst.is_empty() {
            return energy;
        }
        energy + Self { dst, src }.rest::<I, HYBRID>(isa)
    }

    #[inline(always)]
    fn portable(self) -> f32 {
        all::mix_energy(self.dst, self.src)
    }
}

pub(in crate::arch) struct MixMinus<'f> {
    pub(in crate::arch) sum: &'f [f32],
    pub(in crate::arch) own: &'f [f32],
    pub(in crate::arch) gains: &'f [f32],
    pub(in crate::arch) out: &'f mut [f32],
}

impl Kernel for MixMinus<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (sums, sum) = I::Shape::as_simd_f32s(self.sum);
        let (owns, own) = I::Shape::as_simd_f32s(self.own);
        let (all_gains, gains) = I::Shape::as_simd_f32s(self.gains);
        let (body, out) = I::Shape::as_mut_simd_f32s(self.out);
        let heard =
            |sum: &F32s<I>, own: &F32s<I>, gains: &F32s<I>| isa.limited(isa.mul(isa.sub(*sum, *own), *gains));
        let (fours, single) = body.as_chunks_mut::<4>();
        let (sum_fours, sum_single) = sums.as_chunks::<4>();
        let (own_fours, own_single) = owns.as_chunks::<4>();
        let (gain_fours, gain_single) = all_gains.as_chunks::<4>();
        for (((out, sum), own), gains) in fours.iter_mut().zip(sum_fours).zip(own_fours).zip(gain_fours) {
            for n in 0..4 {
                out[n] = heard(&sum[n], &own[n], &gains[n]);
            }
        }
        for (((out, sum), own), gains) in single.iter_mut().zip(sum_single).zip(own_single).zip(gain_single) {
            *out = heard(sum, own, gains);
        }
        if out.is_empty() {
            return;
        }
        Self { sum, own, gains, out }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::mix_minus(self.sum, self.own, self.gains, self.out);
    }
}

pub(in crate::arch) struct Crossfade<'f> {
    dst: &'f mut [f32],
    src: &'f [f32],
    first: i32,
    step: f32,
}

impl<'f> Crossfade<'f> {
    /// The whole crossfade.
    #[inline(always)]
    pub(in crate::arch) fn over(dst: &'f mut [f32], src: &'f [f32]) -> Self {
        let step = 1.0 / dst.len() as f32;
        Self { dst, src, first: 0, step }
    }
}

impl Kernel for Crossfade<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Self { mut first, step, .. } = self;
        let (src, dst) = common_prefix(self.src, self.dst);
        let (body, dst) = I::Shape::as_mut_simd_f32s(dst);
        let (into, src) = I::Shape::as_simd_f32s(src);
        let (fours, single) = body.as_chunks_mut::<4>();
        let (into_fours, into_single) = into.as_chunks::<4>();
        let middles = &I::Shape::as_simd_f32s(&MIDDLES).0[..4];
        for (d, s) in fours.iter_mut().zip(into_fours) {
            let start = isa.splat(first as f32);
            for ((d, s), middles) in d.iter_mut().zip(s).zip(middles) {
                *d = fade(isa, *d, *s, isa.add(start, *middles), step);
            }
            first += 4 * I::Shape::F32_LANES as i32;
        }
        for (d, s) in single.iter_mut().zip(into_single) {
            *d = fade(isa, *d, *s, isa.add(isa.splat(first as f32), middles[0]), step);
            first += I::Shape::F32_LANES as i32;
        }
        if dst.is_empty() {
            return;
        }
        Self { dst, src, first, step }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::map::fade_part(self.dst, self.src, self.first, self.step);
    }

    #[inline(always)]
    fn single(self) {
        for n in 0..MOST_SINGLE_F32 {
            if let (Some(d), Some(s)) = (self.dst.get_mut(n..n + 1), self.src.get(n..n + 1)) {
                all::map::fade_part(d, s, self.first + n as i32, self.step);
            }
        }
    }
}

/// The middles of a frame's first samples, as many as four vectors of any level have lanes.
static MIDDLES: [f32; 64] = {
    let mut middles = [0.5; 64];
    let mut place = 1;
    while place < middles.len() {
        middles[place] = middles[place - 1] + 1.0;
        place += 1;
    }
    middles
};

/// One vector of a crossfade. Nothing is fused, for the same bits at every level.
#[inline(always)]
fn fade<I: Isa>(isa: I, d: F32s<I>, s: F32s<I>, places: F32s<I>, step: f32) -> F32s<I> {
    let weights = isa.mul(places, isa.splat(step));
    isa.add(d, isa.mul(isa.sub(s, d), weights))
}

pub(in crate::arch) struct ComplexMulAdd<'f, const CONJ: bool> {
    pub(in crate::arch) acc: &'f mut [f32],
    pub(in crate::arch) a: &'f [f32],
    pub(in crate::arch) b: &'f [f32],
}

impl<const CONJ: bool> Kernel for ComplexMulAdd<'_, CONJ> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let (a, acc) = common_prefix(self.a, self.acc);
        let (b, acc) = common_prefix(self.b, acc);
        let (body, acc) = I::Shape::as_mut_simd_f32s(acc);
        let (a_body, a) = I::Shape::as_simd_f32s(a);
        let (b_body, b) = I::Shape::as_simd_f32s(b);
        for (acc, (a, b)) in body.iter_mut().zip(a_body.iter().zip(b_body)) {
            *acc = isa.complex_mul_add::<CONJ>(*a, *b, *acc);
        }
        if acc.is_empty() {
            return;
        }
        Self { acc, a, b }.rest::<I, HYBRID>(isa);
    }

    #[inline(always)]
    fn portable(self) {
        all::complex_mul_add::<CONJ>(self.acc, self.a, self.b);
    }
}
