//! The classifier without a learned part: a likelihood-ratio test on the bands.

use super::bands::BANDS;
use super::features::FEATURES;

/// Share of the previous frame in the a-priori SNR (decision-directed, Ephraim & Malah 1984).
const MEMORY: f32 = 0.9;
/// The tracked floor is a minimum and lies this much below the noise's mean power (1.5 in log2, 4.5 dB).
const FLOOR_BIAS: f32 = 1.5;
/// Mean log likelihood ratio that is even odds, and how fast it becomes certain; fitted to the training material by eye.
const EVEN: f32 = 0.9;
const SLOPE: f32 = 2.0;

/// Mean log likelihood ratio over the bands under Gaussian models of noise and of speech in noise
/// (Sohn, Kim & Sung, IEEE Signal Processing Letters 6(1), 1999), smoothed and mapped to a probability.
#[derive(Clone, Debug)]
pub(crate) struct LikelihoodTest {
    speech: [f32; BANDS],
    ratio: f32,
}

impl LikelihoodTest {
    pub(crate) const fn new() -> Self {
        Self { speech: [0.0; BANDS], ratio: 0.0 }
    }

    /// Probability of speech after one more frame.
    pub(crate) fn classify(&mut self, features: &[f32; FEATURES]) -> f32 {
        let mut sum = 0.0;
        for (speech, over_floor) in self.speech.iter_mut().zip(features) {
            let posterior = (over_floor - FLOOR_BIAS).exp2().min(1e4);
            let prior = MEMORY * *speech + (1.0 - MEMORY) * (posterior - 1.0).max(0.0);
            // The Wiener gain's estimate of this frame's speech, for the next frame's prior.
            let gain = prior / (1.0 + prior);
            *speech = gain * gain * posterior;
            sum += (posterior * gain).min(20.0) - prior.ln_1p();
        }
        self.ratio += 0.3 * (sum / BANDS as f32 - self.ratio);
        1.0 / (1.0 + (-SLOPE * (self.ratio - EVEN)).exp())
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }
}
