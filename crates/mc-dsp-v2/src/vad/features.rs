//! What the detector knows of each 10 ms.

use std::fmt;

use mc_dsp::SampleRate;
use mc_simd::SimdProcessor;

use super::bands::{BANDS, Bands};
use super::context::{self, Context};
use super::floor::Floor;
use super::log2::fast_log2;
use super::pitch::{self, PitchTracker};
use super::spectrum::{BIN_HZ, BINS, Spectrum};

/// Length of a feature vector.
pub const FEATURES: usize = SINGLE + 12 + pitch::PARTS + context::PARTS;

/// Where the features that are not per band begin.
const SINGLE: usize = 3 * BANDS;

/// Added to every power, so that digital silence has a logarithm: below 16-bit rounding noise.
const EPSILON: f32 = 1e-10;
/// Samples are cut here, far beyond full scale, so that no power overflows.
const LOUDEST: f32 = 1e3;
/// First bin of flatness, peak and stability: 94 Hz, above DC and hum's first harmonic.
const FIRST_BIN: usize = 3;
/// Ones, and the number of each bin from [`FIRST_BIN`] on: factors that turn a dot product into a sum.
const ONES: [f32; BINS] = [1.0; BINS];
const PLACES: [f32; BINS] = {
    let mut places = [0.0; BINS];
    let mut bin = 0;
    while bin < BINS {
        places[bin] = bin as f32;
        bin += 1;
    }
    places
};
/// How many frames ago the fine structure is compared with.
const STABILITY_FRAMES: usize = 5;

/// Turns audio of any rate into one feature vector per 10 ms.
pub struct FeatureExtractor {
    simd: SimdProcessor,
    hop: usize,
    history: Box<[f32]>,
    filled: usize,
    spectrum: Spectrum,
    bands: Bands,
    floor: Floor,
    context: Context,
    pitch: PitchTracker,
    last_energy: [f32; BANDS],
    last_lag: f32,
    fine: [[f32; BINS]; STABILITY_FRAMES],
    fine_next: usize,
    replaced: u64,
}

impl fmt::Debug for FeatureExtractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeatureExtractor").field("hop", &self.hop).finish_non_exhaustive()
    }
}

