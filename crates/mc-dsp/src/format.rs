//! Sample rates and frame lengths.

use crate::ConfigError;

/// Longest frame that a processor takes, in milliseconds.
pub const MAX_FRAME_MS: u32 = 60;

/// Shortest frame that a processor takes, in microseconds.
pub const MIN_FRAME_US: u32 = 2_500;

/// The sample rates of telephony and voice processing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SampleRate {
    /// 8 kHz, narrowband: the rate of G.711.
    #[default]
    Hz8000,
    /// 16 kHz, wideband.
    Hz16000,
    /// 32 kHz, super-wideband.
    Hz32000,
    /// 48 kHz, fullband.
    Hz48000,
}

impl SampleRate {
    /// Every rate, lowest first.
    pub const ALL: [Self; 4] = [Self::Hz8000, Self::Hz16000, Self::Hz32000, Self::Hz48000];

    /// Samples per second.
    #[must_use]
    pub const fn hz(self) -> u32 {
        match self {
            Self::Hz8000 => 8_000,
            Self::Hz16000 => 16_000,
            Self::Hz32000 => 32_000,
            Self::Hz48000 => 48_000,
        }
    }

    /// Samples in `ms` milliseconds.
    #[must_use]
    pub const fn samples_in_ms(self, ms: u32) -> usize {
        (self.hz() / 1_000 * ms) as usize
    }

    /// Length of `samples` in milliseconds.
    #[must_use]
    pub fn ms_of(self, samples: usize) -> f32 {
        samples as f32 * 1_000.0 / self.hz() as f32
    }

    /// Shortest frame that a processor takes at this rate, in samples ([`MIN_FRAME_US`]).
    #[must_use]
    pub const fn min_frame_samples(self) -> usize {
        (self.hz() as u64 * MIN_FRAME_US as u64 / 1_000_000) as usize
    }

    /// Longest frame that a processor takes at this rate, in samples ([`MAX_FRAME_MS`]).
    #[must_use]
    pub const fn max_frame_samples(self) -> usize {
        self.samples_in_ms(MAX_FRAME_MS)
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = ConfigError;

    /// The rate of `hz` samples per second.
    ///
    /// # Errors
    /// [`ConfigError`] naming `sample_rate_hz` when it is none of 8000, 16000, 32000 and 48000.
    fn try_from(hz: u32) -> Result<Self, ConfigError> {
        Self::ALL
            .into_iter()
            .find(|rate| rate.hz() == hz)
            .ok_or_else(|| ConfigError::new("sample_rate_hz", hz, "8000, 16000, 32000 or 48000"))
    }
}

/// A mono frame's rate and length: valid by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameFormat {
    rate: SampleRate,
    samples: usize,
}

impl FrameFormat {
    /// A frame of `samples` samples at `rate`.
    ///
    /// # Errors
    /// [`ConfigError`] naming `frame_samples` unless the frame lasts 2.5 to 60 ms.
    pub fn new(rate: SampleRate, samples: usize) -> Result<Self, ConfigError> {
        if (rate.min_frame_samples()..=rate.max_frame_samples()).contains(&samples) {
            Ok(Self { rate, samples })
        } else {
            Err(ConfigError::new("frame_samples", samples, "2.5 to 60 ms at the sample rate"))
        }
    }

    /// Samples per second.
    #[must_use]
    pub const fn rate(self) -> SampleRate {
        self.rate
    }

    /// Samples in the frame.
    #[must_use]
    pub const fn samples(self) -> usize {
        self.samples
    }

    /// Length in milliseconds.
    #[must_use]
    pub fn duration_ms(self) -> f32 {
        self.rate.ms_of(self.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_is_found_by_its_number_and_no_other_number_is_a_rate() {
        for hz in 0..100_000 {
            match SampleRate::try_from(hz) {
                Ok(rate) => assert_eq!(rate.hz(), hz),
                Err(error) => {
                    assert!(![8_000, 16_000, 32_000, 48_000].contains(&hz));
                    assert!(error.to_string().contains(&hz.to_string()), "{error}");
                }
            }
        }
    }

    #[test]
    fn frames_last_from_2_5_to_60_ms() {
        for rate in SampleRate::ALL {
            let (min, max) = (rate.min_frame_samples(), rate.max_frame_samples());
            assert!((rate.ms_of(min) - 2.5).abs() < 1e-6);
            assert!((rate.ms_of(max) - 60.0).abs() < 1e-6);
            assert!(FrameFormat::new(rate, min - 1).is_err());
            assert!(FrameFormat::new(rate, max + 1).is_err());
            assert_eq!(FrameFormat::new(rate, max).unwrap().samples(), max);
            assert!((FrameFormat::new(rate, min).unwrap().duration_ms() - 2.5).abs() < 1e-6);
        }
    }
}
