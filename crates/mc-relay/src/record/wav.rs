//! A recording to listen to: WAV, 16-bit PCM at 8 kHz, leg A on the left and leg B on the right.

use std::io::{self, Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};
use mc_engine::SAMPLE_RATE;

use super::file::UPDATE_EVERY;
use super::timeline::{CHANNELS, Timeline};
use crate::attach::Heard;

/// Pairs of samples after which the header is brought up to date.
const PAIRS: u32 = SAMPLE_RATE.hz() * UPDATE_EVERY.as_secs() as u32;

/// A WAV file that is being written.
pub(super) struct Wav<W: Write + Seek> {
    timeline: Timeline,
    wav: WavWriter<W>,
    since_update: u32,
}

impl<W: Write + Seek> Wav<W> {
    pub(super) fn new(to: W) -> io::Result<Self> {
        let spec = WavSpec {
            channels: CHANNELS,
            sample_rate: SAMPLE_RATE.hz(),
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let wav = WavWriter::new(to, spec).map_err(reason)?;
        Ok(Self { timeline: Timeline::default(), wav, since_update: 0 })
    }

    pub(super) fn hear(&mut self, heard: &Heard) {
        self.timeline.place(heard);
    }

    /// Writes what is final.
    pub(super) fn write(&mut self) -> io::Result<()> {
        self.write_ready(false).map_err(reason)?;
        if self.since_update >= PAIRS {
            self.since_update = 0;
            self.wav.flush().map_err(reason)?;
        }
        Ok(())
    }

    /// Writes the rest.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write_ready(false).and_then(|()| self.write_ready(true)).map_err(reason)?;
        self.wav.finalize().map_err(reason)
    }

    fn write_ready(&mut self, end: bool) -> hound::Result<()> {
        loop {
            let mut written = 0;
            for pair in self.timeline.take(end) {
                for sample in pair {
                    self.wav.write_sample(sample)?;
                }
                written += 1;
            }
            if written == 0 {
                return Ok(());
            }
            self.since_update += written;
        }
    }
}

fn reason(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}
