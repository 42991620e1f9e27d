//! Matrices in int8: what a small neural network does all day.

use crate::SimdProcessor;

impl SimdProcessor {
    /// Adds to each of `sums` its row of an int8 matrix times `input`, exactly, wrapping beyond 32 bits.
    ///
    /// Inputs come in pairs, the last one filled up with 0 where their number is odd. The matrix is stored pair by pair:
    /// `weights[pair * rows + row]` are a row's two weights for one pair of inputs, where `rows` is the number of `sums`. Returns how
    /// many pairs were used: as many as `input` has and `weights` suffices for. The plan has no say here: every
    /// strategy uses the level's vectors.
    #[inline]
    pub fn matrix_mul_add(&self, sums: &mut [i32], weights: &[[i8; 2]], input: &[[i16; 2]]) -> usize {
        let rows = sums.len();
        let pairs = weights.len().checked_div(rows).unwrap_or(0).min(input.len());
        // SAFETY: the level's functions need instructions that were found in this CPU.
        unsafe { (self.vectors().matrix_mul_add)(sums, &weights[..pairs * rows], &input[..pairs]) };
        pairs
    }
}
