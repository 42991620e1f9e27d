//! Sample kernels on 160 samples.

use std::hint::black_box;

use mc_simd::{SimdLevel, SimdProcessor};

use super::frames::Frames;
use super::race::{Measured, race};
use super::{Contest, plain, without_level};
use crate::Failure;
use crate::input::{SAMPLES, speech, speech_i16};

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "simd/gain: (x * g).round()", race: gain_rounded },
    Contest { name: "simd/gain: Q12 in SSE2", race: gain_q12 },
    Contest { name: "simd/energy: sum in f64", race: energy },
    Contest { name: "simd/f32_to_i16: round()", race: f32_to_i16 },
    Contest { name: "simd/dot: one sum", race: dot },
    Contest { name: "simd/fir_32: tap by tap", race: fir },
    Contest { name: "simd/dispatch, ns: direct call", race: dispatch },
];

const TAPS: usize = 32;

/// The kernels of the level of this name; `None` where the CPU lacks it.
pub(super) fn processor(level: &str) -> Result<Option<SimdProcessor>, Failure> {
    let found = SimdLevel::ALL.into_iter().find(|candidate| candidate.name() == level);
    let found = found.ok_or_else(|| format!("mc-simd has no level `{level}`"))?;
    Ok(SimdProcessor::with_level(found).ok())
}

/// Gains are of size one: in place, again and again, anything else ends in silence or noise.
fn gain(level: &str, plainly: impl Fn(&mut [i16])) -> Result<Measured, Failure> {
    let Some(simd) = processor(level)? else { return Ok(Measured::LACKING) };
    let (mut integers, mut samples) = (Frames::of(&speech_i16(1)), Frames::of(&speech(1)));
    let times = race(
        |frame| plainly(integers.get_mut(frame)),
        |frame| simd.apply_gain(samples.get_mut(frame), black_box(-1.0)),
    );
    Ok(times.ratio())
}

fn gain_rounded(level: &str) -> Result<Measured, Failure> {
    gain(level, |frame| plain::gain_rounded(frame, black_box(-1.0)))
}

/// Integers of half the size, in the vectors that every x86-64 has.
fn gain_q12(level: &str) -> Result<Measured, Failure> {
    let Some(sse2) = processor("SSE2")? else { return Ok(Measured::LACKING) };
    gain(level, |frame| sse2.apply_gain_q12(frame, black_box(-4_096)))
}

fn energy(level: &str) -> Result<Measured, Failure> {
    let Some(simd) = processor(level)? else { return Ok(Measured::LACKING) };
    let samples = Frames::of(&speech(1));
    let times = race(
        |frame| _ = black_box(plain::energy(samples.get(frame))),
        |frame| _ = black_box(simd.energy(samples.get(frame))),
    );
    Ok(times.ratio())
}

fn f32_to_i16(level: &str) -> Result<Measured, Failure> {
    let Some(simd) = processor(level)? else { return Ok(Measured::LACKING) };
    let samples = Frames::of(&speech(1));
    let (mut plainly, mut integers) = (Frames::of(&[0_i16]), Frames::of(&[0_i16]));
    let times = race(
        |frame| plain::f32_to_i16(samples.get(frame), plainly.get_mut(frame)),
        |frame| _ = simd.f32_to_i16(samples.get(frame), integers.get_mut(frame)),
    );
    Ok(times.ratio())
}

fn dot(level: &str) -> Result<Measured, Failure> {
    let Some(simd) = processor(level)? else { return Ok(Measured::LACKING) };
    let (a, b) = (Frames::of(&speech(1)), Frames::of(&speech(2)));
    let times = race(
        |frame| _ = black_box(plain::dot(a.get(frame), b.get(frame))),
        |frame| _ = black_box(simd.dot(a.get(frame), b.get(frame))),
    );
    Ok(times.ratio())
}

fn fir(level: &str) -> Result<Measured, Failure> {
    let Some(simd) = processor(level)? else { return Ok(Measured::LACKING) };
    let (input, taps) = (speech(1), &speech(2)[SAMPLES..SAMPLES + TAPS]);
    // One output needs as many samples as there are taps.
    let input = &input[..SAMPLES + TAPS - 1];
    let (mut plainly, mut output) = (Frames::of(&[0_f32]), Frames::of(&[0_f32]));
    let times = race(
        |frame| plain::fir(black_box(taps), black_box(input), plainly.get_mut(frame)),
        |frame| _ = simd.fir(black_box(taps), black_box(input), output.get_mut(frame)),
    );
    Ok(times.ratio())
}

/// Nanoseconds that the choice of a function costs: the portable kernel on no samples, chosen and called directly.
fn dispatch(level: &str) -> Result<Measured, Failure> {
    without_level(level)?;
    let portable = SimdProcessor::with_level(SimdLevel::Scalar)?;
    let (mut plainly, mut samples) = ([0_f32; 1], [0_f32; 1]);
    let times = race(
        |_| plain::gain(&mut plainly[..black_box(0)], black_box(-1.0)),
        |_| black_box(&portable).apply_gain(&mut samples[..black_box(0)], black_box(-1.0)),
    );
    Ok(times.excess())
}
