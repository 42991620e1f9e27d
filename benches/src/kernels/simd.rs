//! Sample kernels on one frame, at the level that the CPU offers.

use mc_simd::SimdProcessor;

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, SAMPLES, samples_of, speech, speech_i16};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "simd/gain", measure: gain },
    Kernel { name: "simd/mix", measure: mix },
    Kernel { name: "simd/energy", measure: |run| number(run, |simd, a, _| simd.energy(a)) },
    Kernel { name: "simd/rms", measure: |run| number(run, |simd, a, _| simd.rms(a)) },
    Kernel { name: "simd/peak", measure: |run| number(run, |simd, a, _| simd.peak(a)) },
    Kernel { name: "simd/dot", measure: |run| number(run, |simd, a, b| simd.dot(a, b)) },
    Kernel { name: "simd/i16_to_f32", measure: i16_to_f32 },
    Kernel { name: "simd/f32_to_i16", measure: f32_to_i16 },
];

fn gain(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, mut samples) = (SimdProcessor::new(), speech(1));
    run.repeat(|frame| simd.apply_gain(&mut samples[samples_of(frame)], 0.99));
    Ok(run.digest(&samples))
}

fn mix(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, mut sum, other) = (SimdProcessor::new(), speech(1), speech(2));
    run.repeat(|frame| {
        simd.mix_into(&mut sum[samples_of(frame)], &other[samples_of(frame)]);
    });
    Ok(run.digest(&sum))
}

/// A kernel that makes one number out of one or two frames.
fn number(run: &mut Run, kernel: impl Fn(SimdProcessor, &[f32], &[f32]) -> f32) -> Result<Digest, Failure> {
    let (simd, a, b) = (SimdProcessor::new(), speech(1), speech(2));
    let mut numbers = [0.0_f32; FRAMES];
    run.repeat(|frame| numbers[frame] = kernel(simd, &a[samples_of(frame)], &b[samples_of(frame)]));
    Ok(run.digest(&numbers))
}

fn i16_to_f32(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, source) = (SimdProcessor::new(), speech_i16(1));
    let mut samples = vec![0_f32; FRAMES * SAMPLES];
    run.repeat(|frame| {
        simd.i16_to_f32(&source[samples_of(frame)], &mut samples[samples_of(frame)]);
    });
    Ok(run.digest(&samples))
}

fn f32_to_i16(run: &mut Run) -> Result<Digest, Failure> {
    let (simd, source) = (SimdProcessor::new(), speech(1));
    let mut samples = vec![0_i16; FRAMES * SAMPLES];
    run.repeat(|frame| {
        simd.f32_to_i16(&source[samples_of(frame)], &mut samples[samples_of(frame)]);
    });
    Ok(run.digest(&samples))
}
