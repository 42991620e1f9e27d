//! A recording's file: WAV, 16-bit PCM at 8 kHz, leg A on the left and leg B on the right.

use std::io::{Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};
use mc_engine::SAMPLE_RATE;

use super::timeline::{CHANNELS, Timeline};
use crate::attach::Heard;

/// Pairs of samples after which the header is brought up to date, so that the file can be played whatever happens
/// next: 5 s.
const UPDATE_EVERY: u32 = 40_000;

/// A recording that is being written.
pub(super) struct Recording<W: Write + Seek> {
    timeline: Timeline,
    wav: WavWriter<W>,
    since_update: u32,
}

impl<W: Write + Seek> Recording<W> {
    /// Begins a file.
    pub(super) fn new(to: W) -> hound::Result<Self> {
        let spec = WavSpec {
            channels: CHANNELS,
            sample_rate: SAMPLE_RATE.hz(),
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        Ok(Self { timeline: Timeline::default(), wav: WavWriter::new(to, spec)?, since_update: 0 })
    }

    pub(super) fn hear(&mut self, heard: &Heard) {
        self.timeline.place(heard);
    }

    /// Writes what is final.
    pub(super) fn write(&mut self) -> hound::Result<()> {
        self.write_ready(false)?;
        if self.since_update >= UPDATE_EVERY {
            self.since_update = 0;
            self.wav.flush()?;
        }
        Ok(())
    }

    /// Writes the rest.
    pub(super) fn finish(mut self) -> hound::Result<()> {
        self.write_ready(false)?;
        self.write_ready(true)?;
        self.wav.finalize()
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
