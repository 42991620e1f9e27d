//! What the detector knows of each 10 ms.

use std::fmt;

use mc_dsp::SampleRate;

use super::bands::{BANDS, Bands, MEL};
use super::context::{self, Context};
use super::floor::Floor;
use super::lanes::{self, FIRST_BIN, LANES, PART_BINS, PARTS, USED, groups, product, sums_of_parts};
use super::log2::fast_log2;
use super::pitch::PitchTracker;
use super::spectrum::{BIN_HZ, BINS, Spectrum};

/// Length of a feature vector.
pub const FEATURES: usize = OF_PARTS + 3 * PARTS + 2 * context::PARTS;

/// Where the features that are not per band begin, and those behind them that are of parts of the spectrum.
const SINGLE: usize = 3 * BANDS;
const OF_PARTS: usize = SINGLE + 12;

/// Added to every power, so that digital silence has a logarithm: below 16-bit rounding noise.
const EPSILON: f32 = 1e-10;
/// Samples are cut here, far beyond full scale, so that no power overflows.
const LOUDEST: f32 = 1e3;
/// How many frames ago the fine structure is compared with.
const STABILITY_FRAMES: usize = 5;

/// Turns audio of any rate into one feature vector per 10 ms.
pub struct FeatureExtractor {
    hop: usize,
    history: Box<[f32]>,
    filled: usize,
    spectrum: Spectrum,
    bands: &'static Bands,
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
            hop: rate.samples_in_ms(10),
            history: vec![0.0; spectrum.length()].into(),
            filled: 0,
            spectrum,
            bands: &MEL,
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

    /// Memory on the heap in bytes, tables that all share left out.
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
        let mut power = [0.0; BINS];
        for (power, bin) in power.iter_mut().zip(self.spectrum.analyse(&self.history)) {
            *power = bin.norm_sqr();
        }
        let mut log = [0.0; BINS];
        for (log, power) in log.iter_mut().zip(&power) {
            *log = fast_log2(power + EPSILON);
        }
        let energy = self.bands.mean_power(&power).map(|p| fast_log2(p + EPSILON));
        let floor = self.floor.track(&energy);
        let mean = energy.iter().sum::<f32>() / BANDS as f32;

        let of_parts = Parts::of(&power, &log);
        let mean_power = of_parts.power.iter().sum::<f32>() / USED as f32 + EPSILON;
        let log_mean = of_parts.log.iter().sum::<f32>() / USED as f32;
        let log_power = fast_log2(mean_power);
        let centroid = of_parts.moment / ((USED * USED) as f32 * mean_power);
        let (stable, sharp) = self.stability(&log);
        let pitch = self.pitch.track(&power, &of_parts.power);
        let context = self.context.track(&energy);

        let mut out = [0.0; FEATURES];
        for band in 0..BANDS {
            out[band] = energy[band] - floor[band];
            out[BANDS + band] = energy[band] - mean;
            out[2 * BANDS + band] = context.over_mean[band];
        }
        let flux = energy.iter().zip(&self.last_energy).map(|(now, last)| (now - last).abs()).sum::<f32>()
            / BANDS as f32;
        let rise = energy.iter().zip(&self.last_energy).map(|(now, last)| (now - last).max(0.0)).sum::<f32>()
            / BANDS as f32;
        let over = out[..BANDS].iter().sum::<f32>() / BANDS as f32;
        out[SINGLE..OF_PARTS].copy_from_slice(&[
            log_mean - log_power,
            pitch.strength,
            fast_log2(of_parts.peak + EPSILON) - log_power,
            over,
            flux,
            rise,
            log_power,
            centroid,
            ((pitch.lag - self.last_lag) / (pitch.lag + self.last_lag + 1.0)).abs(),
            stable.iter().sum::<f32>() / PARTS as f32,
            sharp,
            fast_log2(pitch.lag.max(1.0)),
        ]);
        let rest =
            [&pitch.harmonicity[..], &stable, &of_parts.flatness(), &context.rise, &context.modulation];
        let mut slots = &mut out[OF_PARTS..];
        for values in rest {
            slots = fill(slots, values);
        }
        self.last_energy = energy;
        self.last_lag = pitch.lag;
        out
    }

    /// Correlation of the fine structure of each part of the spectrum with that of 50 ms ago, and the spread of all of
    /// it: held tones stay, voices glide.
    fn stability(&mut self, log: &[f32; BINS]) -> ([f32; PARTS], f32) {
        let mut fine = [0.0; BINS];
        for (fine, around) in fine[FIRST_BIN..].iter_mut().zip(log[FIRST_BIN - 2..].windows(5)) {
            *fine = around[2] - 0.25 * (around[0] + around[1] + around[3] + around[4]);
        }
        let old = &mut self.fine[self.fine_next];
        self.fine_next = (self.fine_next + 1) % STABILITY_FRAMES;
        let (a, b) = (groups(&fine), groups(old));
        let energy = sums_of_parts(|group| product(&a[group], &a[group]));
        let old_energy = sums_of_parts(|group| product(&b[group], &b[group]));
        let mut likeness = sums_of_parts(|group| product(&a[group], &b[group]));
        for (likeness, (now, then)) in likeness.iter_mut().zip(energy.iter().zip(old_energy)) {
            *likeness /= (now * then + 1e-6).sqrt();
        }
        *old = fine;
        (likeness, (energy.iter().sum::<f32>() / BINS as f32).sqrt())
    }
}

/// Copies `values` to the front of `slots` and returns the slots behind them.
fn fill<'s>(slots: &'s mut [f32], values: &[f32]) -> &'s mut [f32] {
    let (front, rest) = slots.split_at_mut(values.len());
    front.copy_from_slice(values);
    rest
}

/// Sums over a spectrum.
struct Parts {
    /// Sum of the powers and of their logarithms, part by part.
    power: [f32; PARTS],
    log: [f32; PARTS],
    /// Sum of the powers times their bins' number.
    moment: f32,
    /// The largest power.
    peak: f32,
}

impl Parts {
    fn of(power: &[f32; BINS], log: &[f32; BINS]) -> Self {
        let (powers, logs) = (groups(power), groups(log));
        let (mut peak, mut moment, mut places) = ([0.0f32; LANES], [0.0; LANES], [0.0; LANES]);
        for (lane, place) in places.iter_mut().enumerate() {
            *place = lane as f32;
        }
        let power = sums_of_parts(|group| {
            let powers = powers[group];
            for lane in 0..LANES {
                // Not `max`, which costs more where NaN may be.
                peak[lane] = if powers[lane] > peak[lane] { powers[lane] } else { peak[lane] };
                moment[lane] += powers[lane] * places[lane];
                places[lane] += LANES as f32;
            }
            powers
        });
        let log = sums_of_parts(|group| logs[group]);
        Self { power, log, moment: lanes::sum(moment), peak: peak.into_iter().fold(0.0, f32::max) }
    }

    /// Log of geometric over arithmetic mean of each part.
    fn flatness(&self) -> [f32; PARTS] {
        std::array::from_fn(|part| {
            self.log[part] / PART_BINS[part] - fast_log2(self.power[part] / PART_BINS[part] + EPSILON)
        })
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
    /// Likeness of the spectrum's fine structure to that of 50 ms ago, mean of six parts of the spectrum, -1 to 1: held
    /// tones stay, voices glide.
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
            centroid_hz: BIN_HZ * (FIRST_BIN as f32 + rest[7] * USED as f32),
            flux_db: rest[4] * DB_PER_OCTAVE_OF_POWER,
            stability: rest[9],
        }
    }
}
