//! Lowers what echo is left, bin by bin, as far as the near end allows.
//!
//! A Wiener gain on a decision-directed estimate of the near end over the residual echo (Ephraim and Malah,
//! "Speech enhancement using a minimum mean-square error short-time spectral amplitude estimator", IEEE Trans.
//! ASSP 32, 1984). How deep it may go, and how much echo it assumes, follows the probability that the near
//! end talks: raising the assumption everywhere would eat the near end.

use super::bands::Bands;
use super::noise::{NoiseFloor, powers};
use super::residual::{Observed, ResidualEcho};
use super::transform::{Bin, Transform};
use super::windows::Windows;

/// Length of the analysis window in blocks.
const WINDOW_BLOCKS: usize = 6;
/// Echo assumed, as a multiple of the estimate, while the near end talks and while it does not.
const OVERESTIMATION: (f32, f32) = (2.0, 40.0);
/// Deepest gain while the near end talks, in dB.
const NEAR_END_FLOOR_DB: f32 = -12.0;
/// Weight of the previous gain in the decision-directed estimate, per 10 ms.
const DECISION_DIRECTED: f32 = 0.7;
/// Time constant of the error's power, of the fall of the gain and of the near end's probability, in ms.
const POWER_MS: f32 = 14.4;
const GAIN_FALL_MS: f32 = 10.9;
const NEAR_END_MS: f32 = 45.0;
/// The near end's probability is ½ where error over residual echo and noise is 10 to this power.
const NEAR_END_THRESHOLD: f32 = 0.75;
const NEAR_END_SLOPE: f32 = 8.0;
/// Residual echo this far below the noise is left alone.
const MASKED: f32 = 0.15;

/// Removes residual echo from the error of the filters, two blocks late.
pub(super) struct Suppressor {
    windows: Windows,
    transform: Transform,
    bands: Bands,
    noise: NoiseFloor,
    residual: ResidualEcho,
    error_line: Box<[f32]>,
    echo_line: Box<[f32]>,
    spectrum: Box<[Bin]>,
    echo_spectrum: Box<[Bin]>,
    error_power: Box<[f32]>,
    echo_power: Box<[f32]>,
    smoothed: Box<[f32]>,
    gains: Box<[f32]>,
    tail: Box<[f32]>,
    block: usize,
    misalignment_scale: f32,
    noise_gain: f32,
    near_end: f32,
    /// Deepest gain while the near end is silent.
    floor_db: f32,
    decays: Decays,
}

/// What stays of a smoothed value from block to block.
struct Decays {
    decision: f32,
    power: f32,
    gain: f32,
    near_end: f32,
}

impl Suppressor {
    pub(super) fn new(
        block: usize,
        filter_samples: usize,
        block_ms: f32,
        nyquist_hz: f64,
        floor_db: f32,
    ) -> Self {
        let length = WINDOW_BLOCKS * block;
        let windows = Windows::new(length, block);
        let transform = Transform::new(length);
        let bins = transform.bins();
        let decay = |ms: f32| (-block_ms / ms).exp();
        let zeros = || vec![0.0; bins].into_boxed_slice();
        Self {
            bands: Bands::new(bins, nyquist_hz),
            noise: NoiseFloor::new(bins, block_ms),
            residual: ResidualEcho::new(bins, block_ms),
            error_line: vec![0.0; length].into(),
            echo_line: vec![0.0; length].into(),
            spectrum: vec![[0.0; 2]; bins].into(),
            echo_spectrum: vec![[0.0; 2]; bins].into(),
            error_power: zeros(),
            echo_power: zeros(),
            smoothed: zeros(),
            gains: vec![1.0; bins].into(),
            tail: vec![0.0; block].into(),
            block,
            misalignment_scale: windows.energy() / filter_samples as f32,
            noise_gain: windows.noise_gain(),
            near_end: 0.0,
            floor_db,
            decays: Decays {
                decision: DECISION_DIRECTED.powf(block_ms / 10.0),
                power: decay(POWER_MS),
                gain: decay(GAIN_FALL_MS),
                near_end: decay(NEAR_END_MS),
            },
            windows,
            transform,
        }
    }

    /// Probability that the near end talked in the last block, 0 to 1.
    pub(super) const fn near_end(&self) -> f32 {
        self.near_end
    }

    /// Mean gain of the upper quarter of the spectrum in the last block.
    pub(super) fn upper_gain(&self) -> f32 {
        let upper = &self.gains[self.gains.len() * 3 / 4..];
        upper.iter().sum::<f32>() / upper.len() as f32
    }

