//! A recording's file, of either format.

use std::io::{self, Seek, Write};
use std::time::Duration;

use super::pcap::Pcap;
use super::wav::Wav;
use super::{Origins, RecordingFormat};
use crate::attach::Heard;

/// How often a file is brought up to date on the disk, so that it is good up to there whatever happens next.
pub(super) const UPDATE_EVERY: Duration = Duration::from_secs(5);

/// A recording that is being written.
pub(super) enum Recording<W: Write + Seek> {
    Wav(Wav<W>),
    Pcap(Pcap<W>),
}

impl<W: Write + Seek> Recording<W> {
    /// Begins a file.
    pub(super) fn new(format: RecordingFormat, origins: Origins, to: W) -> io::Result<Self> {
        match format {
            RecordingFormat::Wav => Wav::new(to).map(Self::Wav),
            RecordingFormat::Pcap => Pcap::new(to, origins).map(Self::Pcap),
        }
    }

    /// Takes a packet.
    pub(super) fn hear(&mut self, heard: &Heard) -> io::Result<()> {
        match self {
            Self::Wav(wav) => {
                wav.hear(heard);
                Ok(())
            }
            Self::Pcap(pcap) => pcap.hear(heard),
        }
    }

    /// Writes what is final.
    pub(super) fn write(&mut self) -> io::Result<()> {
        match self {
            Self::Wav(wav) => wav.write(),
            Self::Pcap(pcap) => pcap.write(),
        }
    }

    /// Writes the rest.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Wav(wav) => wav.finish(),
            Self::Pcap(pcap) => pcap.finish(),
        }
    }
}
