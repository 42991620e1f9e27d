//! The RTP header: its fixed part is read and rewritten in place here, what may follow it is validated by
//! `rtp-rs` (RFC 3550 §5.1).

use std::ops::Range;

use rtp_rs::{RtpReader, RtpReaderError};

use crate::PacketError;

/// Packet types of RTCP, as the second byte shows them when RTP and RTCP share a port (RFC 5761 §4).
const RTCP_PACKET_TYPES: std::ops::RangeInclusive<u8> = 192..=223;

/// The first byte of a packet with nothing between fixed header and payload, and nothing behind it: version 2,
/// neither padding nor extension, no CSRCs.
const PLAIN: u8 = VERSION << VERSION_SHIFT;
const VERSION_SHIFT: u32 = 6;
const VERSION: u8 = 2;
const PADDING_BIT: u8 = 0x20;
const MARKER_BIT: u8 = 0x80;
pub(crate) const FIXED_BYTES: usize = RtpReader::MIN_HEADER_LEN;
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
#[inline]
pub(crate) fn read(datagram: &[u8]) -> Result<RtpHeader, PacketError> {
    let Some(&[first, second, s0, s1, t0, t1, t2, t3, ssrc @ ..]) = datagram.first_chunk::<FIXED_BYTES>()
    else {
        // The shortest packets of RTCP have no 12 bytes.
        return Err(if is_rtcp(datagram) { PacketError::Rtcp } else { PacketError::TooShort });
    };
    if RTCP_PACKET_TYPES.contains(&second) && is_rtcp(datagram) {
        return Err(PacketError::Rtcp);
    }
    Ok(RtpHeader {
        payload_type: second & !MARKER_BIT,
        marker: second & MARKER_BIT != 0,
        sequence: u16::from_be_bytes([s0, s1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes(ssrc),
        payload: if first == PLAIN { FIXED_BYTES..datagram.len() } else { find_payload(datagram)? },
    })
}

/// Where the payload of any packet lies.
fn find_payload(datagram: &[u8]) -> Result<Range<usize>, PacketError> {
    let packet = RtpReader::new(datagram).map_err(|error| reason(&error, datagram))?;
    let start = packet.payload_offset();
    Ok(start..start + packet.payload().len())
}

/// Makes the first byte that of a packet with nothing between fixed header and payload.
pub(crate) fn begin(packet: &mut [u8]) {
    if let Some(first) = packet.first_mut() {
        *first = PLAIN;
    }
}

/// Writes the new fields over the old; CSRC count, CSRCs and extension stay. The padding bit is
/// cleared, because padding is cut off with the end of the datagram.
#[inline]
pub(crate) fn rewrite(datagram: &mut [u8], header: &EgressHeader) {
    let Some(fixed) = datagram.first_chunk_mut::<FIXED_BYTES>() else { return };
    fixed[0] &= !PADDING_BIT;
    fixed[1] = header.payload_type | if header.marker { MARKER_BIT } else { 0 };
    fixed[2..4].copy_from_slice(&header.sequence.to_be_bytes());
    fixed[4..8].copy_from_slice(&header.timestamp.to_be_bytes());
    fixed[8..12].copy_from_slice(&header.ssrc.to_be_bytes());
}

/// Writes what a packet of another kind says of itself: where and whose it is stays.
pub(crate) fn recast(packet: &mut [u8], payload_type: u8, marker: bool, timestamp: u32) {
    let Some(fixed) = packet.first_chunk_mut::<FIXED_BYTES>() else { return };
    fixed[1] = payload_type & !MARKER_BIT | if marker { MARKER_BIT } else { 0 };
    fixed[4..8].copy_from_slice(&timestamp.to_be_bytes());
}

#[cold]
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
    FIXED_BYTES + count * CSRC_BYTES
}
