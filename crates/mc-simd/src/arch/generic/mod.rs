//! The vector loops, written once for every instruction set.
//!
//! Everything here is `inline(always)`: a loop must melt into the function that enables its instructions,
//! because a call in between would be compiled without them and run many times slower.

mod convert;
mod filter;
mod map;
mod matrix;
mod planar;
mod reduce;
mod table;
mod via_pulp;

pub(super) use convert::{Narrow, Widen};
pub(super) use filter::Fir;
pub(super) use map::{ComplexMulAdd, Crossfade, Gain, GainQ12, Mix, MixEnergy, MixMinus};
pub(super) use matrix::MatrixMulAdd;
pub(super) use planar::{KalmanUpdate, PlanarMulAdd, PlanarPowerAdd};
pub(super) use reduce::{Dot, Peak};
pub(super) use table::kernel_table;
pub(super) use via_pulp::via_pulp;

use pulp::Simd;

/// Vector of `f32`.
type F32s<I> = <<I as Isa>::Shape as Simd>::f32s;
/// Vector of `i16`, with twice the lanes of [`F32s`].
type I16s<I> = <<I as Isa>::Shape as Simd>::i16s;
/// Vector of `i8`, with twice the lanes of [`I16s`].
type I8s<I> = <<I as Isa>::Shape as Simd>::i8s;
/// Vector of `i32`, with as many lanes as [`F32s`].
type I32s<I> = <<I as Isa>::Shape as Simd>::i32s;

/// The last whole vector of a frame that has one.
#[inline(always)]
fn last_vector<I: Isa>(frame: &[f32]) -> Option<F32s<I>> {
    let start = frame.len().checked_sub(I::Shape::F32_LANES)?;
    I::Shape::as_simd_f32s(&frame[start..]).0.first().copied()
}

/// Samples that the narrowest vectors leave over at most.
const MOST_SINGLE_F32: usize = 3;
const MOST_SINGLE_I16: usize = 7;

/// What the loops need of an instruction set. A value is a token: it exists where the CPU has the set.
pub(super) trait Isa: Copy {
    /// The vector types, and how slices are cut into them.
    type Shape: Simd;
    /// Whether there are no vectors of half the width.
    const NARROWEST: bool;

    /// Runs `rest` with vectors of half the width, or where there are none, without.
    fn narrower<K: Kernel>(self, rest: K) -> K::Output;

    fn and(self, a: F32s<Self>, mask: F32s<Self>) -> F32s<Self>;
    fn splat(self, value: f32) -> F32s<Self>;
    fn add(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    fn sub(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    fn mul(self, a: F32s<Self>, b: F32s<Self>) -> F32s<Self>;
    /// `a * b + c`, fused where the set can.
    fn mul_add(self, a: F32s<Self>, b: F32s<Self>, c: F32s<Self>) -> F32s<Self>;
    /// `acc + a * b` of interleaved complex numbers, or `acc + conj(a) * b`.
    fn complex_mul_add<const CONJ: bool>(self, a: F32s<Self>, b: F32s<Self>, acc: F32s<Self>) -> F32s<Self>;
    /// Lanes of |`samples`| where larger than those of `peaks`; NaN is never larger.
    fn larger_magnitude(self, samples: F32s<Self>, peaks: F32s<Self>) -> F32s<Self>;
    /// Within ±1.0; NaN becomes -1.0.
    fn limited(self, a: F32s<Self>) -> F32s<Self>;
    fn sum_lanes(self, a: F32s<Self>) -> f32;
    /// Largest lane of a vector without NaN.
    fn max_lane(self, a: F32s<Self>) -> f32;
    /// Samples in ±1.0, exactly.
    fn widen(self, a: I16s<Self>) -> [F32s<Self>; 2];
    /// 16-bit samples: scaled, rounded to nearest with ties to even, saturated, 0 for NaN.
    fn narrow(self, a: [F32s<Self>; 2]) -> I16s<Self>;
    /// [`narrow`](Self::narrow) but for NaN and samples from 65,536.0 up, which may become the least integer.
    fn narrow_quickly(self, a: [F32s<Self>; 2]) -> I16s<Self>;
    fn smaller(self, a: I16s<Self>, b: I16s<Self>) -> I16s<Self>;
    /// Whether a lane is the least integer.
    fn has_least(self, a: I16s<Self>) -> bool;
    /// Times `gain` / 4096, rounded to nearest with ties up, saturated.
    fn gain_q12(self, a: I16s<Self>, gain: i16) -> I16s<Self>;
    /// The same numbers.
    fn widen_i8(self, a: I8s<Self>) -> [I16s<Self>; 2];
    /// The pair over and over.
    fn splat_pair(self, pair: [i16; 2]) -> I16s<Self>;
    /// Adds to each lane of `acc` the products of its two lanes of `a` and `b`.
    fn add_pair_products(self, a: I16s<Self>, b: I16s<Self>, acc: I32s<Self>) -> I32s<Self>;
}

/// One call of a kernel: its slices and parameters.
///
/// The samples after the last whole vector are a shorter call of the same kernel with narrower vectors, and the
/// few after those are portable code's, or covered by a vector that ends with the frame. Such a vector overlaps
/// the one before it, and a kernel that loads what two overlapping stores have just written has to wait until
/// both reach the cache; so it is the last resort where something is written.
pub(super) trait Kernel: Sized {
    type Output;

    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) -> Self::Output;
    fn portable(self) -> Self::Output;

    /// Finishes a frame of which fewer samples are left than the narrowest vector has lanes.
    ///
    /// Where the compiler is told that they are so few, it makes a masked vector of a portable loop: to compute the
    /// mask takes longer than the samples, and what a masked store has written is slow to be read again. Kernels
    /// that work in place therefore go sample by sample, as often as there may be one.
    #[inline(always)]
    fn single(self) -> Self::Output {
        self.portable()
    }

    /// Finishes a frame of whose whole vectors `self` is the rest.
    #[inline(always)]
    fn rest<I: Isa, const HYBRID: bool>(self, isa: I) -> Self::Output {
        if HYBRID { self.portable() } else { isa.narrower(self) }
    }
}
