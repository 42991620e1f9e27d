//! The noise of a pause, as it is heard.

use super::{MAX_ORDER, NoiseDescription};
use crate::conceal::{Levinson, dot};

/// What a frame weighs against those before it.
const NEWEST: f32 = 0.2;

/// Fraction of the energy added as white noise, so that the spectrum of a tone is not followed into its peak.
const WHITE_NOISE: f32 = 1e-3;

/// Describes the noise in frames that hold no speech.
#[derive(Clone, Debug, Default)]
pub struct NoiseEstimator {
    /// Smoothed autocorrelation per sample.
    correlation: [f32; MAX_ORDER + 1],
    heard: bool,
}

impl NoiseEstimator {
    /// Nothing heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hears a frame without speech (±1.0).
    pub fn hear(&mut self, frame: &[f32]) {
        if frame.is_empty() {
            return;
        }
        let weight = if self.heard { NEWEST } else { 1.0 };
        self.heard = true;
        for (lag, mean) in self.correlation.iter_mut().enumerate() {
            let product = dot(frame.get(lag..).unwrap_or_default(), frame) / frame.len() as f32;
            if product.is_finite() {
                *mean += (product - *mean) * weight;
            }
        }
    }

    /// What has been heard lately.
    #[must_use]
    pub fn describe(&self) -> NoiseDescription {
        let mut correlation = self.correlation;
        let level = NoiseDescription::level_of(correlation[0]);
        correlation[0] *= 1.0 + WHITE_NOISE;
        // A reflection coefficient of RFC 3389 is the partial correlation with its sign turned.
        let reflections =
            Levinson::<MAX_ORDER>::solve(&correlation).reflections.map(|reflection| -reflection);
        NoiseDescription { level, reflections }
    }
}
