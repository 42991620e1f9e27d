//! The adaptive filter: normalised least mean squares.

/// Partial sums kept side by side: fills the vector registers and hides the latency of addition.
const LANES: usize = 16;

/// Sum of products over the common length.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Adds `factor` times `direction` to `weights`: the NLMS step, with `factor` = step × error / energy
/// (Nagumo and Noda: "A Learning Method for System Identification", IEEE Trans. Automatic Control 12, 1967).
pub(super) fn add_scaled(weights: &mut [f32], direction: &[f32], factor: f32) {
    for (weight, sample) in weights.iter_mut().zip(direction) {
        *weight += factor * sample;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dot_and_step_equal_the_plain_loops(
            pairs in prop::collection::vec((-1.0f32..1.0, -1.0f32..1.0), 0..70),
            factor in -2.0f32..2.0,
        ) {
            let (mut a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let expected: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            prop_assert!((f64::from(dot(&a, &b)) - expected).abs() < 1e-4);
            let stepped: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + factor * b).collect();
            add_scaled(&mut a, &b, factor);
            prop_assert_eq!(a, stepped);
        }
    }
}
