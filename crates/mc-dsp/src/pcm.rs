//! 16-bit samples as samples in ±1.0, and back.

/// What a sample of 1.0 is in 16-bit audio.
const FULL_SCALE: f32 = 32_768.0;

/// The sample in ±1.0 of a 16-bit one, exact.
#[must_use]
pub fn sample_from_i16(sample: i16) -> f32 {
    f32::from(sample) / FULL_SCALE
}

/// The 16-bit sample of one in ±1.0, rounded: louder ones saturate, and what is not a number is silence.
#[must_use]
pub fn sample_to_i16(sample: f32) -> i16 {
    (sample * FULL_SCALE).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_comes_back_and_what_is_out_of_range_saturates() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(sample_to_i16(sample_from_i16(sample)), sample);
        }
        assert_eq!([1.0, -1.5, f32::NAN].map(sample_to_i16), [i16::MAX, i16::MIN, 0]);
    }
}
