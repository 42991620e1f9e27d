//! A stream in packets of another length.

use mc_dsp::ConfigError;

use crate::format::SAMPLE_RATE;
use crate::{CodecError, Egress, MediaPacket, Repacketizer, RtpPipelineConfig, StreamWriter};

/// Longest packet that is passed on.
const PACKET_BYTES: usize = 1_500;

/// Takes the packets that a pipeline would send, and makes those of the length that is wanted of them.
#[derive(Debug)]
pub(crate) struct PacketTime {
    payload_type: u8,
    cutter: Repacketizer,
    writer: StreamWriter,
    packet: Box<[u8]>,
}

impl PacketTime {
    pub(crate) fn new(config: &RtpPipelineConfig, packet_ms: u32) -> Result<Self, ConfigError> {
        Ok(Self {
            payload_type: config.egress.payload_type,
            cutter: Repacketizer::new(SAMPLE_RATE.samples_in_ms(packet_ms))?,
            writer: StreamWriter::new(config.ssrc, config.first_sequence),
            packet: vec![0; PACKET_BYTES].into(),
        })
    }

    /// Takes in a packet and gives each that is full to `send`; one that carries no audio follows what has waited before
    /// it.
    pub(crate) fn push(&mut self, egress: &Egress<'_>, mut send: impl FnMut(&[u8])) {
        let Self { payload_type, cutter, writer, packet, .. } = self;
        let mut write = |payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]| {
            let length = writer.packet(payload_type, marker, timestamp, packet, |room| {
                let room = room.get_mut(..payload.len()).ok_or(CodecError::Room)?;
                room.copy_from_slice(payload);
                Ok(payload.len())
            });
            // What has no room was no datagram of any network's.
            if let Ok(length) = length {
                send(&packet[..length]);
            }
        };
        // It was one when it came in.
        let Ok(header) = MediaPacket::parse(egress.packet()) else { return };
        if egress.law().is_some() {
            cutter.push(header.timestamp, header.marker, egress.payload(), |audio| {
                write(*payload_type, audio.marker, audio.timestamp, audio.payload);
            });
        } else {
            cutter.flush(|audio| write(*payload_type, audio.marker, audio.timestamp, audio.payload));
            write(header.payload_type, header.marker, header.timestamp, egress.payload());
        }
    }
}
