//! An int8 matrix times 16-bit numbers, in 32 bits.

pub(in crate::arch) fn matrix_mul_add(sums: &mut [i32], weights: &[[i8; 2]], input: &[[i16; 2]]) {
    let rows = sums.len();
    add_rows(sums, 0, rows, weights, input);
}

/// The rows from `first` on of a matrix of `rows` rows.
#[inline(always)]
pub(in crate::arch) fn add_rows(
    sums: &mut [i32],
    first: usize,
    rows: usize,
    weights: &[[i8; 2]],
    input: &[[i16; 2]],
) {
    for (weights, &[x, y]) in weights.chunks_exact(rows.max(1)).zip(input) {
        for (sum, &[a, b]) in sums.iter_mut().zip(&weights[first..]) {
            // The two products fit: 2 · 128 · 32,768 = 2²³.
            *sum = sum.wrapping_add(i32::from(a) * i32::from(x) + i32::from(b) * i32::from(y));
        }
    }
}
