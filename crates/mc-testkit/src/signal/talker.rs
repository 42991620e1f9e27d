//! Speech-like signals: what a voice processor's statistics care about, without a recording.
//!
//! Source and filter after Fant ("Acoustic Theory of Speech Production", 1960): glottal pulses or noise
//! through resonances. Syllables of an optional consonant and a vowel make phrases, phrases alternate
//! with pauses. It is not intelligible, but is voiced and unvoiced, harmonic, strongly coloured,
//! non-stationary and sparse in time, as speech is.

use biquad::{Biquad, Coefficients, DirectForm1, Hertz, Type};

use crate::measure::rms_dbfs;
use crate::rng::Rng;

use super::{amplitude, apply_db};

/// Length of one label of [`Speech::active`], in milliseconds.
pub const FRAME_MS: usize = 10;

/// First three formants in Hz of ten vowels, men's averages of Peterson and Barney: "Control Methods Used
/// in a Study of the Vowels", JASA 24 (1952), Table II.
const VOWELS_HZ: [[f32; 3]; 10] = [
    [270.0, 2290.0, 3010.0],
    [390.0, 1990.0, 2550.0],
    [530.0, 1840.0, 2480.0],
    [660.0, 1720.0, 2410.0],
    [730.0, 1090.0, 2440.0],
    [570.0, 840.0, 2410.0],
    [440.0, 1020.0, 2240.0],
    [300.0, 870.0, 2240.0],
    [640.0, 1190.0, 2390.0],
    [490.0, 1350.0, 1690.0],
];
/// Level of each formant's band, falling with frequency as in an open vowel.
const FORMANT_DB: [f32; 4] = [0.0, -6.0, -12.0, -18.0];
const FORMANT_BANDWIDTH_HZ: [f32; 4] = [80.0, 100.0, 140.0, 250.0];
/// Above the third formant the tract's own resonance matters more than the vowel.
const FOURTH_FORMANT_HZ: f32 = 3400.0;
/// Resonances move this often while one vowel glides into the next.
const GLIDE_STEP_MS: f64 = 5.0;
/// A band must stay below the Nyquist frequency by this factor.
const NYQUIST_MARGIN: f32 = 0.92;

/// Speech with its truth.
#[derive(Clone, Debug)]
pub struct Speech {
    /// The audio, ±1.0.
    pub samples: Vec<f32>,
    /// For each whole [`FRAME_MS`]: whether the talker is within a phrase.
    pub active: Vec<bool>,
}

/// A synthetic person: pitch, tract length and speaking rate follow from the seed.
#[derive(Clone, Debug)]
pub struct Talker {
    rate_hz: u32,
    rng: Rng,
    pitch_hz: f64,
    tract_scale: f32,
    syllable_scale: f64,
    formants: [DirectForm1<f32>; 4],
    resonances_hz: [f32; 4],
    glottal_phase: f64,
}

impl Talker {
    /// The talker number `seed`, at a rate of 8 to 48 kHz.
    #[must_use]
    pub fn new(seed: u64, rate_hz: u32) -> Self {
        let mut rng = Rng::new(seed ^ 0x7461_6C6B);
        let voice = rng.uniform(0.0..1.0);
        // High voices come with short tracts: both follow one draw, with some freedom.
        let pitch_hz = (95.0 + 125.0 * voice) * rng.uniform(0.9..1.1);
        let tract_scale = (1.0 + 0.17 * voice * rng.uniform(0.8..1.2)) as f32;
        let resonances_hz = [500.0, 1500.0, 2500.0, FOURTH_FORMANT_HZ].map(|f| f * tract_scale);
        let formants = std::array::from_fn(|k| {
            DirectForm1::<f32>::new(band(rate_hz, resonances_hz[k], FORMANT_BANDWIDTH_HZ[k]))
        });
        let syllable_scale = rng.uniform(0.8..1.2);
        Self {
            rate_hz,
            rng,
            pitch_hz,
            tract_scale,
            syllable_scale,
            formants,
            resonances_hz,
            glottal_phase: 0.0,
        }
    }

