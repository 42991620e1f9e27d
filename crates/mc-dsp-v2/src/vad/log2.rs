//! A fast logarithm for features.

/// log2(x) for normal positive x, within 4e-3: exponent bits plus a cubic fit of the mantissa's part.
/// Branch-free, so that loops over it vectorise.
#[inline]
pub(crate) fn fast_log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let mantissa = f32::from_bits((bits & 0x007F_FFFF) | 0x3F80_0000);
    let exponent = (bits >> 23) as i32 - 127;
    // Zero at a mantissa of 1 and one at 2, so that it is continuous.
    let t = mantissa - 1.0;
    exponent as f32 + t + t * (1.0 - t) * (0.4424 - 0.1929 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_real_one() {
        let mut worst = 0f32;
        for k in 0..200_000 {
            let x = 1e-12 * 1.0002f32.powi(k);
            if x.is_finite() && x < 1e6 {
                worst = worst.max((fast_log2(x) - x.log2()).abs());
            }
        }
        assert!(worst < 4e-3, "{worst}");
    }
}
