//! Muffled and thin voices: a slow correction of each band towards how people usually sound.

use mc_dsp::{SampleRate, db_to_gain, power_to_dbfs};

use super::crossover::{MAX_BANDS, crossovers_hz};
use super::meter::Block;

/// Long-term average spectrum of speech, men and women of twelve languages: centre of each third of an octave in
/// Hz, level in dB. D. Byrne et al., "An international comparison of long-term average speech spectra", J. Acoust.
/// Soc. Am. 96 (1994).
const LONG_TERM_SPEECH: [(f32, f32); 19] = [
    (125.0, 57.7),
    (160.0, 56.8),
    (200.0, 60.2),
    (250.0, 60.3),
    (315.0, 59.0),
    (400.0, 62.1),
    (500.0, 62.1),
    (630.0, 60.5),
    (800.0, 56.8),
    (1_000.0, 53.7),
    (1_250.0, 53.0),
    (1_600.0, 52.0),
    (2_000.0, 48.7),
    (2_500.0, 48.1),
    (3_150.0, 46.8),
    (4_000.0, 45.6),
    (5_000.0, 44.5),
    (6_300.0, 44.3),
    (8_000.0, 43.7),
];

/// Learns the spectrum of a voice and corrects what is unusual about it.
#[derive(Clone, Debug)]
pub(super) struct Tilt {
    bands: usize,
    limit_db: f32,
    usual_db: [f32; MAX_BANDS],
    speech_db: [f32; MAX_BANDS],
    noise_db: [f32; MAX_BANDS],
    blocks: u16,
    gains: [f32; MAX_BANDS],
}

impl Tilt {
    /// Memory in blocks of speech of 10 ms: 8 s, long against any word.
    const MEMORY: u16 = 800;
    /// Speech heard before anything is corrected: 2 s.
    const FIRST: u16 = 200;
    /// Voices and telephones differ by this much from the average without anything being wrong, in dB.
    const USUAL_SPREAD_DB: f32 = 7.0;
    /// A band is lifted only as far as its speech stands above its noise by more than this, in dB.
    const LEAST_SNR_DB: f32 = 10.0;
    const NOISE_SHARE: f32 = 0.02;

    pub(super) fn new(bands: usize, limit_db: f32, rate: SampleRate) -> Self {
        Self {
            bands,
            limit_db,
            usual_db: usual_db(bands, rate),
            speech_db: [0.0; MAX_BANDS],
            noise_db: [f32::NAN; MAX_BANDS],
            blocks: 0,
            gains: [1.0; MAX_BANDS],
        }
    }

    /// Amplitude factor of each band.
    pub(super) const fn gains(&self) -> &[f32; MAX_BANDS] {
        &self.gains
    }

    /// Learns from a block without speech.
    pub(super) fn hear_noise(&mut self, block: &Block) {
        for (noise, dbfs) in self.noise_db.iter_mut().zip(block.bands_dbfs) {
            *noise = if noise.is_nan() { dbfs } else { *noise + Self::NOISE_SHARE * (dbfs - *noise) };
        }
    }

    /// Learns from a block of speech.
    pub(super) fn hear_speech(&mut self, block: &Block) {
        if self.bands == 1 || self.limit_db == 0.0 {
            return;
        }
        self.blocks = (self.blocks + 1).min(Self::MEMORY);
        for (speech, dbfs) in self.speech_db.iter_mut().zip(block.bands_dbfs) {
            *speech += (dbfs - *speech) / f32::from(self.blocks);
        }
        if self.blocks >= Self::FIRST {
            self.correct();
        }
    }

    fn correct(&mut self) {
        let unusual = |band: usize| self.speech_db[band] - self.usual_db[band];
        let mean = (0..self.bands).map(unusual).sum::<f32>() / self.bands as f32;
        let gains = std::array::from_fn(|band| {
            let too_much = unusual(band) - mean;
            let beyond = (too_much.abs() - Self::USUAL_SPREAD_DB).max(0.0).copysign(too_much);
            let mut gain_db = (-beyond).clamp(-self.limit_db, self.limit_db);
            let above_noise = self.speech_db[band] - self.noise_db[band] - Self::LEAST_SNR_DB;
            if gain_db > above_noise {
                gain_db = above_noise.max(0.0);
            }
            if band < self.bands { db_to_gain(gain_db) } else { 1.0 }
        });
        self.gains = gains;
    }
}

/// Levels that speech usually has in the bands, in dB.
fn usual_db(bands: usize, rate: SampleRate) -> [f32; MAX_BANDS] {
    let nyquist = [rate.hz() as f32 / 2.0];
    let uppers = crossovers_hz(bands).iter().chain(&nyquist);
    let mut lower = 0.0;
    let mut usual = [0.0; MAX_BANDS];
    for (usual, &upper) in usual.iter_mut().zip(uppers) {
        let inside = |&&(hz, _): &&(f32, f32)| (lower..upper).contains(&hz);
        *usual =
            power_to_dbfs(LONG_TERM_SPEECH.iter().filter(inside).map(|(_, db)| 10f32.powf(db / 10.0)).sum());
        lower = upper;
    }
    usual
}