    /// The next `seconds` of talk, starting with a short pause, at an RMS level of `active_dbfs` while
    /// speaking.
    #[must_use]
    pub fn say(&mut self, seconds: f64, active_dbfs: f32) -> Speech {
        let wanted = (seconds * f64::from(self.rate_hz)) as usize;
        let frame = self.rate_hz as usize * FRAME_MS / 1_000;
        let mut samples = Vec::with_capacity(wanted + self.rate_hz as usize);
        let mut phrases = Vec::new();
        self.pause(&mut samples, 0.1..0.4);
        while samples.len() < wanted {
            let start = samples.len();
            let syllables = self.rng.index(3..10);
            for k in 0..syllables {
                self.syllable(&mut samples, k as f64 / syllables as f64);
            }
            phrases.push(start..samples.len());
            self.pause(&mut samples, 0.25..1.0);
        }
        samples.truncate(wanted);
        let active: Vec<bool> = (0..wanted / frame)
            .map(|f| phrases.iter().any(|p| p.contains(&(f * frame + frame / 2))))
            .collect();
        let voiced: Vec<f32> =
            phrases.iter().flat_map(|p| &samples[p.start.min(wanted)..p.end.min(wanted)]).copied().collect();
        apply_db(&mut samples, active_dbfs - rms_dbfs(&voiced));
        for sample in &mut samples {
            *sample = sample.clamp(-1.0, 1.0);
        }
        Speech { samples, active }
    }

    fn samples_in(&mut self, seconds: std::ops::Range<f64>) -> usize {
        (self.rng.uniform(seconds) * self.syllable_scale * f64::from(self.rate_hz)) as usize
    }

    fn pause(&mut self, out: &mut Vec<f32>, seconds: std::ops::Range<f64>) {
        let samples = self.samples_in(seconds);
        out.resize(out.len() + samples, 0.0);
    }

    /// One syllable; `progress` through the phrase (0 to 1) lowers pitch and level.
    fn syllable(&mut self, out: &mut Vec<f32>, progress: f64) {
        match self.rng.index(0..4) {
            0 => self.fricative(out),
            1 => self.plosive(out),
            _ => {}
        }
        self.vowel(out, progress);
    }

    /// A hiss whose band depends on the consonant.
    fn fricative(&mut self, out: &mut Vec<f32>) {
        let samples = self.samples_in(0.05..0.13);
        let centre = self.rng.uniform(2_500.0..6_000.0) as f32;
        self.noise_burst(out, centre, samples, -10.0);
    }

    /// A short closure, then a burst.
    fn plosive(&mut self, out: &mut Vec<f32>) {
        self.pause(out, 0.03..0.06);
        let samples = self.samples_in(0.008..0.02);
        let centre = self.rng.uniform(800.0..4_000.0) as f32;
        self.noise_burst(out, centre, samples, -4.0);
    }

    fn noise_burst(&mut self, out: &mut Vec<f32>, centre_hz: f32, samples: usize, level_db: f32) {
        let mut filter = DirectForm1::<f32>::new(band(self.rate_hz, centre_hz, centre_hz * 0.8));
        let gain = 0.3 * amplitude(level_db);
        for n in 0..samples {
            let shape = (std::f64::consts::PI * (n as f64 + 0.5) / samples as f64).sin().sqrt();
            out.push(gain * filter.run(self.rng.gaussian() as f32 * shape as f32));
        }
    }

    /// A glide from where the tract stands to a new vowel.
    fn vowel(&mut self, out: &mut Vec<f32>, progress: f64) {
        let samples = self.samples_in(0.1..0.26).max(1);
        let rate = f64::from(self.rate_hz);
        let from = self.resonances_hz;
        let vowel = VOWELS_HZ[self.rng.index(0..VOWELS_HZ.len())];
        let to = [vowel[0], vowel[1], vowel[2], FOURTH_FORMANT_HZ].map(|f| f * self.tract_scale);
        let step = (GLIDE_STEP_MS / 1_000.0 * rate) as usize;
        let level = amplitude((self.rng.uniform(-4.0..2.0) - 5.0 * progress) as f32);
        let accent = self.rng.uniform(0.92..1.1);
        let mut jitter = 1.0;
        for n in 0..samples {
            if n % step == 0 {
                let blend = (n as f32 / (samples as f32 * 0.5)).min(1.0);
                self.resonances_hz = std::array::from_fn(|k| from[k] + (to[k] - from[k]) * blend);
                for (k, formant) in self.formants.iter_mut().enumerate() {
                    let coefficients = band(self.rate_hz, self.resonances_hz[k], FORMANT_BANDWIDTH_HZ[k]);
                    formant.update_coefficients(coefficients);
                }
            }
            let pitch = self.pitch_hz * accent * (1.12 - 0.25 * progress) * jitter;
            self.glottal_phase += pitch / rate;
            if self.glottal_phase >= 1.0 {
                self.glottal_phase -= 1.0;
                jitter = 1.0 + 0.01 * self.rng.gaussian();
            }
            let breath = 0.02 * self.rng.gaussian() as f32;
            let source = glottal_pulse(self.glottal_phase) as f32 + breath;
            let attack = (n as f64 / (0.015 * rate)).min(1.0);
            let decay = ((samples - n) as f64 / (0.04 * rate)).min(1.0);
            let voice: f32 = (self.formants.iter_mut().zip(FORMANT_DB).enumerate())
                // Neighbours add in phase between their peaks only with opposite signs.
                .map(|(k, (f, db))| f.run(source) * amplitude(db) * if k % 2 == 0 { 1.0 } else { -1.0 })
                .sum();
            out.push(level * (attack * decay) as f32 * voice);
        }
    }
}

