//! Portable kernels: the fallback, and the last samples of every vector kernel.

use super::Kernels;
use crate::SimdLevel;

pub(crate) static KERNELS: Kernels =
    Kernels { level: SimdLevel::Scalar, apply_gain, mix_into, energy, dot, peak, i16_to_f32, f32_to_i16 };

/// Full scale of 16-bit samples: f32 samples are in ±1.0.
pub(super) const FULL_SCALE: f32 = 32_768.0;

/// Running sums that a reduction keeps side by side: additions of one sum wait for each other, and the
/// compiler may not reorder them by itself.
const SUMS: usize = 8;

pub(super) fn apply_gain(frame: &mut [f32], gain: f32) {
    for sample in frame {
        *sample *= gain;
    }
}

pub(super) fn mix_into(dst: &mut [f32], src: &[f32]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d += s;
    }
}

pub(super) fn energy(frame: &[f32]) -> f32 {
    dot(frame, frame)
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_tail) = a.as_chunks::<SUMS>();
    let (b, b_tail) = b.as_chunks::<SUMS>();
    let mut sums = [0.0; SUMS];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    for (sum, (a, b)) in sums.iter_mut().zip(a_tail.iter().zip(b_tail)) {
        *sum += a * b;
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

pub(super) fn peak(frame: &[f32]) -> f32 {
    let (chunks, tail) = frame.as_chunks::<SUMS>();
    let mut peaks = [0.0_f32; SUMS];
    for chunk in chunks {
        for (peak, sample) in peaks.iter_mut().zip(chunk) {
            *peak = larger(sample.abs(), *peak);
        }
    }
    for sample in tail {
        peaks[0] = larger(sample.abs(), peaks[0]);
    }
    peaks.into_iter().fold(0.0, larger)
}

/// The larger of a sample and a peak that is a number: NaN samples lose.
fn larger(sample: f32, peak: f32) -> f32 {
    if sample > peak { sample } else { peak }
}

pub(super) fn i16_to_f32(src: &[i16], dst: &mut [f32]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = f32::from(*s) * (1.0 / FULL_SCALE);
    }
}

pub(super) fn f32_to_i16(src: &[f32], dst: &mut [i16]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = round_to_i16(*s * FULL_SCALE);
    }
}

/// Nearest integer, ties to even, saturating; NaN becomes 0.
///
/// Adding 1.5 · 2²³ leaves no fraction bits, so the addition itself rounds and the low half of the sum's bits
/// is the integer: unlike `round`, which is a library call without SSE4.1, this vectorises everywhere.
fn round_to_i16(scaled: f32) -> i16 {
    const NO_FRACTION: f32 = 12_582_912.0;
    let number = if scaled.is_nan() { 0.0 } else { scaled };
    let limited = number.clamp(f32::from(i16::MIN), f32::from(i16::MAX));
    (limited + NO_FRACTION).to_bits() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_by_addition_is_round_ties_even() {
        for half_steps in -70_000..70_000 {
            let scaled = half_steps as f32 / 2.0;
            assert_eq!(round_to_i16(scaled), scaled.round_ties_even() as i16, "{scaled}");
        }
    }
}
