//! Short-time spectra with a long past and a short future.
//!
//! The analysis window is asymmetric: it rises slowly over the past and falls within the newest block. The
//! synthesis window spans the newest two blocks only and makes the product a Hann window, so that a good frequency
//! resolution costs no more than two blocks of delay (Mauler and Martin, "A low delay, variable resolution,
//! perfect reconstruction spectral analysis-synthesis system for speech enhancement", EUSIPCO 2007).

use std::f64::consts::PI;

use super::transform::{Bin, Transform};

/// Both windows.
pub(super) struct Windows {
    analysis: Box<[f32]>,
    synthesis: Box<[f32]>,
    block: usize,
}

impl Windows {
    /// Frames of `length` samples every `block` samples; `length` at least twice `block`.
    pub(super) fn new(length: usize, block: usize) -> Self {
        let rise = length - block;
        let analysis: Vec<f64> = (0..length)
            .map(|n| {
                let from_edge = if n < rise {
                    (n as f64 + 0.5) / rise as f64
                } else {
                    (length as f64 - 0.5 - n as f64) / block as f64
                };
                (PI / 2.0 * from_edge).sin()
            })
            .collect();
        let product = |n: usize| (PI * (n as f64 + 0.5) / (2 * block) as f64).sin().powi(2);
        let newest = &analysis[length - 2 * block..];
        let synthesis = newest.iter().enumerate().map(|(n, a)| (product(n) / a) as f32).collect();
        Self { analysis: analysis.iter().map(|w| *w as f32).collect(), synthesis, block }
    }

    /// Energy of the analysis window.
    pub(super) fn energy(&self) -> f32 {
        self.analysis.iter().map(|w| w * w).sum()
    }

    fn length(&self) -> usize {
        self.analysis.len()
    }

    /// Magnitude that a spectrum of random phases must have, relative to that of the noise as analysed, to
    /// sound as loud as the noise.
    pub(super) fn noise_gain(&self) -> f32 {
        let analysed = self.energy() / self.length() as f32;
        let synthesised: f32 = self.synthesis.iter().map(|w| w * w).sum::<f32>() / self.block as f32;
        (1.0 / (analysed * synthesised)).sqrt()
    }

    /// Spectrum of `newest`, as long as the window.
    pub(super) fn analyse(&self, newest: &[f32], transform: &mut Transform, out: &mut [Bin]) {
        transform.forward(out, |time| {
            for ((time, sample), window) in time.iter_mut().zip(newest).zip(&self.analysis) {
                *time = sample * window;
            }
        });
    }

    /// Overlaps `spectrum`'s signal with `tail`, the second half of the one before, and writes the block that
    /// is complete.
    pub(super) fn synthesise(
        &self,
        spectrum: &[Bin],
        transform: &mut Transform,
        tail: &mut [f32],
        out: &mut [f32],
    ) {
        let signal = &transform.inverse(spectrum)[self.length() - 2 * self.block..];
        let (first, second) = signal.split_at(self.block);
        let (rise, fall) = self.synthesis.split_at(self.block);
        for ((out, tail), (sample, window)) in out.iter_mut().zip(&*tail).zip(first.iter().zip(rise)) {
            *out = tail + sample * window;
        }
        for (tail, (sample, window)) in tail.iter_mut().zip(second.iter().zip(fall)) {
            *tail = sample * window;
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.analysis) + size_of_val(&*self.synthesis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_analysed_is_synthesised_again() {
        let (block, length) = (32, 128);
        let windows = Windows::new(length, block);
        let mut transform = Transform::new(length);
        let mut spectrum = vec![[0.0; 2]; transform.bins()];
        let signal: Vec<f32> =
            (0..1_024).map(|n| (n as f32 * 0.37).sin() + (n as f32 * 0.011).cos()).collect();
        let mut tail = vec![0.0; block];
        let mut out = vec![0.0; block];
        for end in (length..=signal.len()).step_by(block) {
            windows.analyse(&signal[end - length..end], &mut transform, &mut spectrum);
            windows.synthesise(&spectrum, &mut transform, &mut tail, &mut out);
            if end > length {
                let expected = &signal[end - 2 * block..end - block];
                assert!(out.iter().zip(expected).all(|(o, e)| (o - e).abs() < 1e-5), "at {end}");
            }
        }
    }
}