/// Derivative of the glottal flow at `phase` (0 to 1) of a period: Rosenberg's trigonometric pulse
/// ("Effect of Glottal Pulse Shape on the Quality of Natural Vowels", JASA 49, 1971), opening for 40 %
/// and closing for 16 % of the period.
fn glottal_pulse(phase: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    const OPENING: f64 = 0.4;
    const CLOSING: f64 = 0.16;
    if phase < OPENING {
        0.5 * PI / OPENING * (PI * phase / OPENING).sin() * 0.1
    } else if phase < OPENING + CLOSING {
        -FRAC_PI_2 / CLOSING * (FRAC_PI_2 * (phase - OPENING) / CLOSING).sin() * 0.1
    } else {
        0.0
    }
}

/// A band-pass around `centre_hz`, moved below the Nyquist frequency where necessary.
#[expect(clippy::expect_used, reason = "a band between 50 Hz and the Nyquist frequency is always valid")]
fn band(rate_hz: u32, centre_hz: f32, bandwidth_hz: f32) -> Coefficients<f32> {
    let rate = rate_hz as f32;
    let centre = centre_hz.clamp(50.0, rate / 2.0 * NYQUIST_MARGIN);
    let hertz = |hz| Hertz::from_hz(hz).expect("not negative");
    let q = centre / bandwidth_hz;
    let filter = Coefficients::from_params(Type::BandPass, hertz(rate), hertz(centre), q)
        .expect("below the Nyquist frequency");
    // biquad's band-pass peaks at a gain of Q.
    Coefficients { b0: filter.b0 / q, b2: filter.b2 / q, ..filter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talk_has_the_level_the_length_and_the_pauses_of_speech() {
        for rate in [8_000, 16_000, 48_000] {
            for seed in 0..4 {
                let speech = Talker::new(seed, rate).say(12.0, -26.0);
                assert_eq!(speech.samples.len(), 12 * rate as usize);
                assert_eq!(speech.active.len(), 1_200);
                let active = speech.active.iter().filter(|a| **a).count() as f32 / 1_200.0;
                assert!((0.45..0.9).contains(&active), "{active} active, seed {seed}");
                let frame = rate as usize / 100;
                let level_of = |wanted: bool| {
                    let part: Vec<f32> = (speech.samples.chunks(frame).zip(&speech.active))
                        .filter(|(_, a)| **a == wanted)
                        .flat_map(|(f, _)| f.to_vec())
                        .collect();
                    rms_dbfs(&part)
                };
                assert!((level_of(true) + 26.0).abs() < 0.5, "{}", level_of(true));
                assert!(level_of(false) < -45.0, "{}", level_of(false));
            }
        }
    }

    #[test]
    fn talkers_differ_and_repeat() {
        let say = |seed| Talker::new(seed, 8_000).say(1.0, -20.0).samples;
        assert_eq!(say(1), say(1));
        assert_ne!(say(1), say(2));
    }

    /// Spectral colour is what slows an adaptive filter down: neighbouring samples of speech are alike.
    #[test]
    fn speech_is_strongly_coloured() {
        let speech = Talker::new(5, 8_000).say(10.0, -20.0).samples;
        let lag = |n: usize| speech.iter().zip(&speech[n..]).map(|(a, b)| a * b).sum::<f32>();
        let correlation = lag(1) / lag(0);
        assert!((0.6..0.98).contains(&correlation), "{correlation}");
    }
}
