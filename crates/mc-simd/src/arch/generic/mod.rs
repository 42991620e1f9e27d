//! The vector loops, written once for every instruction set.
//!
//! Everything here is `inline(always)`: a loop must melt into the function that enables its instructions,
//! because a call in between would be compiled without them and run many times slower.

mod convert;
mod map;
mod reduce;
mod table;
mod via_pulp;

pub(super) use convert::{f32_to_i16, i16_to_f32};
pub(super) use map::{apply_gain, mix_into};
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
    fn mul(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    /// `a * b + c`, fused where the set can.
    fn mul_add(self, a: F32s<Self>, b: F32s<Self>, c: F32s<Self>) -> F32s<Self>;
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
}
