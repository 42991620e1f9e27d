//! RTCP: sender and receiver reports, source descriptions and goodbyes, read and written (RFC 3550 §6).
//!
//! [`RtcpPackets`] reads a compound packet, [`RtcpWriter`] writes one. [`Reception`] keeps the figures that a
//! report block needs of the stream received, and [`round_trip`] reads the round trip out of a block about
//! the stream sent. [`RtcpSchedule`] says when to report.

mod ntp;
mod read;
mod reception;
mod report;
mod schedule;
mod write;

pub use ntp::NtpTime;
pub use read::{RtcpError, RtcpPacket, RtcpPackets};
pub use reception::Reception;
pub use report::{ReportBlock, ReportBlocks, SenderInfo, round_trip};
pub use schedule::{Membership, RtcpSchedule};
pub use write::{NoRoom, RtcpWriter};

/// Packet types (RFC 3550 §12.1).
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// The first byte's version bits.
const VERSION: u8 = 2 << 6;
const VERSION_MASK: u8 = 3 << 6;
const PADDING: u8 = 0x20;
const COUNT: u8 = 0x1F;

/// Item types of source descriptions (RFC 3550 §12.2).
const ITEM_END: u8 = 0;
const ITEM_CNAME: u8 = 1;
