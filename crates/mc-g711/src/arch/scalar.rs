//! Table look-ups: the portable kernels, and the meaning of all others.

use crate::definition::{A_CODES, MU_CODES, SIGN_BIT};

/// The f32 that stands for one step more than the largest 16-bit sample.
pub(crate) const FULL_SCALE: f32 = 32768.0;

/// A mu-law code; `BIAS` is the convention's, for negative samples.
#[inline(always)]
pub(crate) fn encode_mu<const BIAS: u16>(sample: i16) -> u8 {
    let sign = (sample >> 15) as u16;
    let magnitude = ((sample as u16 ^ sign) + (BIAS & sign)).min(0x7FFF);
    MU_CODES[usize::from(magnitude / 4)] ^ (sign as u8 & SIGN_BIT)
}

/// An A-law code.
#[inline(always)]
pub(crate) fn encode_a(sample: i16) -> u8 {
    let sign = (sample >> 15) as u16;
    let magnitude = sample as u16 ^ sign;
    A_CODES[usize::from(magnitude / 16)] ^ (sign as u8 & SIGN_BIT)
}

/// The nearest 16-bit sample, ties to even, saturating; 0 for NaN.
#[inline(always)]
pub(crate) fn to_i16(sample: f32) -> i16 {
    // Where this is added, the last bit of an f32 is worth 1: the addition rounds, as `round_ties_even` would
    // if core had it.
    const UNIT_ULP: f32 = 12_582_912.0;
    let steps = (sample * FULL_SCALE).clamp(-FULL_SCALE, FULL_SCALE - 1.0);
    ((steps + UNIT_ULP) - UNIT_ULP) as i16
}

/// A 16-bit sample in ±1.0.
#[inline(always)]
pub(crate) fn to_f32(sample: i16) -> f32 {
    f32::from(sample) / FULL_SCALE
}

/// Converts a slice value by value; the shorter slice ends it.
#[inline(always)]
pub(crate) fn convert<A: Copy, B>(source: &[A], destination: &mut [B], one: impl Fn(A) -> B) {
    for (to, &from) in destination.iter_mut().zip(source) {
        *to = one(from);
    }
}
