//! Levels in decibels. 0 dBFS is a full-scale square wave: RMS 1.0.

/// Level that stands for digital silence, in dBFS: below the last bit of 16-bit audio (-90.3 dBFS).
pub const SILENCE_DBFS: f32 = -100.0;

/// Amplitude factor of a gain in dB.
#[must_use]
pub fn db_to_gain(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Gain in dB of an amplitude factor; [`SILENCE_DBFS`] at the lowest.
#[must_use]
pub fn gain_to_db(gain: f32) -> f32 {
    power_to_dbfs(gain * gain)
}

/// Level of a mean square, in dBFS; [`SILENCE_DBFS`] at the lowest.
#[must_use]
pub fn power_to_dbfs(mean_square: f32) -> f32 {
    (10.0 * mean_square.log10()).max(SILENCE_DBFS)
}

/// RMS level of samples in ±1.0, in dBFS; [`SILENCE_DBFS`] for silence and for no samples.
#[must_use]
pub fn rms_dbfs(samples: &[f32]) -> f32 {
    let energy: f32 = samples.iter().map(|s| s * s).sum();
    power_to_dbfs(energy / samples.len().max(1) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gain_and_decibel_are_inverse() {
        for tenth_db in -900..=400 {
            let db = tenth_db as f32 / 10.0;
            assert!((gain_to_db(db_to_gain(db)) - db).abs() < 1e-3, "{db}");
        }
    }

    #[test]
    fn full_scale_is_zero_and_silence_is_the_floor() {
        assert!(rms_dbfs(&[1.0, -1.0, 1.0]).abs() < 1e-6);
        assert!((rms_dbfs(&[0.5; 80]) + 6.0206).abs() < 1e-3);
        assert!((rms_dbfs(&[0.0; 80]) - SILENCE_DBFS).abs() < 1e-6);
        assert!((rms_dbfs(&[]) - SILENCE_DBFS).abs() < 1e-6);
    }
}
