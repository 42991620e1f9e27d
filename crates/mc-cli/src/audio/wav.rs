//! WAV files: mono, 16-bit PCM at a rate of telephony, read and written whole.

use std::io::{Read, Seek, Write};
use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use mc_dsp::{SampleRate, sample_from_i16, sample_to_i16};

use super::Audio;
use crate::failure::Failure;

/// Reads the file at `path`.
///
/// # Errors
/// [`Failure::Usage`] when the file cannot be read or is not mono 16-bit PCM at 8, 16, 32 or 48 kHz.
pub(crate) fn read(path: &Path) -> Result<Audio, Failure> {
    let reader = WavReader::open(path).map_err(|error| Failure::file(path, error))?;
    decode(reader).map_err(|reason| Failure::file(path, reason))
}

/// Reads the far end that goes with a microphone at `rate`.
///
/// # Errors
/// [`Failure::Usage`], as [`read`], and when the rates differ.
pub(crate) fn read_far_end(path: &Path, rate: SampleRate) -> Result<Audio, Failure> {
    let far = read(path)?;
    if far.rate == rate {
        return Ok(far);
    }
    let (far, mic) = (far.rate.hz(), rate.hz());
    Err(Failure::file(path, format_args!("{far} Hz, but the microphone has {mic} Hz")))
}

/// Decodes a WAV file that lies in memory.
///
/// # Errors
/// [`Failure::Usage`], as [`read`].
pub(crate) fn parse(bytes: &[u8]) -> Result<Audio, Failure> {
    WavReader::new(bytes).map_err(|error| error.to_string()).and_then(decode).map_err(Failure::usage)
}

fn decode<R: Read>(reader: WavReader<R>) -> Result<Audio, String> {
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
    if channels != 1 || bits_per_sample != 16 || sample_format != SampleFormat::Int {
        let kind = match sample_format {
            SampleFormat::Int => "PCM",
            SampleFormat::Float => "float",
        };
        return Err(format!(
            "{channels} channel(s) of {bits_per_sample}-bit {kind}, but must be mono 16-bit PCM"
        ));
    }
    let rate = SampleRate::try_from(sample_rate).map_err(|error| error.to_string())?;
    let samples = reader
        .into_samples::<i16>()
        .map(|sample| sample.map(sample_from_i16))
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    Ok(Audio { rate, samples })
}

/// Writes `samples` (±1.0, saturating) as mono 16-bit PCM to `path`, replacing what was there.
///
/// # Errors
/// [`Failure::Usage`] when the file cannot be made, [`Failure::Run`] when writing fails.
pub(crate) fn write(path: &Path, rate: SampleRate, samples: &[f32]) -> Result<(), Failure> {
    let spec = WavSpec {
        channels: 1,
        sample_rate: rate.hz(),
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let writer = WavWriter::create(path, spec).map_err(|error| Failure::file(path, error))?;
    encode(writer, samples).map_err(|error| match error {
        hound::Error::IoError(error) => Failure::writing(path, &error),
        error => Failure::run(format_args!("{}: {error}", path.display())),
    })
}

fn encode<W: Write + Seek>(mut writer: WavWriter<W>, samples: &[f32]) -> hound::Result<()> {
    for sample in samples {
        writer.write_sample(sample_to_i16(*sample))?;
    }
    writer.finalize()
}
