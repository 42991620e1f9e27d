//! The int8 matrix at every level, for up to 170 rows and slices that start anywhere.

mod common;

use common::{OFFSETS, every_way, guard_holds, noise, placed, way};

const MOST_ROWS: usize = 170;
const PAIRS: usize = 5;

/// Weights and inputs over all of their range, both ends included.
fn numbers() -> (Vec<[i8; 2]>, Vec<[i16; 2]>) {
    let mut weights: Vec<[i8; 2]> = noise(2 * MOST_ROWS * PAIRS, 1)
        .as_chunks()
        .0
        .iter()
        .map(|pair| pair.map(|x| (x * 128.0) as i8))
        .collect();
    weights.iter_mut().step_by(7).for_each(|pair| *pair = [i8::MIN; 2]);
    let mut input: Vec<[i16; 2]> =
        noise(2 * PAIRS, 2).as_chunks().0.iter().map(|pair| pair.map(|x| (x * 32_768.0) as i16)).collect();
    input[1] = [i16::MIN; 2];
    input[3] = [i16::MAX, i16::MIN];
    (weights, input)
}

#[test]
fn every_row_gets_its_products_once() {
    let (weights, input) = numbers();
    for simd in every_way() {
        for rows in 0..=MOST_ROWS {
            let offset = rows % OFFSETS;
            let mut sums = placed(&vec![-3; rows], offset, 77);
            let weights = &weights[offset..offset + rows * (PAIRS - 1)];
            let used = simd.matrix_mul_add(&mut sums[offset..offset + rows], weights, &input);
            assert_eq!(used, if rows == 0 { 0 } else { PAIRS - 1 });
            for row in 0..rows {
                let products = input.iter().zip(weights.chunks_exact(rows)).map(|(x, weights)| {
                    (0..2).map(|n| i64::from(x[n]) * i64::from(weights[row][n])).sum::<i64>()
                });
                let expected = products.sum::<i64>() - 3;
                assert_eq!(i64::from(sums[offset + row]), expected, "{} {rows} {row}", way(&simd));
            }
            assert!(guard_holds(&sums, offset, rows, 77), "{} {rows}", way(&simd));
        }
    }
}

#[test]
fn what_overflows_wraps_alike() {
    for simd in every_way() {
        let mut sums = [i32::MAX; 41];
        assert_eq!(simd.matrix_mul_add(&mut sums, &[[1, 0]; 41], &[[1, 0]]), 1);
        assert_eq!(sums, [i32::MIN; 41], "{}", way(&simd));
    }
}

#[test]
fn only_whole_columns_count() {
    for simd in every_way() {
        let mut sums = [0; 20];
        assert_eq!(simd.matrix_mul_add(&mut sums, &[[1, 1]; 59], &[[1, 2]; 9]), 2);
        assert_eq!(sums, [6; 20]);
        assert_eq!(simd.matrix_mul_add(&mut sums, &[[1, 1]; 80], &[[1, 2]]), 1);
        assert_eq!(sums, [9; 20]);
        assert_eq!(simd.matrix_mul_add(&mut sums, &[[1, 1]; 19], &[[1, 2]]), 0);
        assert_eq!(simd.matrix_mul_add(&mut sums, &[[1, 1]; 80], &[]), 0);
        assert_eq!(sums, [9; 20]);
    }
}
