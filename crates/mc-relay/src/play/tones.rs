//! Audio that is made here.

use std::f32::consts::TAU;
use std::time::Duration;

use mc_engine::{ConfigError, DtmfKey, SAMPLE_RATE, sample_to_i16};
use mc_rtp_pipeline::telephone_event::DtmfTone;

use super::Clip;

/// Longest clip that is made.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Peak of each of a key's two tones: together at full scale less 6 dB, within what exchanges take (ITU-T Q.24).
const KEY_PEAK: f32 = 0.25;

impl Clip {
    /// A tone of `frequency_hz` (above 0, below 4000) at `dbfs` (0 or less; 0 is a sine that reaches full scale), for
    /// up to an hour.
    ///
    /// # Errors
    /// [`ConfigError`] naming the argument that is out of range.
    pub fn tone(frequency_hz: f32, dbfs: f32, duration: Duration) -> Result<Self, ConfigError> {
        let rate = SAMPLE_RATE.hz() as f32;
        if !(frequency_hz > 0.0 && frequency_hz < rate / 2.0) {
            return Err(ConfigError::new("frequency_hz", frequency_hz, "above 0 and below 4000"));
        }
        // What is not a number is not 0 or less.
        if !matches!(dbfs.partial_cmp(&0.0), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)) {
            return Err(ConfigError::new("dbfs", dbfs, "0 or less"));
        }
        let (peak, step) = (10f32.powf(dbfs / 20.0), frequency_hz / rate);
        let mut phase = 0.0f32;
        let tone = (0..samples(duration)?).map(|_| {
            let sample = sample_to_i16(peak * (TAU * phase).sin());
            phase = (phase + step).fract();
            sample
        });
        Ok(Self::new(tone.collect::<Vec<_>>()))
    }

    /// Silence, for up to an hour.
    ///
    /// # Errors
    /// [`ConfigError`] for a longer one.
    pub fn silence(duration: Duration) -> Result<Self, ConfigError> {
        Ok(Self::new(vec![0; samples(duration)?]))
    }

    /// The two tones of a key (ITU-T Q.23), for those who know no events, for up to an hour.
    ///
    /// # Errors
    /// [`ConfigError`] for a longer one.
    pub fn key(key: DtmfKey, duration: Duration) -> Result<Self, ConfigError> {
        let mut audio = vec![0.0; samples(duration)?];
        DtmfTone::new(key, SAMPLE_RATE, audio.len(), KEY_PEAK).add_to(&mut audio);
        Ok(Self::new(audio.into_iter().map(sample_to_i16).collect::<Vec<_>>()))
    }
}

fn samples(duration: Duration) -> Result<usize, ConfigError> {
    if duration > LONGEST {
        return Err(ConfigError::new("duration", format!("{duration:?}"), "up to an hour"));
    }
    Ok((duration.as_secs_f64() * f64::from(SAMPLE_RATE.hz())).round() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_tone_has_its_frequency_level_and_length() {
        let Clip(samples) = Clip::tone(440.0, -20.0, SECOND).unwrap();
        assert_eq!(samples.len(), 8_000);
        let crossings = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((439..=440).contains(&crossings), "{crossings}");
        let peak = samples.iter().max().unwrap();
        assert!((3_270..=3_277).contains(peak), "{peak}");
        assert_eq!(Clip::silence(SECOND / 2).unwrap().duration(), SECOND / 2);
    }

    #[test]
    fn what_cannot_be_made_is_named() {
        for frequency in [0.0, -1.0, 4_000.0, f32::NAN] {
            assert_eq!(Clip::tone(frequency, -20.0, SECOND).unwrap_err().field(), "frequency_hz");
        }
        for level in [0.1, f32::NAN] {
            assert_eq!(Clip::tone(440.0, level, SECOND).unwrap_err().field(), "dbfs");
        }
        let long = Duration::from_secs(3_601);
        assert_eq!(Clip::silence(long).unwrap_err().field(), "duration");
    }
}
