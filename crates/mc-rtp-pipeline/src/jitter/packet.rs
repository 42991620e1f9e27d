//! What a receiver needs of an RTP packet.

use crate::PacketError;
use crate::header;

/// An RTP packet: the header's fields, and the payload where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaPacket<'a> {
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// The marker: with audio, the first packet after a silence that was not sent (RFC 3551 §4.1).
    pub marker: bool,
    /// The sequence number.
    pub sequence: u16,
    /// The RTP timestamp of the payload's first sample.
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
    /// The payload, without CSRCs, header extension and padding.
    pub payload: &'a [u8],
}

impl<'a> MediaPacket<'a> {
    /// Reads a datagram (RFC 3550 §5.1).
    ///
    /// # Errors
    /// Why it is no RTP packet: a [`PacketError`] up to and including [`PacketError::Padding`].
    pub fn parse(datagram: &'a [u8]) -> Result<Self, PacketError> {
        let header = header::read(datagram)?;
        Ok(Self {
            payload_type: header.payload_type,
            marker: header.marker,
            sequence: header.sequence,
            timestamp: header.timestamp,
            ssrc: header.ssrc,
            payload: &datagram[header.payload],
        })
    }
}
