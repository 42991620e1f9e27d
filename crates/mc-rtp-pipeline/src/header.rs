//! The RTP header: read and validated by `rtp-rs`, rewritten in place here (RFC 3550 §5.1).

use std::ops::Range;

use rtp_rs::{RtpReader, RtpReaderError};

use crate::PacketError;

/// Packet types of RTCP, as the second byte shows them when RTP and RTCP share a port (RFC 5761 §4).
const RTCP_PACKET_TYPES: std::ops::RangeInclusive<u8> = 192..=223;

const VERSION_SHIFT: u32 = 6;
const VERSION: u8 = 2;
const PADDING_BIT: u8 = 0x20;
const MARKER_BIT: u8 = 0x80;
const CSRC_BYTES: usize = 4;

/// What the pipeline needs of a valid packet's header, and where its payload lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RtpHeader {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    /// Bytes of the datagram that carry audio: after CSRCs and extension, before padding.
    pub(crate) payload: Range<usize>,
}

/// The fields that leave with new values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EgressHeader {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

/// Reads a datagram's header.
///
/// # Errors
/// The first [`PacketError`] up to and including [`PacketError::Padding`] that applies.
pub(crate) fn read(datagram: &[u8]) -> Result<RtpHeader, PacketError> {
    if is_rtcp(datagram) {
        return Err(PacketError::Rtcp);
    }
    let packet = RtpReader::new(datagram).map_err(|error| reason(&error, datagram))?;
    let start = packet.payload_offset();
    Ok(RtpHeader {
        payload_type: packet.payload_type(),
        marker: packet.mark(),
        sequence: packet.sequence_number().into(),
        timestamp: packet.timestamp(),
        ssrc: packet.ssrc(),
        payload: start..start + packet.payload().len(),
    })
}

/// Writes the new fields over the old; CSRC count, CSRCs and extension stay. The padding bit is
/// cleared, because padding is cut off with the end of the datagram.
pub(crate) fn rewrite(datagram: &mut [u8], header: &EgressHeader) {
    let Some(fixed) = datagram.first_chunk_mut::<{ RtpReader::MIN_HEADER_LEN }>() else { return };
    fixed[0] &= !PADDING_BIT;
    fixed[1] = header.payload_type | if header.marker { MARKER_BIT } else { 0 };
    fixed[2..4].copy_from_slice(&header.sequence.to_be_bytes());
    fixed[4..8].copy_from_slice(&header.timestamp.to_be_bytes());
    fixed[8..12].copy_from_slice(&header.ssrc.to_be_bytes());
}

/// RTCP is told from RTP before anything else: its shortest packets have no 12 bytes.
fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, second, ..]
        if first >> VERSION_SHIFT == VERSION && RTCP_PACKET_TYPES.contains(second))
}

fn reason(error: &RtpReaderError, datagram: &[u8]) -> PacketError {
    match error {
        RtpReaderError::BufferTooShort(_) => PacketError::TooShort,
        RtpReaderError::UnsupportedVersion(_) => PacketError::Version,
        RtpReaderError::PaddingLengthInvalid(_) => PacketError::Padding,
        RtpReaderError::HeadersTruncated { header_len, .. } => {
            if *header_len <= datagram.len() {
                // The header is whole: what is missing is the byte that counts the padding.
                PacketError::Padding
            } else if csrc_end(datagram) > datagram.len() {
                PacketError::CsrcOverrun
            } else {
                PacketError::ExtensionOverrun
            }
        }
    }
}

fn csrc_end(datagram: &[u8]) -> usize {
    let count = datagram.first().map_or(0, |first| usize::from(first & 0x0F));
    RtpReader::MIN_HEADER_LEN + count * CSRC_BYTES
}
