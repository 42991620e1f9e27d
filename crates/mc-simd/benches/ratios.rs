//! How many times faster the kernels are than what one would write without them.
//!
//! Candidates of a comparison run in turn, round after round, and the least time of each counts: the ratios hold
//! on a busy machine, the nanoseconds are its own.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use std::hint::black_box;
use std::time::Instant;

use mc_simd::{SimdLevel, SimdProcessor};

const SAMPLES: usize = 160;
const GAIN: f32 = 0.7;
const GAIN_Q12: i16 = 2_867;
const TAPS: usize = 32;
const ROUNDS: usize = 300;
/// Calls between two readings of the clock, on each session's frames in turn.
const CALLS: usize = 64;
const SESSIONS: usize = 4;
const ROOM: usize = 1_024;

/// What a candidate works on, aligned like the frames of a pool.
#[repr(align(64))]
struct Frames {
    a: [f32; ROOM],
    b: [f32; ROOM],
    out: [f32; ROOM],
    integers: [i16; ROOM],
}

impl Frames {
    fn new() -> Box<[Self; SESSIONS]> {
        let wave = |n: usize| ((n * 7_919) % 20_000) as f32 / 20_000.0 - 0.5;
        Box::new(std::array::from_fn(|session| Self {
            a: std::array::from_fn(|n| wave(n + session)),
            b: std::array::from_fn(|n| wave(n + session + 77)),
            out: [0.0; ROOM],
            integers: std::array::from_fn(|n| (wave(n + session) * 32_768.0) as i16),
        }))
    }
}

/// Several calls, so that neither the clock nor the call of this box counts.
type Candidate = Box<dyn FnMut(&mut [Frames; SESSIONS])>;

fn candidate(mut call: impl FnMut(&mut Frames) + 'static) -> Candidate {
    Box::new(move |sessions| {
        for _ in 0..CALLS / SESSIONS {
            for frames in &mut *sessions {
                call(black_box(frames));
            }
        }
    })
}

/// Least nanoseconds of one call of each candidate.
fn least_ns(candidates: &mut [Candidate]) -> Vec<f64> {
    let mut frames = Frames::new();
    let mut least = vec![f64::INFINITY; candidates.len()];
    for _ in 0..ROUNDS {
        for (least, candidate) in least.iter_mut().zip(candidates.iter_mut()) {
            let start = Instant::now();
            candidate(&mut frames);
            *least = least.min(start.elapsed().as_nanos() as f64 / CALLS as f64);
        }
    }
    least
}

/// The obvious loop of each kernel.
mod obvious {
    pub(super) fn gain_rounded(frame: &mut [i16], gain: f32) {
        for sample in frame {
            *sample = (f32::from(*sample) * gain).round() as i16;
        }
    }

    pub(super) fn gain_q12(frame: &mut [i16], gain: i16) {
        for sample in frame {
            *sample = ((i32::from(*sample) * i32::from(gain)) >> 12).clamp(-32_768, 32_767) as i16;
        }
    }

    pub(super) fn energy(frame: &[f32]) -> f64 {
        frame.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum()
    }

    pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    pub(super) fn f32_to_i16(src: &[f32], dst: &mut [i16]) {
        for (d, s) in dst.iter_mut().zip(src) {
            *d = (s * 32_768.0).round() as i16;
        }
    }

    pub(super) fn fir(taps: &[f32], input: &[f32], out: &mut [f32]) {
        for (out, window) in out.iter_mut().zip(input.windows(taps.len())) {
            *out = taps.iter().rev().zip(window).map(|(tap, sample)| tap * sample).sum();
        }
    }
}

fn compare(what: &str, obvious: Candidate, with: impl Fn(SimdProcessor) -> Candidate) {
    let levels: Vec<_> =
        SimdProcessor::available_levels().filter_map(|level| SimdProcessor::with_level(level).ok()).collect();
    let mut candidates = vec![obvious];
    candidates.extend(levels.iter().map(|simd| with(*simd)));
    let times = least_ns(&mut candidates);
    print!("{what:<44}{:>7.1} ns", times[0]);
    for (simd, time) in levels.iter().zip(&times[1..]) {
        print!("  {} {time:.1} ns {:.1}x", simd.level(), times[0] / time);
    }
    println!();
}

/// Each kernel, as a call on the first `len` samples.
fn kernels(simd: SimdProcessor, len: usize) -> Vec<(&'static str, Candidate)> {
    vec![
        ("gain", candidate(move |f| simd.apply_gain(&mut f.out[..len], -1.0))),
        ("gain_q12", candidate(move |f| simd.apply_gain_q12(&mut f.integers[..len], -4_096))),
        ("mix", candidate(move |f| _ = simd.mix_into(&mut f.out[..len], &f.a[..len]))),
        ("crossfade", candidate(move |f| _ = simd.crossfade(&mut f.out[..len], &f.a[..len]))),
        ("energy", candidate(move |f| _ = black_box(simd.energy(&f.a[..len])))),
        ("peak", candidate(move |f| _ = black_box(simd.peak(&f.a[..len])))),
        ("dot", candidate(move |f| _ = black_box(simd.dot(&f.a[..len], &f.b[..len])))),
        (
            "complex_mul_add",
            candidate(move |f| {
                let (a, b) = (f.a[..len].as_chunks().0, f.b[..len].as_chunks().0);
                simd.complex_mul_add(f.out[..len].as_chunks_mut().0, a, b);
            }),
        ),
        ("fir", candidate(move |f| _ = simd.fir(&f.b[..TAPS.min(len)], &f.a, &mut f.out[..len]))),
        ("i16_to_f32", candidate(move |f| _ = simd.i16_to_f32(&f.integers[..len], &mut f.out[..len]))),
        ("f32_to_i16", candidate(move |f| _ = simd.f32_to_i16(&f.a[..len], &mut f.integers[..len]))),
    ]
}

