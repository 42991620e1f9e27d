//! Reading compound packets.

use std::fmt;

use super::report::BLOCK_BYTES;
use super::{
    COUNT, GOODBYE, ITEM_CNAME, ITEM_END, NtpTime, PADDING, RECEIVER_REPORT, ReportBlocks, SENDER_REPORT,
    SOURCE_DESCRIPTION, SenderInfo, VERSION, VERSION_MASK,
};

/// Why a datagram is no compound RTCP packet (RFC 3550 §A.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RtcpError {
    /// The version is not 2.
    Version,
    /// It does not begin with a sender or receiver report (RFC 5506 would allow it; nobody has negotiated that).
    FirstPacket,
    /// A packet's length runs past the datagram, or is too short for what it says it holds.
    Length,
    /// Padding in another packet than the last, or more of it than the packet is long.
    Padding,
}

impl fmt::Display for RtcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the version is not 2",
            Self::FirstPacket => "the first packet is no report",
            Self::Length => "a packet's length does not fit",
            Self::Padding => "the padding does not fit",
        })
    }
}

impl std::error::Error for RtcpError {}

/// One packet of a compound packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RtcpPacket<'a> {
    /// A report of one who sends.
    SenderReport {
        /// Who reports.
        ssrc: u32,
        /// What it has sent.
        sent: SenderInfo,
        /// What it has received.
        received: ReportBlocks<'a>,
    },
    /// A report of one who only receives.
    ReceiverReport {
        /// Who reports.
        ssrc: u32,
        /// What it has received.
        received: ReportBlocks<'a>,
    },
    /// The name of the first source described; other items than CNAME are passed over.
    SourceDescription {
        /// Who is described.
        ssrc: u32,
        /// Its canonical name, as bytes of UTF-8; empty if it has none.
        cname: &'a [u8],
    },
    /// A source leaves.
    Goodbye {
        /// Who leaves.
        ssrc: u32,
        /// Why, as bytes of UTF-8; empty if it does not say.
        reason: &'a [u8],
    },
    /// Another packet, or one that says nothing.
    Other {
        /// Its packet type.
        packet_type: u8,
    },
}

/// The packets of a compound packet that has been checked as a whole.
#[derive(Clone, Debug)]
pub struct RtcpPackets<'a> {
    rest: &'a [u8],
}

impl<'a> RtcpPackets<'a> {
    /// Checks a datagram.
    ///
    /// # Errors
    /// The first [`RtcpError`] that applies.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, RtcpError> {
        let mut rest = datagram;
        let mut first = true;
        while !rest.is_empty() || first {
            let (header, body, after) = split(rest)?;
            if first && !matches!(header[1], SENDER_REPORT | RECEIVER_REPORT) {
                return Err(RtcpError::FirstPacket);
            }
            if header[0] & PADDING != 0 && !after.is_empty() {
                return Err(RtcpError::Padding);
            }
            read(header, body).ok_or(RtcpError::Length)?;
            (rest, first) = (after, false);
        }
        Ok(Self { rest: datagram })
    }
}

impl<'a> Iterator for RtcpPackets<'a> {
    type Item = RtcpPacket<'a>;

    fn next(&mut self) -> Option<RtcpPacket<'a>> {
        let (header, body, after) = split(self.rest).ok()?;
        self.rest = after;
        read(header, body)
    }
}

/// A packet's header, its body without padding, and what follows.
type Split<'a> = (&'a [u8; 4], &'a [u8], &'a [u8]);

/// Takes the first packet off.
fn split(bytes: &[u8]) -> Result<Split<'_>, RtcpError> {
    let (header, rest) = bytes.split_first_chunk::<4>().ok_or(RtcpError::Length)?;
    if header[0] & VERSION_MASK != VERSION {
        return Err(RtcpError::Version);
    }
    let length = 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
    let (body, after) = rest.split_at_checked(length).ok_or(RtcpError::Length)?;
    if header[0] & PADDING == 0 {
        return Ok((header, body, after));
    }
    let padding = usize::from(body.last().copied().unwrap_or(0));
    match body.len().checked_sub(padding) {
        Some(kept) if padding > 0 && padding % 4 == 0 => Ok((header, &body[..kept], after)),
        _ => Err(RtcpError::Padding),
    }
}

/// Understands one packet; `None` if it is too short for what it says it holds.
fn read<'a>(header: &[u8; 4], body: &'a [u8]) -> Option<RtcpPacket<'a>> {
    let count = usize::from(header[0] & COUNT);
    match header[1] {
        SENDER_REPORT => {
            let (ssrc, rest) = word(body)?;
            let (sent, rest) = sender_info(rest)?;
            Some(RtcpPacket::SenderReport { ssrc, sent, received: blocks(rest, count)? })
        }
        RECEIVER_REPORT => {
            let (ssrc, rest) = word(body)?;
            Some(RtcpPacket::ReceiverReport { ssrc, received: blocks(rest, count)? })
        }
        SOURCE_DESCRIPTION if count > 0 => {
            let (ssrc, items) = word(body)?;
            Some(RtcpPacket::SourceDescription { ssrc, cname: cname(items)? })
        }
        GOODBYE if count > 0 => {
            let (ssrc, _) = word(body)?;
            let after = body.get(4 * count..)?;
            let reason = match after.split_first() {
                Some((&length, text)) => text.get(..usize::from(length))?,
                None => &[],
            };
            Some(RtcpPacket::Goodbye { ssrc, reason })
        }
        packet_type => Some(RtcpPacket::Other { packet_type }),
    }
}

fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*word), rest))
}

fn sender_info(bytes: &[u8]) -> Option<(SenderInfo, &[u8])> {
    let (ntp, rest) = bytes.split_first_chunk()?;
    let (timestamp, rest) = word(rest)?;
    let (packets, rest) = word(rest)?;
    let (payload_bytes, rest) = word(rest)?;
    let ntp = NtpTime(u64::from_be_bytes(*ntp));
    Some((SenderInfo { ntp, timestamp, packets, payload_bytes }, rest))
}

fn blocks(bytes: &[u8], count: usize) -> Option<ReportBlocks<'_>> {
    // What follows the blocks is an extension of some profile.
    bytes.as_chunks::<BLOCK_BYTES>().0.get(..count).map(ReportBlocks)
}

/// The CNAME among the items of one source.
fn cname(mut items: &[u8]) -> Option<&[u8]> {
    while let [kind, rest @ ..] = items {
        if *kind == ITEM_END {
            break;
        }
        let (&length, rest) = rest.split_first()?;
        let (text, rest) = rest.split_at_checked(usize::from(length))?;
        if *kind == ITEM_CNAME {
            return Some(text);
        }
        items = rest;
    }
    Some(&[])
}
