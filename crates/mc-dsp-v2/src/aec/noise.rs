//! The background noise, and its likeness where echo was cut out.
//!
//! Minimum statistics: in every few seconds there is a moment without speech (Martin, "Noise
//! power spectral density estimation based on optimal smoothing and minimum statistics", IEEE Trans. Speech and
//! Audio Processing 9, 2001), here with a fixed smoothing and a fixed correction of the bias. While echo is left it
//! may have no such moment: then minima can fall, but none is forgotten.

use super::transform::{Bin, power};

/// Time constant of the power whose minimum is taken, in milliseconds.
const SMOOTHING_MS: f32 = 70.0;
/// Length of one of the stretches that the minimum is kept for, in milliseconds, and their number.
const STRETCH_MS: f32 = 1_000.0;
const STRETCHES: usize = 6;
/// What the minimum of the smoothed power lacks to its mean.
const BIAS: f32 = 2.6;
/// Assumed before anything is known.
const START: f32 = 1e-8;
const NONE: f32 = f32::MAX;

/// Power of the noise per bin.
pub(super) struct NoiseFloor {
    smoothed: Box<[f32]>,
    running: Box<[f32]>,
    stretches: Box<[f32]>,
    oldest: usize,
    floor: Box<[f32]>,
    smoothing: f32,
    blocks_per_stretch: u32,
    blocks: u32,
    started: bool,
    /// Whether a whole stretch was heard.
    known: bool,
    random: u32,
}

impl NoiseFloor {
    pub(super) fn new(bins: usize, block_ms: f32) -> Self {
        let mut floor = Self {
            smoothed: vec![0.0; bins].into(),
            running: vec![0.0; bins].into(),
            stretches: vec![0.0; bins * STRETCHES].into(),
            oldest: 0,
            floor: vec![0.0; bins].into(),
            smoothing: 1.0 - (-block_ms / SMOOTHING_MS).exp(),
            blocks_per_stretch: (STRETCH_MS / block_ms) as u32,
            blocks: 0,
            started: false,
            known: false,
            random: 1,
        };
        floor.clear();
        floor
    }

    /// Takes the spectrum of what is left of the near end, `blocks` after the last. `echo_is_left`: it may be
    /// mostly echo.
    pub(super) fn update(&mut self, powers: &[f32], echo_is_left: bool, blocks: u32) {
        let bins = self.floor.len();
        if !self.started {
            self.smoothed.copy_from_slice(powers);
            self.started = true;
        }
        let smoothing =
            if blocks == 1 { self.smoothing } else { 1.0 - (1.0 - self.smoothing).powi(blocks as i32) };
        for ((smoothed, running), p) in self.smoothed.iter_mut().zip(&mut self.running).zip(powers) {
            *smoothed += smoothing * (p - *smoothed);
            *running = running.min(*smoothed);
        }
        if echo_is_left && self.known {
            for (floor, running) in self.floor.iter_mut().zip(&self.running) {
                *floor = floor.min(BIAS * running);
            }
            return;
        }
        self.blocks += blocks;
        if self.blocks < self.blocks_per_stretch {
            return;
        }
        (self.blocks, self.known) = (0, true);
        self.stretches[self.oldest * bins..][..bins].copy_from_slice(&self.running);
        self.oldest = (self.oldest + 1) % STRETCHES;
        self.running.copy_from_slice(&self.smoothed);
        self.floor.fill(NONE);
        for stretch in self.stretches.chunks_exact(bins) {
            for (floor, minimum) in self.floor.iter_mut().zip(stretch) {
                *floor = floor.min(*minimum);
            }
        }
        self.floor.iter_mut().for_each(|floor| *floor *= BIAS);
    }

    /// Power of the noise per bin.
    pub(super) fn powers(&self) -> &[f32] {
        &self.floor
    }

    /// Adds to each bin of `spectrum` noise for what `gains` took of it.
    pub(super) fn fill_gaps(&mut self, spectrum: &mut [Bin], gains: &[f32], noise_gain: f32) {
        for ((bin, gain), floor) in spectrum.iter_mut().zip(gains).zip(&self.floor) {
            let missing = floor * (1.0 - gain * gain).max(0.0);
            // Uniform parts of variance ½ each: their range is ±√1.5.
            let magnitude = noise_gain * (1.5 * missing).sqrt();
            for part in bin {
                self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *part += magnitude * ((self.random >> 8) as f32 / 8_388_608.0 - 1.0);
            }
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let own = size_of_val(&*self.smoothed) + size_of_val(&*self.running);
        own + size_of_val(&*self.stretches) + size_of_val(&*self.floor)
    }

    pub(super) fn clear(&mut self) {
        self.smoothed.fill(0.0);
        self.running.fill(NONE);
        self.stretches.fill(NONE);
        self.floor.fill(START);
        (self.oldest, self.blocks, self.random) = (0, 0, 1);
        (self.started, self.known) = (false, false);
    }
}

/// Squared magnitudes.
pub(super) fn powers(spectrum: &[Bin], out: &mut [f32]) {
    for (out, bin) in out.iter_mut().zip(spectrum) {
        *out = power(*bin);
    }
}
