//! Signals: noise, tones and talkers. Samples are f32 in ±1.0; the same arguments give the same samples.

mod talker;

pub use talker::{FRAME_MS, Speech, Talker};

use crate::measure::rms_dbfs;
use crate::rng::Rng;

/// Gaussian white noise of the given RMS level.
#[must_use]
pub fn white_noise(seed: u64, dbfs: f32, samples: usize) -> Vec<f32> {
    let mut rng = Rng::new(seed);
    let gain = amplitude(dbfs);
    (0..samples).map(|_| gain * rng.gaussian() as f32).collect()
}

/// A sine of the given peak amplitude, starting at phase 0.
#[must_use]
pub fn sine(rate_hz: u32, frequency_hz: f64, peak: f32, samples: usize) -> Vec<f32> {
    let step = std::f64::consts::TAU * frequency_hz / f64::from(rate_hz);
    (0..samples).map(|n| peak * (step * n as f64).sin() as f32).collect()
}

/// Amplitude factor of a level or gain in dB.
#[must_use]
pub fn amplitude(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Multiplies every sample by a gain in dB.
pub fn apply_db(signal: &mut [f32], db: f32) {
    let gain = amplitude(db);
    for sample in signal {
        *sample *= gain;
    }
}

/// Scales a signal to an RMS level; silence stays silence.
pub fn set_rms_dbfs(signal: &mut [f32], dbfs: f32) {
    if signal.iter().any(|s| *s != 0.0) {
        apply_db(signal, dbfs - rms_dbfs(signal));
    }
}

/// Adds `other` onto `signal`, over their common length.
pub fn add(signal: &mut [f32], other: &[f32]) {
    for (sample, other) in signal.iter_mut().zip(other) {
        *sample += other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_and_tone_have_the_level_asked_for() {
        assert!((rms_dbfs(&white_noise(1, -30.0, 80_000)) + 30.0).abs() < 0.1);
        let tone = sine(8_000, 1_000.0, 0.5, 8_000);
        assert!((rms_dbfs(&tone) + 6.02 + 3.01).abs() < 0.01);
        assert!(tone[0].abs() < 1e-6 && (tone[2] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn scaling_reaches_the_level_and_leaves_silence() {
        let mut signal = white_noise(2, -10.0, 8_000);
        set_rms_dbfs(&mut signal, -40.0);
        assert!((rms_dbfs(&signal) + 40.0).abs() < 1e-3);
        let mut silence = [0.0; 16];
        set_rms_dbfs(&mut silence, -40.0);
        assert!(silence.iter().all(|s| *s == 0.0));
    }
}
