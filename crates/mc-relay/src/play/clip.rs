//! A piece of audio to be played: read whole, at the rate of telephony.

use std::fmt;
use std::io::{Cursor, Read};
use std::sync::{Arc, Weak};
use std::time::Duration;

use hound::{SampleFormat, WavReader};
use mc_engine::{ConfigError, Resampler, SAMPLE_RATE, sample_to_i16};

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

/// Most channels that are mixed, and frames that are taken at a time.
const MAX_CHANNELS: u16 = 8;
const STRETCH: usize = 4_800;

/// Why bytes are no [`Clip`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ClipError {
    /// No WAV file of PCM or floats, or one that is cut off.
    Wav(hound::Error),
    /// A WAV file of so many channels.
    Channels(u16),
    /// A WAV file of a rate that cannot be changed to that of telephony.
    Rate(ConfigError),
}

impl fmt::Display for ClipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wav(error) => write!(f, "no WAV file: {error}"),
            Self::Channels(count) => write!(f, "{count} channels, but must be 1 to {MAX_CHANNELS}"),
            Self::Rate(error) => write!(f, "the sample rate: {error}"),
        }
    }
}

impl std::error::Error for ClipError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Wav(error) => Some(error),
            Self::Channels(_) => None,
            Self::Rate(error) => Some(error),
        }
    }
}

impl Clip {
    /// The audio of samples at 8 kHz.
    #[must_use]
    pub fn new(samples: impl Into<Arc<[i16]>>) -> Self {
        Self(samples.into())
    }

    /// Reads the bytes of a WAV file: PCM of 8, 16, 24 or 32 bits or floats, one to eight channels (which are mixed), at
    /// any rate from 4 to 192 kHz that is in use.
    ///
    /// # Errors
    /// [`ClipError`].
    pub fn from_wav(bytes: &[u8]) -> Result<Self, ClipError> {
        let reader = WavReader::new(Cursor::new(bytes)).map_err(ClipError::Wav)?;
        let spec = reader.spec();
        if !(1..=MAX_CHANNELS).contains(&spec.channels) {
            return Err(ClipError::Channels(spec.channels));
        }
        match spec.sample_format {
            SampleFormat::Float => telephony(reader, |sample: f32| sample),
            SampleFormat::Int => {
                let full_scale = (1u64 << (spec.bits_per_sample.clamp(1, 32) - 1)) as f32;
                telephony(reader, |sample: i32| sample as f32 / full_scale)
            }
        }
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

/// The audio of a file whose samples are `value`s in ±1.0, mixed and at 8 kHz.
fn telephony<R: Read, S: hound::Sample>(
    mut reader: WavReader<R>,
    value: impl Fn(S) -> f32,
) -> Result<Clip, ClipError> {
    let spec = reader.spec();
    let channels = usize::from(spec.channels);
    let mut resampler = Resampler::between(spec.sample_rate, SAMPLE_RATE.hz()).map_err(ClipError::Rate)?;
    let most = STRETCH * SAMPLE_RATE.hz() as usize / spec.sample_rate as usize + 1;
    let (mut mixed, mut narrow) = (Vec::with_capacity(STRETCH), vec![0.0; most]);
    let mut clip = Vec::new();
    let mut samples = reader.samples::<S>();
    loop {
        mixed.clear();
        while mixed.len() < STRETCH && samples.len() > 0 {
            let mut sum = 0.0;
            for sample in samples.by_ref().take(channels) {
                sum += value(sample.map_err(ClipError::Wav)?);
            }
            mixed.push(sum / channels as f32);
        }
        if mixed.is_empty() {
            return Ok(Clip::new(clip));
        }
        let made = resampler.process(&mixed, &mut narrow);
        clip.extend(narrow[..made].iter().map(|&sample| sample_to_i16(sample)));
    }
}

#[cfg(test)]
mod tests {
    use hound::{WavSpec, WavWriter};

    use super::*;

    fn wav(spec: WavSpec, samples: impl IntoIterator<Item = i32>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        for sample in samples {
            match spec.sample_format {
                SampleFormat::Int => writer.write_sample(sample).unwrap(),
                SampleFormat::Float => writer.write_sample(sample as f32 / 32_768.0).unwrap(),
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    fn pcm(channels: u16, sample_rate: u32, bits_per_sample: u16) -> WavSpec {
        WavSpec { channels, sample_rate, bits_per_sample, sample_format: SampleFormat::Int }
    }

    #[test]
    fn telephony_is_read_as_it_is_and_channels_are_mixed() {
        let all = || (i16::MIN..=i16::MAX).map(i32::from);
        let clip = Clip::from_wav(&wav(pcm(1, 8_000, 16), all())).unwrap();
        assert!(clip.0.iter().copied().map(i32::from).eq(all()));
        let lowest = i32::from(i16::MIN);
        let clip = Clip::from_wav(&wav(pcm(2, 8_000, 16), [100, 300, lowest, lowest])).unwrap();
        assert_eq!(*clip.0, [200, i16::MIN]);
        assert_eq!(clip.duration(), Duration::from_micros(250));
        let clip = Clip::from_wav(&wav(pcm(4, 8_000, 16), [400, -100, 100, 0])).unwrap();
        assert_eq!(*clip.0, [100]);
    }

    #[test]
    fn samples_of_every_size_are_as_loud() {
        for (spec, loud) in [
            (pcm(1, 8_000, 8), 64),
            (pcm(1, 8_000, 16), 16_384),
            (pcm(1, 8_000, 24), 1 << 22),
            (pcm(1, 8_000, 32), 1 << 30),
            (WavSpec { sample_format: SampleFormat::Float, ..pcm(1, 8_000, 32) }, 16_384),
        ] {
            let clip = Clip::from_wav(&wav(spec, [0, loud, -loud])).unwrap();
            assert_eq!(*clip.0, [0, 16_384, -16_384], "{spec:?}");
        }
    }

    #[test]
    fn every_rate_becomes_that_of_telephony() {
        for rate in [4_000, 8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000] {
            let step = 400.0 * std::f64::consts::TAU / f64::from(rate);
            let tone = (0..2 * rate).map(|n| ((f64::from(n) * step).sin() * 10_000.0) as i32);
            let clip = Clip::from_wav(&wav(pcm(1, rate, 16), tone)).unwrap();
            assert!(clip.duration().abs_diff(Duration::from_secs(2)) < Duration::from_millis(1), "{rate}");
            let crossings = clip.0[800..].windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            assert!((759..=761).contains(&crossings), "{crossings} periods in 1.9 s of {rate}");
            let loudest = clip.0.iter().max().unwrap();
            assert!((9_900..10_100).contains(loudest), "{loudest} of {rate}");
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        assert!(matches!(Clip::from_wav(b"RIFF????WAVE"), Err(ClipError::Wav(_))));
        let whole = wav(pcm(1, 8_000, 16), [1, 2, 3]);
        assert!(matches!(Clip::from_wav(&whole[..whole.len() - 2]), Err(ClipError::Wav(_))));
        for (spec, reason) in [
            (pcm(1, 44_101, 16), "44101"),
            (pcm(1, 400_000, 16), "400000"),
            (pcm(9, 8_000, 16), "9 channels"),
        ] {
            let error = Clip::from_wav(&wav(spec, [0; 9])).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