    /// Replaces `block`, what the filters left of the near end, by the block before with less echo in it.
    /// `near` is what the filters got.
    pub(super) fn process(&mut self, block: &mut [f32], near: &[f32], misalignment: &[f32]) {
        self.take(block, near);
        powers(&self.spectrum, &mut self.error_power);
        powers(&self.echo_spectrum, &mut self.echo_power);
        self.noise.update(&self.error_power);
        self.update_gains(misalignment);
        for (bin, gain) in self.spectrum.iter_mut().zip(&self.gains) {
            *bin = [bin[0] * gain, bin[1] * gain];
        }
        self.noise.fill_gaps(&mut self.spectrum, &self.gains, self.noise_gain);
        self.windows.synthesise(&self.spectrum, &mut self.transform, &mut self.tail, block);
    }

    fn take(&mut self, error: &[f32], near: &[f32]) {
        let history = self.error_line.len() - self.block;
        for line in [&mut self.error_line, &mut self.echo_line] {
            line.copy_within(self.block.., 0);
        }
        self.error_line[history..].copy_from_slice(error);
        for ((echo, near), error) in self.echo_line[history..].iter_mut().zip(near).zip(error) {
            *echo = near - error;
        }
        self.windows.analyse(&self.error_line, &mut self.transform, &mut self.spectrum);
        self.windows.analyse(&self.echo_line, &mut self.transform, &mut self.echo_spectrum);
    }

    fn update_gains(&mut self, misalignment: &[f32]) {
        for (smoothed, p) in self.smoothed.iter_mut().zip(&self.error_power) {
            *smoothed = self.decays.power * *smoothed + (1.0 - self.decays.power) * p;
        }
        let seen = Observed {
            error: &self.error_power,
            echo: &self.echo_power,
            misalignment,
            misalignment_scale: self.misalignment_scale,
        };
        let residual = self.residual.estimate(&seen, &self.bands, &self.noise);
        let noise = self.noise.powers();

        let heard: f32 = self.smoothed.iter().sum();
        let explained: f32 = residual.iter().zip(noise).map(|(r, n)| r + n).sum();
        let excess = ((heard + 1e-12) / (explained + 1e-12)).log10();
        let now = 1.0 / (1.0 + (-NEAR_END_SLOPE * (excess - NEAR_END_THRESHOLD)).exp());
        self.near_end = now.max(self.decays.near_end * self.near_end);

        let by_near_end = |(talking, silent): (f32, f32)| silent + self.near_end * (talking - silent);
        let assumed = by_near_end(OVERESTIMATION);
        let floor = 10f32.powf(by_near_end((NEAR_END_FLOOR_DB.max(self.floor_db), self.floor_db)) / 20.0);
        for (bin, gain) in self.gains.iter_mut().enumerate() {
            let echo = assumed * residual[bin] + 1e-12;
            if echo < MASKED * noise[bin] {
                *gain = 1.0;
                continue;
            }
            let posterior = self.error_power[bin] / echo;
            let prior = self.decays.decision * *gain * *gain * self.smoothed[bin] / echo
                + (1.0 - self.decays.decision) * (posterior - 1.0).max(0.0);
            let wiener = prior / (1.0 + prior);
            let shaped = wiener * wiener + self.near_end * (wiener.sqrt() - wiener * wiener);
            *gain = shaped.max(floor).max(self.decays.gain * *gain).min(1.0);
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let reals = [&self.error_line, &self.echo_line, &self.error_power, &self.echo_power]
            .into_iter()
            .chain([&self.smoothed, &self.gains, &self.tail])
            .map(|buffer| size_of_val(&**buffer))
            .sum::<usize>();
        let spectra = size_of_val(&*self.spectrum) + size_of_val(&*self.echo_spectrum);
        let parts = self.windows.heap_bytes() + self.transform.heap_bytes() + self.bands.heap_bytes();
        reals + spectra + parts + self.noise.heap_bytes() + self.residual.heap_bytes()
    }

    pub(super) fn clear(&mut self) {
        for buffer in [&mut self.error_line, &mut self.echo_line, &mut self.smoothed, &mut self.tail] {
            buffer.fill(0.0);
        }
        self.gains.fill(1.0);
        self.near_end = 0.0;
        self.noise.clear();
        self.residual.clear();
    }
}
