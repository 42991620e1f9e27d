//! Naive loops that the kernels are compared with, and signals to compare them on.

#![allow(dead_code, reason = "each test file uses its part")]

use mc_simd::{Operation, SimdProcessor, SizeClass, Strategy};

/// Every level that this CPU runs, in every strategy.
pub(crate) fn every_way() -> impl Iterator<Item = SimdProcessor> {
    SimdProcessor::available_levels()
        .filter_map(|level| SimdProcessor::with_level(level).ok())
        .flat_map(|simd| Strategy::ALL.map(|strategy| simd.with_strategy(strategy)))
}

/// What a failed assertion says about a processor.
pub(crate) fn way(simd: &SimdProcessor) -> String {
    let plan = simd.plan();
    format!("{} {}", plan.level(), plan.strategy(Operation::Gain, SizeClass::UpTo80))
}

/// Longest frame that the exhaustive tests try, in samples.
pub(crate) const LONGEST: usize = 1_000;

/// Most samples by which the tests move a slice from its buffer's start.
pub(crate) const OFFSETS: usize = 5;

/// Samples in ±1.0 that differ from place to place (xorshift).
pub(crate) fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as i32 as f32 / 2_147_483_648.0
        })
        .collect()
}

/// `frame` placed `offset` samples into a buffer, with `guard` around it.
pub(crate) fn placed<T: Copy>(frame: &[T], offset: usize, guard: T) -> Vec<T> {
    let mut buffer = vec![guard; offset];
    buffer.extend_from_slice(frame);
    buffer.extend([guard; 64]);
    buffer
}

/// Whether nothing but the `len` samples at `offset` has lost the guard.
pub(crate) fn guard_holds<T: Copy + PartialEq>(buffer: &[T], offset: usize, len: usize, guard: T) -> bool {
    buffer[..offset].iter().chain(&buffer[offset + len..]).all(|&value| value == guard)
}

/// The sum of products in f64, and the distance from it that `SimdProcessor` allows.
pub(crate) fn exact_dot(a: &[f32], b: &[f32]) -> (f64, f64) {
    let products = || a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
    let magnitudes: f64 = products().map(f64::abs).sum();
    let roundings = a.len().min(b.len()) as f64 / 4.0 + 8.0;
    (products().sum(), roundings * 2_f64.powi(-24) * magnitudes)
}

pub(crate) fn naive_peak(frame: &[f32]) -> f32 {
    frame.iter().fold(0.0, |peak, sample| sample.abs().max(peak))
}

pub(crate) fn naive_to_f32(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&sample| f32::from(sample) / 32_768.0).collect()
}

pub(crate) fn naive_to_i16(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|&sample| (sample * 32_768.0).round_ties_even() as i16).collect()
}

pub(crate) fn naive_gain_q12(samples: &[i16], gain: i16) -> Vec<i16> {
    let scale = |sample: i16| (f64::from(sample) * f64::from(gain) / 4_096.0 + 0.5).floor();
    samples.iter().map(|&sample| scale(sample) as i16).collect()
}

/// The crossfade as it is documented, in the order of operations that gives every level's bits.
pub(crate) fn naive_crossfade(dst: &[f32], src: &[f32]) -> Vec<f32> {
    let step = 1.0 / dst.len().min(src.len()) as f32;
    let places = (0..).map(|place| (place as f32 + 0.5) * step);
    dst.iter().zip(src).zip(places).map(|((d, s), weight)| d + (s - d) * weight).collect()
}

/// Parts of `acc + a · b`, or of `acc + conj(a) · b`, in f64 and how far f32 may be from them.
pub(crate) fn exact_complex(acc: [f32; 2], a: [f32; 2], b: [f32; 2], conj: bool) -> [(f64, f64); 2] {
    let [[re, im], [a_re, a_im], [b_re, b_im]] = [acc, a, b].map(|pair| pair.map(f64::from));
    let a_im = if conj { -a_im } else { a_im };
    [[re, a_re * b_re, -a_im * b_im], [im, a_re * b_im, a_im * b_re]].map(|terms| {
        (terms.iter().sum(), 4.0 * 2_f64.powi(-24) * terms.iter().map(|term| term.abs()).sum::<f64>())
    })
}

/// One output of a filter in f64, from the samples up to it, and how far f32 may be from it.
pub(crate) fn exact_fir(taps: &[f32], newest_last: &[f32]) -> (f64, f64) {
    let products = || taps.iter().zip(newest_last.iter().rev()).map(|(&t, &x)| f64::from(t) * f64::from(x));
    let magnitudes: f64 = products().map(f64::abs).sum();
    (products().sum(), (taps.len() + 1) as f64 * 2_f64.powi(-24) * magnitudes)
}

/// Pairs of neighbours.
pub(crate) fn pairs(samples: &[f32]) -> &[[f32; 2]] {
    samples.as_chunks().0
}
