//! Sample kernels on one frame, at the level that the CPU offers.

use mc_simd::SimdProcessor;

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, SAMPLES, samples_of, speech, speech_i16};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "simd/gain", measure: |run| in_place(run, |simd, a, _| simd.apply_gain(a, 0.99)) },
    Kernel { name: "simd/gain_q12", measure: gain_q12 },
    Kernel { name: "simd/mix", measure: |run| in_place(run, SimdProcessor::mix_into) },
    Kernel { name: "simd/crossfade", measure: |run| in_place(run, SimdProcessor::crossfade) },
    Kernel { name: "simd/energy", measure: |run| number(run, |simd, a, _| simd.energy(a)) },
    Kernel { name: "simd/rms", measure: |run| number(run, |simd, a, _| simd.rms(a)) },
    Kernel { name: "simd/peak", measure: |run| number(run, |simd, a, _| simd.peak(a)) },
    Kernel { name: "simd/dot", measure: |run| number(run, |simd, a, b| simd.dot(a, b)) },
    Kernel { name: "simd/complex_mul_add", measure: complex_mul_add },
    Kernel { name: "simd/fir_32", measure: fir },
    Kernel { name: "simd/i16_to_f32", measure: i16_to_f32 },
    Kernel { name: "simd/f32_to_i16", measure: f32_to_i16 },
];

/// Taps of the filter kernel.
const TAPS: usize = 32;

/// A kernel that changes one frame and may read another one.
fn in_place<R>(
    run: &mut Run,
    kernel: impl Fn(&SimdProcessor, &mut [f32], &[f32]) -> R,
) -> Result<Digest, Failure> {
    let (simd, mut samples, other) = (run.simd(), speech(1), speech(2));
    run.repeat(|frame| {
        kernel(&simd, &mut samples[samples_of(frame)], &other[samples_of(frame)]);
    });
    Ok(run.digest(&samples))
}

/// A kernel that makes one number out of one or two frames.
fn number(run: &mut Run, kernel: impl Fn(&SimdProcessor, &[f32], &[f32]) -> f32) -> Result<Digest, Failure> {
    let (simd, a, b) = (run.simd(), speech(1), speech(2));
    let mut numbers = [0.0_f32; FRAMES];
    run.repeat(|frame| numbers[frame] = kernel(&simd, &a[samples_of(frame)], &b[samples_of(frame)]));
    Ok(run.digest(&numbers))
}

fn gain_q12(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, mut samples) = (run.simd(), speech_i16(1));
    run.repeat(|frame| simd.apply_gain_q12(&mut samples[samples_of(frame)], 4_055));
    Ok(run.digest(&samples))
}

/// Half a frame of complex numbers: as many parts as the other kernels have samples.
fn complex_mul_add(run: &mut Run) -> Result<Digest, Failure> {
    let pairs = |samples: Vec<f32>| -> Vec<[f32; 2]> { samples.as_chunks().0.to_vec() };
    let (simd, a, b) = (run.simd(), pairs(speech(1)), pairs(speech(2)));
    let mut sum = vec![[0.0_f32; 2]; FRAMES * SAMPLES / 2];
    run.repeat(|frame| {
        let range = frame * SAMPLES / 2..(frame + 1) * SAMPLES / 2;
        simd.complex_mul_add(&mut sum[range.clone()], &a[range.clone()], &b[range]);
    });
    Ok(run.digest(sum.as_flattened()))
}

fn fir(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, input) = (run.simd(), speech(1));
    let taps = &speech(2)[SAMPLES..SAMPLES + TAPS];
    let mut filtered = vec![0.0_f32; FRAMES * SAMPLES];
    run.repeat(|frame| {
        let range = samples_of(frame);
        // The first frame has nothing before it and yields fewer samples.
        let before = range.start.saturating_sub(TAPS - 1);
        simd.fir(taps, &input[before..range.end], &mut filtered[range]);
    });
    Ok(run.digest(&filtered))
}

fn i16_to_f32(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, source) = (run.simd(), speech_i16(1));
    let mut samples = vec![0_f32; FRAMES * SAMPLES];
    run.repeat(|frame| {
        simd.i16_to_f32(&source[samples_of(frame)], &mut samples[samples_of(frame)]);
    });
    Ok(run.digest(&samples))
}

fn f32_to_i16(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, source) = (run.simd(), speech(1));
    let mut samples = vec![0_i16; FRAMES * SAMPLES];
    run.repeat(|frame| {
        simd.f32_to_i16(&source[samples_of(frame)], &mut samples[samples_of(frame)]);
    });
    Ok(run.digest(&samples))
}
