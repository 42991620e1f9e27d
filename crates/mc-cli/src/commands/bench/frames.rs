//! What is worked on: a packet's worth of samples, many times over.

use std::ops::Range;

use mc_testkit::signal::{Talker, white_noise};

/// Samples in a packet: 20 ms at 8 kHz.
pub(super) const SAMPLES: usize = 160;

/// Frames that a case goes through, round and round: enough that no branch is learnt by heart.
pub(super) const FRAMES: usize = 64;

/// Memory that begins like a frame from a pool.
#[repr(align(64))]
pub(super) struct Aligned<T>(pub(super) T);

/// Where frame `frame` lies in [`speech`].
pub(super) const fn of(frame: usize) -> Range<usize> {
    frame * SAMPLES..(frame + 1) * SAMPLES
}

/// A frame of noise.
pub(super) fn noise(seed: u64) -> [f32; SAMPLES] {
    let noise = white_noise(seed, -20.0, SAMPLES);
    std::array::from_fn(|n| noise[n])
}

/// [`FRAMES`] frames of the talker number `seed`.
pub(super) fn speech(seed: u64) -> Vec<f32> {
    let mut samples = Talker::new(seed, 8_000).say((FRAMES * SAMPLES) as f64 / 8_000.0, -20.0).samples;
    samples.resize(FRAMES * SAMPLES, 0.0);
    samples
}

/// The same as 16-bit samples.
pub(super) fn speech_i16(seed: u64) -> Vec<i16> {
    speech(seed).into_iter().map(|sample| (sample * 32_767.0) as i16).collect()
}
