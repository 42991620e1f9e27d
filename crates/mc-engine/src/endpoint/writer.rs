//! The stream that leaves: headers, and who is next.

use mc_rtp_pipeline::{CodecError, rtcp::SenderInfo};

/// Bytes of an RTP header without CSRCs and extension (RFC 3550 §5.1).
const HEADER: usize = 12;

/// Numbers and stamps packets of one source.
#[derive(Clone, Debug)]
pub(super) struct StreamWriter {
    pub(super) ssrc: u32,
    sequence: u16,
    /// Of the sample that comes next.
    pub(super) timestamp: u32,
    /// Whether the next packet of audio is the first after a pause.
    pub(super) begins: bool,
    packets: u32,
    payload_bytes: u32,
}

impl StreamWriter {
    pub(super) const fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self { ssrc, sequence, timestamp, begins: true, packets: 0, payload_bytes: 0 }
    }

    /// Writes a packet whose payload `write` makes, and returns its length in bytes.
    pub(super) fn packet(
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
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.payload_bytes = self.payload_bytes.wrapping_add(bytes as u32);
        Ok(HEADER + bytes)
    }

    /// What a sender report says of the stream.
    pub(super) fn info(&self) -> SenderInfo {
        SenderInfo {
            timestamp: self.timestamp,
            packets: self.packets,
            payload_bytes: self.payload_bytes,
            ..SenderInfo::default()
        }
    }
}
