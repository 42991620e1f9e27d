//! Packets of one source, written from scratch.

use crate::CodecError;
use crate::rtcp::SenderInfo;

/// Bytes of an RTP header without CSRCs and extension (RFC 3550 §5.1).
const HEADER: usize = 12;

/// Numbers the packets of one source, and counts them for its reports.
#[derive(Clone, Debug)]
pub struct StreamWriter {
    ssrc: u32,
    sequence: u16,
    packets: u32,
    payload_bytes: u32,
}

impl StreamWriter {
    /// The source `ssrc` before its first packet, which will have the number `sequence`.
    #[must_use]
    pub const fn new(ssrc: u32, sequence: u16) -> Self {
        Self { ssrc, sequence, packets: 0, payload_bytes: 0 }
    }

    /// Writes a packet to the front of `packet`, with the payload that `write` makes in the room given to it, and returns
    /// the packet's length in bytes.
    ///
    /// # Errors
    /// That of `write`, and [`CodecError::Room`] where there is none for the header. The next packet then has the number
    /// that this one would have had.
    pub fn packet(
        &mut self,
        payload_type: u8,
        marker: bool,
        timestamp: u32,
        packet: &mut [u8],
        write: impl FnOnce(&mut [u8]) -> Result<usize, CodecError>,
    ) -> Result<usize, CodecError> {
        let (header, payload) = packet.split_at_mut_checked(HEADER).ok_or(CodecError::Room)?;
        let bytes = write(payload)?;
        header[0] = 0x80;
        header[1] = if marker { 0x80 | payload_type } else { payload_type };
        header[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        header[4..8].copy_from_slice(&timestamp.to_be_bytes());
        header[8..].copy_from_slice(&self.ssrc.to_be_bytes());
        self.count(bytes);
        Ok(HEADER + bytes)
    }

    /// Gives a whole packet that was written elsewhere its place among those of this source.
    pub(crate) fn number(&mut self, packet: &mut [u8]) {
        let Some((header, payload)) = packet.split_at_mut_checked(HEADER) else { return };
        header[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        self.count(payload.len());
    }

    /// Goes on behind a packet.
    const fn count(&mut self, payload_bytes: usize) {
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.payload_bytes = self.payload_bytes.wrapping_add(payload_bytes as u32);
    }

    /// What a sender report says of the stream that has come to `timestamp`.
    #[must_use]
    pub fn info(&self, timestamp: u32) -> SenderInfo {
        let Self { packets, payload_bytes, .. } = *self;
        SenderInfo { timestamp, packets, payload_bytes, ..SenderInfo::default() }
    }
}
