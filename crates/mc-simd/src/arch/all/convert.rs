//! Between 16-bit integers and f32.

use super::FULL_SCALE;
use crate::Dither;
use crate::dither::STREAMS;

pub(in crate::arch) fn i16_to_f32(src: &[i16], dst: &mut [f32]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = f32::from(*s) * (1.0 / FULL_SCALE);
    }
}

pub(in crate::arch) fn f32_to_i16(src: &[f32], dst: &mut [i16]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = round_to_i16(*s * FULL_SCALE);
    }
}

/// Arrays of [`STREAMS`] vectorise as they are, so this one body serves every level, inlined into it.
#[inline(always)]
pub(in crate::arch) fn f32_to_i16_dithered(src: &[f32], dst: &mut [i16], dither: &mut Dither) {
    let (src, src_tail) = src.as_chunks::<STREAMS>();
    let (dst, dst_tail) = dst.as_chunks_mut::<STREAMS>();
    for (dst, src) in dst.iter_mut().zip(src) {
        dithered_part(src, dst, dither.next_steps());
    }
    if !dst_tail.is_empty() {
        dithered_part(src_tail, dst_tail, dither.next_steps());
    }
}

#[inline(always)]
fn dithered_part(src: &[f32], dst: &mut [i16], noise: [f32; STREAMS]) {
    for ((d, s), noise) in dst.iter_mut().zip(src).zip(noise) {
        *d = round_to_i16(*s * FULL_SCALE + noise);
    }
}

/// Nearest integer, ties to even, saturating; NaN becomes 0.
///
/// Adding 1.5 · 2²³ leaves no fraction bits, so the addition itself rounds and the low half of the sum's bits
/// is the integer: unlike `round`, which is a library call without SSE4.1, this vectorises everywhere.
#[inline(always)]
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
