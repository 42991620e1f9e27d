//! A stream in packets of another length.

use mc_dsp::ConfigError;

use crate::format::SAMPLE_RATE;
use crate::{CodecError, Egress, MediaPacket, Repacketizer, StreamWriter};

/// Longest packet that is passed on.
const PACKET_BYTES: usize = 1_500;

/// Takes the packets that would be sent, and makes those of the length that is wanted of them.
///
/// Source and timestamps are theirs. Sequence numbers begin with the first packet's and count what is sent from there on;
/// a new source begins with its own. The packets made carry neither CSRCs nor header extensions, which were those of the
/// packets that came in.
#[derive(Debug)]
pub struct PacketTime {
    payload_type: u8,
    packet_ms: u32,
    cutter: Repacketizer,
    writer: Option<(u32, StreamWriter)>,
    packet: Box<[u8]>,
}

impl PacketTime {
    /// Packets of `packet_ms` (10 to 60) whose audio has the payload type `payload_type`.
    ///
    /// # Errors
    /// [`ConfigError`] naming `packet_ms`.
    pub fn new(payload_type: u8, packet_ms: u32) -> Result<Self, ConfigError> {
        if !(10..=60).contains(&packet_ms) {
            return Err(ConfigError::new("packet_ms", packet_ms, "10 to 60 ms"));
        }
        let cutter = Repacketizer::new(SAMPLE_RATE.samples_in_ms(packet_ms))?;
        Ok(Self { payload_type, packet_ms, cutter, writer: None, packet: vec![0; PACKET_BYTES].into() })
    }

    /// Whether its packets last `packet_ms` and have the payload type `payload_type`.
    #[must_use]
    pub const fn makes(&self, payload_type: u8, packet_ms: u32) -> bool {
        self.payload_type == payload_type && self.packet_ms == packet_ms
    }

    /// Lets a packet that was written elsewhere leave next: it gets the number that is next here, and what waits for the
    /// rest of its packet is given up, as it would leave behind audio that is later.
    pub(crate) fn interrupt(&mut self, egress: &mut Egress<'_>) {
        let Ok(MediaPacket { ssrc, sequence, .. }) = MediaPacket::parse(egress.packet()) else { return };
        let first = || (ssrc, StreamWriter::new(ssrc, sequence));
        self.cutter.forget();
        self.writer.get_or_insert_with(first).1.number(egress.packet_mut());
    }

    /// Takes in a packet and gives each that is full to `send`; one that carries no audio follows what has waited before
    /// it.
    pub fn push(&mut self, egress: &Egress<'_>, mut send: impl FnMut(&[u8])) {
        // It was one when it came in.
        let Ok(header) = MediaPacket::parse(egress.packet()) else { return };
        let Self { payload_type, cutter, writer, packet, .. } = self;
        let mut write = |writer: &mut StreamWriter, payload_type: u8, marker, timestamp, payload: &[u8]| {
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
        if let Some((_, before)) = writer.take_if(|(ssrc, _)| *ssrc != header.ssrc).as_mut() {
            cutter.flush(|audio| write(before, *payload_type, audio.marker, audio.timestamp, audio.payload));
        }
        let first = || (header.ssrc, StreamWriter::new(header.ssrc, header.sequence));
        let (_, writer) = writer.get_or_insert_with(first);
        if egress.law().is_some() {
            cutter.push(header.timestamp, header.marker, egress.payload(), |audio| {
                write(writer, *payload_type, audio.marker, audio.timestamp, audio.payload);
            });
        } else {
            cutter.flush(|audio| write(writer, *payload_type, audio.marker, audio.timestamp, audio.payload));
            write(writer, header.payload_type, header.marker, header.timestamp, egress.payload());
        }
    }
}