/// The least advantage of each level over portable code and where, and from which length on there is one (a
/// difference of 3 % is none).
fn least_advantages() {
    let lengths = (16..=64).chain([79, 80, 81, 100, 159, 160, 161, 191, 240, 320, 333, 480, 481, 960]);
    let lengths: Vec<_> = lengths.collect();
    let Ok(portable) = SimdProcessor::with_level(SimdLevel::Scalar) else { return };
    let levels: Vec<_> = SimdProcessor::available_levels()
        .filter(|level| *level != SimdLevel::Scalar)
        .filter_map(|level| SimdProcessor::with_level(level).ok())
        .collect();
    for kernel in 0..kernels(portable, 16).len() {
        let mut name = "";
        let mut worst = vec![(f64::INFINITY, 0); levels.len()];
        let mut last_loss = vec![0; levels.len()];
        for &len in &lengths {
            let mut candidates = Vec::new();
            for simd in [portable].iter().chain(&levels) {
                let (kernel_name, call) = kernels(*simd, len).swap_remove(kernel);
                name = kernel_name;
                candidates.push(call);
            }
            let times = least_ns(&mut candidates);
            for (level, time) in times[1..].iter().enumerate() {
                let ratio = times[0] / time;
                if ratio < worst[level].0 {
                    worst[level] = (ratio, len);
                }
                if ratio < 0.97 {
                    last_loss[level] = len;
                }
            }
        }
        print!("{name:<16}");
        for ((simd, (ratio, len)), last_loss) in levels.iter().zip(worst).zip(last_loss) {
            print!("  {} {ratio:.2}x at {len}, last loss {last_loss}", simd.level());
        }
        println!();
    }
}

/// What the choice of a function costs: the portable kernel without samples, chosen and called directly.
fn dispatch() {
    #[inline(never)]
    fn direct(frame: &mut [f32], gain: f32) {
        for sample in frame {
            *sample *= gain;
        }
    }
    let Ok(portable) = SimdProcessor::with_level(SimdLevel::Scalar) else { return };
    let mut candidates = vec![
        candidate(|f| direct(&mut f.out[..black_box(0)], GAIN)),
        candidate(move |f| black_box(&portable).apply_gain(&mut f.out[..black_box(0)], GAIN)),
    ];
    let times = least_ns(&mut candidates);
    println!("choice of a function: {:.2} ns", times[1] - times[0]);
}

fn main() {
    println!("{SAMPLES} samples: the obvious loop, and how many times faster each level is\n");
    compare(
        "i16 gain, round(x * g)",
        candidate(|f| obvious::gain_rounded(&mut f.integers[..SAMPLES], GAIN)),
        |simd| candidate(move |f| simd.apply_gain_q12(&mut f.integers[..SAMPLES], GAIN_Q12)),
    );
    compare(
        "f32 gain, against the same",
        candidate(|f| obvious::gain_rounded(&mut f.integers[..SAMPLES], GAIN)),
        |simd| candidate(move |f| simd.apply_gain(&mut f.out[..SAMPLES], GAIN)),
    );
    compare(
        "i16 gain, Q12 loop",
        candidate(|f| obvious::gain_q12(&mut f.integers[..SAMPLES], GAIN_Q12)),
        |simd| candidate(move |f| simd.apply_gain_q12(&mut f.integers[..SAMPLES], GAIN_Q12)),
    );
    compare(
        "f32 gain, against the same",
        candidate(|f| obvious::gain_q12(&mut f.integers[..SAMPLES], GAIN_Q12)),
        |simd| candidate(move |f| simd.apply_gain(&mut f.out[..SAMPLES], GAIN)),
    );
    compare("energy, sum in f64", candidate(|f| _ = black_box(obvious::energy(&f.b[..SAMPLES]))), |simd| {
        candidate(move |f| _ = black_box(simd.energy(&f.b[..SAMPLES])))
    });
    compare(
        "f32 to i16, round",
        candidate(|f| obvious::f32_to_i16(&f.b[..SAMPLES], &mut f.integers[..SAMPLES])),
        |simd| candidate(move |f| _ = simd.f32_to_i16(&f.b[..SAMPLES], &mut f.integers[..SAMPLES])),
    );
    compare(
        "dot, one sum",
        candidate(|f| _ = black_box(obvious::dot(&f.a[..SAMPLES], &f.b[..SAMPLES]))),
        |simd| candidate(move |f| _ = black_box(simd.dot(&f.a[..SAMPLES], &f.b[..SAMPLES]))),
    );
    compare(
        "filter of 32 taps, output by output",
        candidate(|f| obvious::fir(&f.b[..TAPS], &f.a, &mut f.out[..SAMPLES])),
        |simd| candidate(move |f| _ = simd.fir(&f.b[..TAPS], &f.a, &mut f.out[..SAMPLES])),
    );
    println!(
        "\nadvantage over the portable level from 16 samples up: the least, and the longest frame with a loss\n"
    );
    least_advantages();
    println!();
    dispatch();
}
