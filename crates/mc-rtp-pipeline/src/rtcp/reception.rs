//! What is reported about a stream that is being received.

use std::time::Duration;

use super::{NtpTime, ReportBlock};
use crate::jitter::MediaPacket;
use crate::sequence::{HISTORY, MAX_AHEAD};

/// Figures of one source, as RFC 3550 §A.3 and §A.8 compute them: by sequence numbers alone, so that a late packet
/// counts as received and a duplicate makes up for a loss. A sender that starts over, or whose numbers jump
/// (§A.1), is another source: what is missing between is no loss.
#[derive(Clone, Debug)]
pub struct Reception {
    clock_rate: u32,
    /// Ticks in a nanosecond, in 2^-64: with it a packet's time in ticks is one multiplication.
    ticks_per_ns: u64,
    source: Option<Source>,
    /// Of all sources so far.
    expected: u64,
    received: u64,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    first: u32,
    highest: u32,
    received: u32,
    /// Expected and received when the last block was made.
    reported: (u32, u32),
    /// Timestamp and transit time of the latest packet in ticks, and the jitter in 1/16 tick.
    timestamp: u32,
    transit: u32,
    jitter: u32,
    /// The latest sender report, and when it came.
    report: Option<(NtpTime, Duration)>,
}

impl Reception {
    /// Nothing received yet of a stream with `clock_rate` ticks per second.
    #[must_use]
    pub const fn new(clock_rate: u32) -> Self {
        let ticks_per_ns = ticks_per_ns(clock_rate);
        Self { clock_rate, ticks_per_ns, source: None, expected: 0, received: 0 }
    }

    /// Takes timestamps for ticks of another clock from now on, as when the codec changes.
    pub const fn set_clock_rate(&mut self, clock_rate: u32) {
        self.clock_rate = clock_rate;
        self.ticks_per_ns = ticks_per_ns(clock_rate);
    }

    /// Notes a packet that arrived at `now`.
    #[inline]
    pub fn note(&mut self, packet: &MediaPacket<'_>, now: Duration) {
        let arrival = (u128::from(now.as_nanos() as u64) * u128::from(self.ticks_per_ns)) >> 64;
        let transit = (arrival as u32).wrapping_sub(packet.timestamp);
        self.received += 1;
        let source = match &mut self.source {
            Some(source) if source.goes_on_with(packet) => source,
            slot => {
                self.expected += 1;
                let first = u32::from(packet.sequence);
                let fresh = Source {
                    ssrc: packet.ssrc,
                    first,
                    highest: first,
                    received: 0,
                    reported: (0, 0),
                    timestamp: packet.timestamp,
                    transit,
                    jitter: 0,
                    report: None,
                };
                slot.insert(fresh)
            }
        };
        source.received = source.received.wrapping_add(1);
        let ahead = packet.sequence.wrapping_sub(source.highest as u16) as i16;
        if ahead > 0 {
            source.highest = source.highest.wrapping_add(u32::from(ahead.unsigned_abs()));
            self.expected += u64::from(ahead.unsigned_abs());
        }
        if packet.timestamp == source.timestamp {
            // Packets of one moment, such as those of a key held down: when they came says nothing of the way.
            return;
        }
        let change = (transit.wrapping_sub(source.transit) as i32).unsigned_abs();
        (source.timestamp, source.transit) = (packet.timestamp, transit);
        // A sixteenth of the way to the latest change, rounded (RFC 3550 §A.8).
        source.jitter = source.jitter.wrapping_add(change).wrapping_sub((source.jitter + 8) >> 4);
    }

    /// Notes a sender report of `ssrc` that arrived at `now`.
    pub fn note_report(&mut self, ssrc: u32, sent: NtpTime, now: Duration) {
        if let Some(source) = self.source.as_mut().filter(|source| source.ssrc == ssrc) {
            source.report = Some((sent, now));
        }
    }

    /// Who sends, once anybody has.
    #[must_use]
    pub fn ssrc(&self) -> Option<u32> {
        self.source.as_ref().map(|source| source.ssrc)
    }

    /// Packets that were sent to us by all sources so far, as their sequence numbers tell.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Packets that arrived of all sources so far.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The interarrival jitter.
    #[must_use]
    pub fn jitter(&self) -> Duration {
        let ticks = self.source.as_ref().map_or(0, |source| source.jitter >> 4);
        Duration::from_micros(u64::from(ticks) * 1_000_000 / u64::from(self.clock_rate.max(1)))
    }

    /// The block for a report that is sent at `now`; `None` before the first packet. Its fraction lost is that
    /// since the block before.
    pub fn report_block(&mut self, now: Duration) -> Option<ReportBlock> {
        let source = self.source.as_mut()?;
        let expected = source.expected();
        let (expected_before, received_before) = source.reported;
        source.reported = (expected, source.received);
        let expected_since = expected.wrapping_sub(expected_before);
        let lost_since = i64::from(expected_since) - i64::from(source.received.wrapping_sub(received_before));
        let fraction =
            if expected_since == 0 { 0 } else { (lost_since.max(0) << 8) / i64::from(expected_since) };
        let (last_report, since_last_report) = source.report.map_or((0, 0), |(ntp, came)| {
            let since = now.saturating_sub(came).as_micros() * 65_536 / 1_000_000;
            (ntp.middle(), since as u32)
        });
        let lost = i64::from(expected) - i64::from(source.received);
        Some(ReportBlock {
            ssrc: source.ssrc,
            fraction_lost: fraction.min(255) as u8,
            lost: lost.clamp(-0x80_0000, 0x7F_FFFF) as i32,
            highest_sequence: source.highest,
            jitter: source.jitter >> 4,
            last_report,
            since_last_report,
        })
    }
}

/// Rounded down by less than 2^-64, so that no time of 64 bits is off by a tick more.
const fn ticks_per_ns(clock_rate: u32) -> u64 {
    (((clock_rate as u128) << 64) / 1_000_000_000) as u64
}

impl Source {
    /// Whether a packet's number follows on those before, late or early within reason.
    #[inline]
    fn goes_on_with(&self, packet: &MediaPacket<'_>) -> bool {
        let behind = (self.highest as u16).wrapping_sub(packet.sequence);
        self.ssrc == packet.ssrc && (behind < HISTORY || behind.wrapping_neg() < MAX_AHEAD)
    }

    fn expected(&self) -> u32 {
        self.highest.wrapping_sub(self.first).wrapping_add(1)
    }
}
