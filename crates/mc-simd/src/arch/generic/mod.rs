//! The vector loops, written once for every instruction set.
//!
//! Everything here is `inline(always)`: a loop must melt into the function that enables its instructions,
//! because a call in between would be compiled without them and run many times slower.
//!
//! `HYBRID` leaves the samples after the last whole vector to the portable kernel. Otherwise they are covered
//! by a vector that ends with the frame and overlaps the one before it. A frame shorter than a vector is left
//! to the portable kernel in either case.

mod convert;
mod filter;
mod map;
mod reduce;
mod table;
mod via_pulp;

pub(super) use convert::{f32_to_i16, f32_to_i16_dithered, i16_to_f32};
pub(super) use filter::fir;
pub(super) use map::{
    apply_gain, apply_gain_q12, complex_conj_mul_add, complex_mul_add, crossfade, mix_into,
};
pub(super) use reduce::{dot, energy, peak};
pub(super) use table::kernel_table;
pub(super) use via_pulp::via_pulp;

use pulp::Simd;

/// Vector of `f32`.
type F32s<I> = <<I as Isa>::Shape as Simd>::f32s;
/// Vector of `i16`, with twice the lanes of [`F32s`].
type I16s<I> = <<I as Isa>::Shape as Simd>::i16s;

/// What the loops need of an instruction set. A value is a token: it exists where the CPU has the set.
pub(super) trait Isa: Copy {
    /// The vector types, and how slices are cut into them.
    type Shape: Simd;

    fn splat(self, value: f32) -> F32s<Self>;
    fn add(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    fn sub(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    fn mul(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    /// `a * b + c`, fused where the set can.
    fn mul_add(self, a: F32s<Self>, b: F32s<Self>, c: F32s<Self>) -> F32s<Self>;
    /// `acc + a * b` of interleaved complex numbers, or `acc + conj(a) * b`.
    fn complex_mul_add<const CONJ: bool>(self, a: F32s<Self>, b: F32s<Self>, acc: F32s<Self>) -> F32s<Self>;
    fn and(self, a: F32s<Self>, mask: F32s<Self>) -> F32s<Self>;
    /// Lanes of |`samples`| where larger than those of `peaks`; NaN is never larger.
    fn larger_magnitude(self, samples: F32s<Self>, peaks: F32s<Self>) -> F32s<Self>;
    fn sum_lanes(self, a: F32s<Self>) -> f32;
    /// Largest lane of a vector without NaN.
    fn max_lane(self, a: F32s<Self>) -> f32;
    /// Samples in ±1.0, exactly.
    fn widen(self, a: I16s<Self>) -> [F32s<Self>; 2];
    /// 16-bit samples: scaled, rounded to nearest with ties to even, saturated, 0 for NaN.
    fn narrow(self, a: [F32s<Self>; 2]) -> I16s<Self>;
    /// Times `gain` / 4096, rounded to nearest with ties up, saturated.
    fn gain_q12(self, a: I16s<Self>, gain: i16) -> I16s<Self>;
}

/// The vector that ends with `frame`, unless that is shorter.
#[inline(always)]
fn last_vector<I: Isa>(frame: &[f32]) -> Option<F32s<I>> {
    I::Shape::as_rsimd_f32s(frame).1.last().copied()
}

#[inline(always)]
fn store_last<I: Isa>(frame: &mut [f32], last: F32s<I>) {
    if let Some(end) = I::Shape::as_mut_rsimd_f32s(frame).1.last_mut() {
        *end = last;
    }
}
