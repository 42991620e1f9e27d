//! An int8 matrix times 16-bit numbers: each vector of sums belongs to neighbouring rows, to which one pair of inputs
//! after the other adds its products. Weights lie in that order, so nothing is summed across lanes.

use pulp::Simd;

use super::{I32s, Isa, Kernel};
use crate::arch::all;

pub(in crate::arch) struct MatrixMulAdd<'f> {
    /// Of the rows from `first` on.
    pub(in crate::arch) sums: &'f mut [i32],
    pub(in crate::arch) first: usize,
    pub(in crate::arch) rows: usize,
    pub(in crate::arch) weights: &'f [[i8; 2]],
    pub(in crate::arch) input: &'f [[i16; 2]],
}

impl Kernel for MatrixMulAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn vectors<I: Isa, const HYBRID: bool>(self, isa: I) {
        let Self { sums, mut first, rows, weights, input } = self;
        let matrix = Matrix { rows, weights, input };
        // A vector of weights feeds two of sums.
        let (body, single) = sums.split_at_mut(sums.len() - sums.len() % (2 * I::Shape::I32_LANES));
        let body = I::Shape::as_mut_simd_i32s(body).0;
        let body = blocks::<I, 8>(isa, matrix, &mut first, body);
        let body = blocks::<I, 4>(isa, matrix, &mut first, body);
        blocks::<I, 2>(isa, matrix, &mut first, body);
        if !single.is_empty() {
            Self { sums: single, first, rows, weights, input }.rest::<I, HYBRID>(isa);
        }
    }

    #[inline(always)]
    fn portable(self) {
        all::add_rows(self.sums, self.first, self.rows, self.weights, self.input);
    }
}

#[derive(Clone, Copy)]
struct Matrix<'f> {
    rows: usize,
    weights: &'f [[i8; 2]],
    input: &'f [[i16; 2]],
}

/// Adds to whole blocks of `N` vectors of sums, `N` even, moves `first` behind their rows, and returns the other vectors.
#[inline(always)]
fn blocks<'s, I: Isa, const N: usize>(
    isa: I,
    matrix: Matrix<'_>,
    first: &mut usize,
    sums: &'s mut [I32s<I>],
) -> &'s mut [I32s<I>] {
    let (blocks, rest) = sums.as_chunks_mut::<N>();
    for sums in blocks {
        // A copy of its own, which stays in registers.
        let mut own = *sums;
        for (weights, pair) in matrix.weights.chunks_exact(matrix.rows.max(1)).zip(matrix.input) {
            let pair = isa.splat_pair(*pair);
            let weights = I::Shape::as_simd_i8s(weights[*first..].as_flattened()).0;
            for (sums, weights) in own.as_chunks_mut::<2>().0.iter_mut().zip(weights) {
                let [low, high] = isa.widen_i8(*weights);
                sums[0] = isa.add_pair_products(low, pair, sums[0]);
                sums[1] = isa.add_pair_products(high, pair, sums[1]);
            }
        }
        *sums = own;
        *first += N * I::Shape::I32_LANES;
    }
    rest
}