impl FeatureExtractor {
    /// An extractor for audio at `rate`.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        let spectrum = Spectrum::new(rate);
        Self {
            simd: SimdProcessor::new(),
            hop: rate.samples_in_ms(10),
            history: vec![0.0; spectrum.length()].into(),
            filled: 0,
            spectrum,
            bands: Bands::new(),
            floor: Floor::new(),
            context: Context::new(),
            pitch: PitchTracker::new(),
            last_energy: [fast_log2(EPSILON); BANDS],
            last_lag: 0.0,
            fine: [[0.0; BINS]; STABILITY_FRAMES],
            fine_next: 0,
            replaced: 0,
        }
    }

    /// Back to the state after construction; the count of replaced samples goes on.
    pub(crate) fn reset(&mut self) {
        self.history.fill(0.0);
        self.filled = 0;
        self.floor = Floor::new();
        self.context = Context::new();
        self.pitch.reset();
        self.last_energy = [fast_log2(EPSILON); BANDS];
        self.last_lag = 0.0;
        self.fine = [[0.0; BINS]; STABILITY_FRAMES];
        self.fine_next = 0;
    }

    /// Samples that were not finite and counted as 0.
    pub(crate) const fn replaced_samples(&self) -> u64 {
        self.replaced
    }

    /// Memory on the heap in bytes, the transforms' shared tables left out.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.history) + self.spectrum.heap_bytes() + self.pitch.heap_bytes()
    }

    /// Takes samples and calls `each` with the features of every 10 ms that they complete.
    pub fn process(&mut self, mut samples: &[f32], mut each: impl FnMut(&[f32; FEATURES])) {
        while !samples.is_empty() {
            let take = samples.len().min(self.hop - self.filled);
            let (now, later) = samples.split_at(take);
            self.history.copy_within(take.., 0);
            let start = self.history.len() - take;
            for (slot, &sample) in self.history[start..].iter_mut().zip(now) {
                let finite = sample.is_finite();
                self.replaced += u64::from(!finite);
                *slot = if finite { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 };
            }
            self.filled += take;
            samples = later;
            if self.filled == self.hop {
                self.filled = 0;
                each(&self.hop_features());
            }
        }
    }

    fn hop_features(&mut self) -> [f32; FEATURES] {
        let simd = self.simd;
        let bins = self.spectrum.analyse(&self.history);
        let mut power = [0.0; BINS];
        for (power, bin) in power.iter_mut().zip(bins) {
            *power = bin.norm_sqr();
        }
        let energy = self.bands.mean_power(&simd, &power).map(|p| fast_log2(p + EPSILON));
        let floor = self.floor.track(&energy);
        let mean = energy.iter().sum::<f32>() / BANDS as f32;

        let log = power.map(|p| fast_log2(p + EPSILON));
        let (used, used_log) = (&power[FIRST_BIN..], &log[FIRST_BIN..]);
        let count = used.len() as f32;
        let log_mean = simd.dot(used_log, &ONES) / count;
        let mean_power = simd.dot(used, &ONES) / count + EPSILON;
        let peak = simd.peak(used) + EPSILON;
        let log_power = fast_log2(mean_power);
        let centroid = simd.dot(used, &PLACES) / (count * count * mean_power);
        let (stable, sharp) = self.stability(&log);
        let pitch = self.pitch.track(&simd, &power);
        let (over_mean, modulation) = self.context.track(&energy);

        let mut out = [0.0; FEATURES];
        for band in 0..BANDS {
            out[band] = energy[band] - floor[band];
            out[BANDS + band] = energy[band] - mean;
            out[2 * BANDS + band] = over_mean[band];
        }
        let flux = energy.iter().zip(&self.last_energy).map(|(now, last)| (now - last).abs()).sum::<f32>()
            / BANDS as f32;
        let rise = energy.iter().zip(&self.last_energy).map(|(now, last)| (now - last).max(0.0)).sum::<f32>()
            / BANDS as f32;
        let over = out[..BANDS].iter().sum::<f32>() / BANDS as f32;
        out[SINGLE..SINGLE + 12].copy_from_slice(&[
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
            fast_log2(pitch.lag.max(1.0)),
        ]);
        out[SINGLE + 12..][..pitch::PARTS].copy_from_slice(&pitch.harmonicity);
        out[SINGLE + 12 + pitch::PARTS..].copy_from_slice(&modulation);
        self.last_energy = energy;
        self.last_lag = pitch.lag;
        out
    }

    /// Correlation of the spectrum's fine structure with that of 50 ms ago, and its spread: held tones
    /// stay, voices glide.
    fn stability(&mut self, log: &[f32; BINS]) -> (f32, f32) {
        let mut fine = [0.0; BINS];
        for (fine, around) in fine[FIRST_BIN..].iter_mut().zip(log[FIRST_BIN - 2..].windows(5)) {
            *fine = around[2] - 0.25 * (around[0] + around[1] + around[3] + around[4]);
        }
        let energy = self.simd.energy(&fine);
        let old = &mut self.fine[self.fine_next];
        let cross = self.simd.dot(&fine, old);
        let old_energy = self.simd.energy(old);
        *old = fine;
        self.fine_next = (self.fine_next + 1) % STABILITY_FRAMES;
        (cross / (energy * old_energy + 1e-6).sqrt(), (energy / BINS as f32).sqrt())
    }
}

/// A feature vector in words.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct VadFeatures {
    /// Mean over the bands of energy over the tracked noise floor, in dB.
    pub over_floor_db: f32,
    /// Spectral flatness: geometric over arithmetic mean of the power, 0 (a tone) to 1 (white).
    pub flatness: f32,
    /// Strength of the best pitch between 62.5 and 400 Hz, 0 to 1.
    pub pitch_strength: f32,
    /// Centre of the power up to 3.8 kHz, in Hz.
    pub centroid_hz: f32,
    /// Mean change of the bands' energies since the frame before, in dB.
    pub flux_db: f32,
    /// Likeness of the spectrum's fine structure to that of 50 ms ago, -1 to 1: held tones stay, voices glide.
    pub stability: f32,
}

impl VadFeatures {
    pub(crate) fn of(row: &[f32; FEATURES]) -> Self {
        const DB_PER_OCTAVE_OF_POWER: f32 = 3.010_3;
        let rest = &row[SINGLE..];
        Self {
            over_floor_db: rest[3] * DB_PER_OCTAVE_OF_POWER,
            flatness: rest[0].exp2(),
            pitch_strength: rest[1],
            centroid_hz: BIN_HZ * (FIRST_BIN as f32 + rest[7] * (BINS - FIRST_BIN) as f32),
            flux_db: rest[4] * DB_PER_OCTAVE_OF_POWER,
            stability: rest[9],
        }
    }
}
