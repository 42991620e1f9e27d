//! What the detector knows of each 10 ms.

use mc_dsp::SampleRate;
use realfft::num_complex::Complex32;

use super::bands::{BANDS, Bands};
use super::floor::Floor;
use super::log2::fast_log2;
use super::pitch::PitchTracker;
use super::spectrum::{BINS, Spectrum};

/// Length of a feature vector.
pub const FEATURES: usize = 2 * BANDS + 11;

/// Added to every power, so that digital silence has a logarithm: below 16-bit rounding noise.
const EPSILON: f32 = 1e-10;
/// First bin of flatness, peak and stability: 94 Hz, above DC and hum's first harmonic.
const FIRST_BIN: usize = 3;
/// How many frames ago the fine structure is compared with.
const STABILITY_FRAMES: usize = 5;

/// Turns audio of any rate into one feature vector per 10 ms.
pub struct FeatureExtractor {
    hop: usize,
    history: Box<[f32]>,
    filled: usize,
    spectrum: Spectrum,
    bands: Bands,
    floor: Floor,
    pitch: PitchTracker,
    last_energy: [f32; BANDS],
    last_lag: f32,
    fine: [[f32; BINS]; STABILITY_FRAMES],
    fine_next: usize,
}

impl FeatureExtractor {
    /// An extractor for audio at `rate`.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        let spectrum = Spectrum::new(rate);
        Self {
            hop: rate.samples_in_ms(10),
            history: vec![0.0; spectrum.length()].into(),
            filled: 0,
            spectrum,
            bands: Bands::new(),
            floor: Floor::new(),
            pitch: PitchTracker::new(),
            last_energy: [fast_log2(EPSILON); BANDS],
            last_lag: 0.0,
            fine: [[0.0; BINS]; STABILITY_FRAMES],
            fine_next: 0,
        }
    }

    /// Takes samples and calls `each` with the features of every 10 ms that they complete.
    pub fn process(&mut self, mut samples: &[f32], mut each: impl FnMut(&[f32; FEATURES])) {
        while !samples.is_empty() {
            let take = samples.len().min(self.hop - self.filled);
            let (now, later) = samples.split_at(take);
            self.history.copy_within(take.., 0);
            let start = self.history.len() - take;
            self.history[start..].copy_from_slice(now);
            self.filled += take;
            samples = later;
            if self.filled == self.hop {
                self.filled = 0;
                each(&self.hop_features());
            }
        }
    }

    fn hop_features(&mut self) -> [f32; FEATURES] {
        let mut bins = [Complex32::ZERO; BINS];
        bins.copy_from_slice(self.spectrum.analyse(&self.history));
        let power: [f32; BINS] = std::array::from_fn(|bin| bins[bin].norm_sqr());
        let energy = self.bands.mean_power(&power).map(|p| fast_log2(p + EPSILON));
        let floor = self.floor.track(&energy);
        let mean = energy.iter().sum::<f32>() / BANDS as f32;

        let log: [f32; BINS] = std::array::from_fn(|bin| fast_log2(power[bin] + EPSILON));
        let used = (BINS - FIRST_BIN) as f32;
        let log_mean = log[FIRST_BIN..].iter().sum::<f32>() / used;
        let mean_power = power[FIRST_BIN..].iter().sum::<f32>() / used + EPSILON;
        let peak = power[FIRST_BIN..].iter().copied().fold(0.0, f32::max) + EPSILON;
        let log_power = fast_log2(mean_power);
        let centroid = power[FIRST_BIN..].iter().enumerate().map(|(bin, p)| p * bin as f32).sum::<f32>()
            / (used * used * mean_power);
        let (stable, sharp) = self.stability(&log);
        let pitch = self.pitch.track(&bins);

        let mut out = [0.0; FEATURES];
        for band in 0..BANDS {
            out[band] = energy[band] - floor[band];
            out[BANDS + band] = energy[band] - mean;
        }
        let flux =
            energy.iter().zip(&self.last_energy).map(|(now, last)| (now - last).abs()).sum::<f32>() / BANDS as f32;
        let rise =
            energy.iter().zip(&self.last_energy).map(|(now, last)| (now - last).max(0.0)).sum::<f32>() / BANDS as f32;
        let over = out[..BANDS].iter().sum::<f32>() / BANDS as f32;
        out[2 * BANDS..].copy_from_slice(&[
            log_mean - log_power,
            pitch.strength,
            fast_log2(peak) - log_power,
            over,
            flux,
            rise,
            log_power,
            centroid,
            ((pitch.lag - self.last_lag) / (pitch.lag + self.last_lag + 1.0)).abs(),
            stable,
            sharp,
        ]);
        self.last_energy = energy;
        self.last_lag = pitch.lag;
        out
    }

    /// Correlation of the spectrum's fine structure with that of 50 ms ago, and its spread: held tones
    /// stay, voices glide.
    fn stability(&mut self, log: &[f32; BINS]) -> (f32, f32) {
        let mut fine = [0.0; BINS];
        let mut energy = 0.0;
        for bin in FIRST_BIN..BINS - 2 {
            fine[bin] = log[bin] - 0.25 * (log[bin - 2] + log[bin - 1] + log[bin + 1] + log[bin + 2]);
            energy += fine[bin] * fine[bin];
        }
        let old = &mut self.fine[self.fine_next];
        let cross: f32 = fine.iter().zip(old.iter()).map(|(a, b)| a * b).sum();
        let old_energy: f32 = old.iter().map(|a| a * a).sum();
        *old = fine;
        self.fine_next = (self.fine_next + 1) % STABILITY_FRAMES;
        (cross / (energy * old_energy + 1e-6).sqrt(), (energy / BINS as f32).sqrt())
    }
}
