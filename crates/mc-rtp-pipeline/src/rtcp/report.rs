//! What reports hold.

use std::time::Duration;

use super::NtpTime;

/// Bytes of a report block.
pub(super) const BLOCK_BYTES: usize = 24;

/// What the sender of a report has sent itself (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// When the report was sent.
    pub ntp: NtpTime,
    /// The same moment in the ticks of the stream's timestamps.
    pub timestamp: u32,
    /// RTP packets sent so far.
    pub packets: u32,
    /// Bytes of payload sent so far.
    pub payload_bytes: u32,
}

/// What the sender of a report has received from one source (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source that this is about.
    pub ssrc: u32,
    /// Packets lost since the report before, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost so far, 24 bits with sign: negative when duplicates outnumber losses.
    pub lost: i32,
    /// Highest sequence number received, with the number of wraps in the upper 16 bits.
    pub highest_sequence: u32,
    /// Interarrival jitter, in ticks of the timestamps.
    pub jitter: u32,
    /// [`NtpTime::middle`] of the last sender report received from the source; 0 if none.
    pub last_report: u32,
    /// Time between receiving it and sending this one, in 1/65,536 s.
    pub since_last_report: u32,
}

impl ReportBlock {
    pub(super) fn read(bytes: &[u8; BLOCK_BYTES]) -> Self {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Self {
            ssrc: word(0),
            fraction_lost: bytes[4],
            // Shifted up and down again, the sign of 24 bits becomes that of 32.
            lost: (word(4) << 8) as i32 >> 8,
            highest_sequence: word(8),
            jitter: word(12),
            last_report: word(16),
            since_last_report: word(20),
        }
    }

    pub(super) fn write(&self, bytes: &mut [u8; BLOCK_BYTES]) {
        let lost = self.lost.clamp(-0x80_0000, 0x7F_FFFF) as u32 & 0xFF_FFFF;
        let words = [
            self.ssrc,
            u32::from(self.fraction_lost) << 24 | lost,
            self.highest_sequence,
            self.jitter,
            self.last_report,
            self.since_last_report,
        ];
        for (bytes, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *bytes = word.to_be_bytes();
        }
    }
}

/// The report blocks of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlocks<'a>(pub(super) &'a [[u8; BLOCK_BYTES]]);

impl ReportBlocks<'_> {
    /// Each block.
    pub fn iter(&self) -> impl Iterator<Item = ReportBlock> {
        self.0.iter().map(ReportBlock::read)
    }

    /// The block about `ssrc`.
    #[must_use]
    pub fn about(&self, ssrc: u32) -> Option<ReportBlock> {
        self.iter().find(|block| block.ssrc == ssrc)
    }
}

/// The time to the peer and back, from a report block about our stream that arrived at `now`: what has passed
/// since our report that it answers, less the time that the peer kept it (RFC 3550 §6.4.1). `None` when it
/// answers none, or the figures contradict each other.
#[must_use]
pub fn round_trip(block: &ReportBlock, now: NtpTime) -> Option<Duration> {
    if block.last_report == 0 {
        return None;
    }
    let passed = now.middle().wrapping_sub(block.last_report);
    let trip = passed.checked_sub(block.since_last_report)?;
    Some(Duration::from_micros(u64::from(trip) * 1_000_000 / 65_536))
}
