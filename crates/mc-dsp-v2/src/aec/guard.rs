//! What may enter the canceller's state.

/// Largest magnitude: 12 dB above full scale. What a few louder samples would leave in smoothed powers takes
/// seconds to fade.
const LARGEST: f32 = 4.0;
/// Smaller magnitudes are 0: -200 dBFS. Products of them would be denormal and slow the loops down.
const SMALLEST: f32 = 1e-10;

/// `sample`, within what is audio; counts what had to be replaced.
pub(super) fn pass(sample: f32, replaced: &mut u64) -> f32 {
    let magnitude = sample.abs();
    if magnitude < SMALLEST {
        return 0.0;
    }
    if magnitude <= LARGEST {
        return sample;
    }
    *replaced += 1;
    if sample.is_finite() { LARGEST.copysign(sample) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_passes_and_the_rest_is_limited_or_silenced_and_counted() {
        let mut replaced = 0;
        for (sample, passed) in [(-1.0, -1.0), (4.0, 4.0), (1e-11, 0.0), (1e-40, 0.0)] {
            assert_eq!(pass(sample, &mut replaced), passed);
        }
        assert_eq!(replaced, 0);
        for (sample, passed) in [(-1e9, -4.0), (4.1, 4.0), (f32::NAN, 0.0), (f32::NEG_INFINITY, 0.0)] {
            assert_eq!(pass(sample, &mut replaced), passed);
        }
        assert_eq!(replaced, 4);
    }
}
