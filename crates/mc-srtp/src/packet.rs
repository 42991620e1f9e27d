//! As much of a packet's format as its protection has to know.

use crate::SrtpError;

/// Bytes of an RTP header without its lists (RFC 3550 §5.1).
const RTP_FIXED: usize = 12;
/// Bytes of an RTCP packet that stay readable (RFC 3711 §3.4).
pub(crate) const RTCP_CLEAR: usize = 8;
const VERSION: u8 = 2;

/// What is read of an RTP packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RtpHeader {
    pub(crate) sequence: u16,
    pub(crate) ssrc: u32,
    /// Bytes up to the payload, CSRCs and extension included.
    pub(crate) length: usize,
}

impl RtpHeader {
    pub(crate) fn read(packet: &[u8]) -> Result<Self, SrtpError> {
        let fixed = packet.first_chunk::<RTP_FIXED>().ok_or(SrtpError::Malformed)?;
        let [flags, _, s0, s1, _, _, _, _, ssrc @ ..] = *fixed;
        let mut length = RTP_FIXED + 4 * usize::from(flags & 0x0F);
        if flags & 0x10 != 0 {
            let extension = packet.get(length..length + 4).ok_or(SrtpError::Malformed)?;
            length += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
        }
        if flags >> 6 != VERSION || length > packet.len() {
            return Err(SrtpError::Malformed);
        }
        Ok(Self { sequence: u16::from_be_bytes([s0, s1]), ssrc: u32::from_be_bytes(ssrc), length })
    }
}

/// Who sends an RTCP packet.
pub(crate) fn rtcp_sender(packet: &[u8]) -> Result<u32, SrtpError> {
    match packet.first_chunk::<RTCP_CLEAR>() {
        Some(&[flags, _, _, _, ssrc @ ..]) if flags >> 6 == VERSION => Ok(u32::from_be_bytes(ssrc)),
        _ => Err(SrtpError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_where_its_payload_begins() {
        let mut packet = [0; 40];
        packet[..12].copy_from_slice(&[0x80, 0, 1, 2, 0, 0, 0, 0, 3, 4, 5, 6]);
        let header = RtpHeader { sequence: 0x0102, ssrc: 0x0304_0506, length: 12 };
        assert_eq!(RtpHeader::read(&packet), Ok(header));
        packet[0] = 0x82;
        assert_eq!(RtpHeader::read(&packet).map(|header| header.length), Ok(20));
        packet[0] = 0x92;
        packet[23] = 4;
        assert_eq!(RtpHeader::read(&packet).map(|header| header.length), Ok(40));
        packet[23] = 5;
        assert_eq!(RtpHeader::read(&packet), Err(SrtpError::Malformed));
        assert_eq!(RtpHeader::read(&packet[..22]), Err(SrtpError::Malformed));
        packet[0] = 0x40;
        assert_eq!(RtpHeader::read(&packet), Err(SrtpError::Malformed));
        assert_eq!(RtpHeader::read(&packet[..11]), Err(SrtpError::Malformed));
    }
}
