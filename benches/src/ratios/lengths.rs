//! Whether explicit kernels lose anywhere against portable code that the compiler vectorises as it can.

use std::hint::black_box;

use mc_simd::{SimdLevel, SimdProcessor};
use mc_testkit::signal::white_noise;

use super::Contest;
use super::race::{Measured, race, race_briefly};
use super::simd::processor;
use crate::Failure;

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "simd/gain, any length: portable", race: |level| worst(level, gain) },
    Contest { name: "simd/gain_q12, any length: portable", race: |level| worst(level, gain_q12) },
    Contest { name: "simd/mix, any length: portable", race: |level| worst(level, mix) },
    Contest { name: "simd/crossfade, any length: portable", race: |level| worst(level, crossfade) },
    Contest { name: "simd/energy, any length: portable", race: |level| worst(level, energy) },
    Contest { name: "simd/peak, any length: portable", race: |level| worst(level, peak) },
    Contest { name: "simd/dot, any length: portable", race: |level| worst(level, dot) },
    Contest { name: "simd/complex, any length: portable", race: |level| worst(level, complex_mul_add) },
    Contest { name: "simd/fir, any length: portable", race: |level| worst(level, fir) },
    Contest { name: "simd/i16_to_f32, any length: portable", race: |level| worst(level, i16_to_f32) },
    Contest { name: "simd/f32_to_i16, any length: portable", race: |level| worst(level, f32_to_i16) },
];

/// Every length up to a cache line of vectors and one beyond, then frames of 10 to 120 ms and their neighbours.
const LENGTHS: [usize; 63] = {
    let longer = [79, 80, 81, 100, 159, 160, 161, 191, 240, 320, 333, 480, 481, 960];
    let mut lengths = [0; 63];
    let mut n = 0;
    while n < lengths.len() {
        lengths[n] = if n < 49 { 16 + n } else { longer[n - 49] };
        n += 1;
    }
    lengths
};
const LONGEST: usize = 960;
const TAPS: usize = 16;

/// What kernels work on; each starts at a cache line, as a pool's frames do.
#[derive(Clone)]
#[repr(align(64))]
struct Line<T>([T; LONGEST + TAPS]);

#[derive(Clone)]
struct Room {
    a: Line<f32>,
    b: Line<f32>,
    out: Line<f32>,
    integers: Line<i16>,
}

/// A kernel on the first samples.
type Kernel = fn(&SimdProcessor, &mut Room, usize);

fn gain(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.apply_gain(&mut room.out.0[..n], black_box(-1.0));
}

fn gain_q12(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.apply_gain_q12(&mut room.integers.0[..n], black_box(-4_096));
}

fn mix(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.mix_into(&mut room.out.0[..n], &room.a.0[..n]);
}

fn crossfade(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.crossfade(&mut room.out.0[..n], &room.a.0[..n]);
}

fn energy(simd: &SimdProcessor, room: &mut Room, n: usize) {
    black_box(simd.energy(&room.a.0[..n]));
}

fn peak(simd: &SimdProcessor, room: &mut Room, n: usize) {
    black_box(simd.peak(&room.a.0[..n]));
}

fn dot(simd: &SimdProcessor, room: &mut Room, n: usize) {
    black_box(simd.dot(&room.a.0[..n], &room.b.0[..n]));
}

fn complex_mul_add(simd: &SimdProcessor, room: &mut Room, n: usize) {
    let (a, b) = (room.a.0[..n].as_chunks().0, room.b.0[..n].as_chunks().0);
    simd.complex_mul_add(room.out.0[..n].as_chunks_mut().0, a, b);
}

fn fir(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.fir(&room.b.0[..TAPS], &room.a.0[..n + TAPS - 1], &mut room.out.0[..n]);
}

fn i16_to_f32(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.i16_to_f32(&room.integers.0[..n], &mut room.out.0[..n]);
}

fn f32_to_i16(simd: &SimdProcessor, room: &mut Room, n: usize) {
    simd.f32_to_i16(&room.a.0[..n], &mut room.integers.0[..n]);
}

/// The least ratio over all lengths. A loss counts if it is there again in a long race.
fn worst(level: &str, kernel: Kernel) -> Result<Measured, Failure> {
    let (Some(simd), portable) = (processor(level)?, SimdProcessor::with_level(SimdLevel::Scalar)?) else {
        return Ok(Measured::LACKING);
    };
    let mut plainly = Room::new();
    let mut room = plainly.clone();
    let mut worst = Measured::Value { value: f64::INFINITY, noise: 0.0 };
    for n in LENGTHS {
        let mut plainly = |_| kernel(black_box(&portable), &mut plainly, black_box(n));
        let mut explicitly = |_| kernel(black_box(&simd), &mut room, black_box(n));
        let mut measured = race_briefly(&mut plainly, &mut explicitly).ratio();
        if measured.is_below(1.0) {
            measured = race(plainly, explicitly).ratio();
        }
        worst = worst.or_less(measured);
    }
    Ok(worst)
}

impl Room {
    fn new() -> Self {
        let [a, b] = [1, 2].map(|seed| white_noise(seed, -20.0, LONGEST + TAPS));
        Self {
            a: Line(std::array::from_fn(|n| a[n])),
            b: Line(std::array::from_fn(|n| b[n])),
            out: Line([0.0; LONGEST + TAPS]),
            integers: Line(std::array::from_fn(|n| (a[n] * 32_767.0) as i16)),
        }
    }
}
