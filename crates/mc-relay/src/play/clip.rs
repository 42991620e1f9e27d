//! A piece of audio to be played: read whole, at the rate of telephony.

use std::fmt;
use std::io::Cursor;
use std::sync::{Arc, Weak};
use std::time::Duration;

use hound::{SampleFormat, WavReader};
use mc_engine::{Resampler, SAMPLE_RATE, SampleRate};

/// What a sample of 1.0 is in 16-bit audio.
const FULL_SCALE: f32 = 32_768.0;

/// Most bytes of a file that is read: an hour and a half at 8 kHz.
pub(crate) const MAX_BYTES: u64 = 1 << 26;

/// Audio at 8 kHz that any number of calls can play. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip(pub(super) Arc<[i16]>);

/// A clip as long as others have it.
#[derive(Clone, Debug)]
pub(crate) struct SharedClip(Weak<[i16]>);

impl SharedClip {
    pub(crate) fn get(&self) -> Option<Clip> {
        self.0.upgrade().map(Clip)
    }

    pub(crate) fn is_played(&self) -> bool {
        self.0.strong_count() > 0
    }
}

/// Why bytes are no [`Clip`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ClipError {
    /// No WAV file, or one that is cut off.
    Wav(hound::Error),
    /// A WAV file of another kind than 16-bit PCM with one or two channels at 8, 16, 32 or 48 kHz.
    Kind(String),
}

impl fmt::Display for ClipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wav(error) => write!(f, "no WAV file: {error}"),
            Self::Kind(kind) => {
                write!(f, "{kind}, but must be 16-bit PCM, one or two channels, at 8, 16, 32 or 48 kHz")
            }
        }
    }
}

impl std::error::Error for ClipError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Wav(error) => Some(error),
            Self::Kind(_) => None,
        }
    }
}

impl Clip {
    /// The audio of samples at 8 kHz.
    #[must_use]
    pub fn new(samples: impl Into<Arc<[i16]>>) -> Self {
        Self(samples.into())
    }

    /// Reads the bytes of a WAV file: 16-bit PCM, one or two channels (which are mixed), at 8, 16, 32 or 48 kHz.
    ///
    /// # Errors
    /// [`ClipError`].
    pub fn from_wav(bytes: &[u8]) -> Result<Self, ClipError> {
        let reader = WavReader::new(Cursor::new(bytes)).map_err(ClipError::Wav)?;
        let spec = reader.spec();
        let rate = SampleRate::try_from(spec.sample_rate).ok();
        let (Some(rate), 1..=2, 16, SampleFormat::Int) =
            (rate, spec.channels, spec.bits_per_sample, spec.sample_format)
        else {
            let kind = format!(
                "{} channel(s) of {} bits at {} Hz",
                spec.channels, spec.bits_per_sample, spec.sample_rate
            );
            return Err(ClipError::Kind(kind));
        };
        let samples = reader.into_samples::<i16>().collect::<Result<Vec<_>, _>>().map_err(ClipError::Wav)?;
        let mono: Vec<i16> = match spec.channels {
            1 => samples,
            _ => samples
                .chunks_exact(2)
                .map(|pair| ((i32::from(pair[0]) + i32::from(pair[1])) / 2) as i16)
                .collect(),
        };
        Ok(Self::new(if rate == SAMPLE_RATE { mono } else { resampled(&mono, rate) }))
    }

    pub(crate) fn shared(&self) -> SharedClip {
        SharedClip(Arc::downgrade(&self.0))
    }

    /// How long it plays.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.0.len() as f64 / f64::from(SAMPLE_RATE.hz()))
    }
}

fn resampled(samples: &[i16], rate: SampleRate) -> Vec<i16> {
    let wide: Vec<f32> = samples.iter().map(|&sample| from_i16(sample)).collect();
    let mut narrow = vec![0.0; wide.len() * SAMPLE_RATE.hz() as usize / rate.hz() as usize + 1];
    let made = Resampler::new(rate, SAMPLE_RATE).process(&wide, &mut narrow);
    narrow[..made].iter().map(|&sample| to_i16(sample)).collect()
}

/// ±1.0 of a 16-bit sample.
pub(crate) fn from_i16(sample: i16) -> f32 {
    f32::from(sample) / FULL_SCALE
}

/// The 16-bit sample of ±1.0: louder ones saturate, and what is no number is silence.
pub(crate) fn to_i16(sample: f32) -> i16 {
    (sample * FULL_SCALE).round() as i16
}

#[cfg(test)]
mod tests {
    use hound::{WavSpec, WavWriter};

    use super::*;

    fn wav(channels: u16, sample_rate: u32, samples: &[i16]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let spec = WavSpec { channels, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        samples.iter().for_each(|&sample| writer.write_sample(sample).unwrap());
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn telephony_is_read_as_it_is_and_two_channels_are_mixed() {
        let clip = Clip::from_wav(&wav(1, 8_000, &[1, -2, 3])).unwrap();
        assert_eq!(*clip.0, [1, -2, 3]);
        let clip = Clip::from_wav(&wav(2, 8_000, &[100, 300, i16::MIN, i16::MIN])).unwrap();
        assert_eq!(*clip.0, [200, i16::MIN]);
        assert_eq!(clip.duration(), Duration::from_micros(250));
    }

    #[test]
    fn wideband_becomes_telephony() {
        let tone: Vec<i16> = (0..32_000)
            .map(|n| ((n as f32 * 400.0 * std::f32::consts::TAU / 16_000.0).sin() * 10_000.0) as i16)
            .collect();
        let clip = Clip::from_wav(&wav(1, 16_000, &tone)).unwrap();
        assert_eq!(clip.duration(), Duration::from_secs(2));
        let crossings = clip.0[800..].windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((759..=761).contains(&crossings), "{crossings} periods in 1.9 s");
        assert!(clip.0.iter().any(|&sample| sample > 9_900) && clip.0.iter().all(|&sample| sample < 10_100));
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        assert!(matches!(Clip::from_wav(b"RIFF????WAVE"), Err(ClipError::Wav(_))));
        let whole = wav(1, 8_000, &[1, 2, 3]);
        assert!(matches!(Clip::from_wav(&whole[..whole.len() - 2]), Err(ClipError::Wav(_))));
        let error = Clip::from_wav(&wav(1, 44_100, &[1])).unwrap_err();
        assert!(error.to_string().contains("44100 Hz"), "{error}");
        assert!(matches!(Clip::from_wav(&wav(3, 8_000, &[1, 2, 3])), Err(ClipError::Kind(_))));
    }
}
