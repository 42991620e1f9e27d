//! Naive loops that the kernels are compared with, and signals to compare them on.

#![allow(dead_code, reason = "each test file uses its part")]

use mc_simd::SimdProcessor;

/// One processor per level that this CPU runs.
pub(crate) fn every_level() -> impl Iterator<Item = SimdProcessor> {
    SimdProcessor::available_levels().filter_map(|level| SimdProcessor::with_level(level).ok())
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
