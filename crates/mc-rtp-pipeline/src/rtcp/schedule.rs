//! When reports are sent.

use std::time::Duration;

/// Bytes of UDP and IP header, which count as well (RFC 3550 §6.2).
const HEADERS: f64 = 28.0;

/// Average size of a report before any has been seen, headers included: a sender report with one block and a name.
const FIRST_SIZE: f64 = 100.0;

/// The share of the senders in all members up to which they have a quarter of the bandwidth for themselves
/// (RFC 3550 §6.2).
const FEW_SENDERS: f64 = 0.25;

/// Makes up for reconsideration, which lengthens intervals: e - 3/2 (RFC 3550 §6.3.1).
const COMPENSATION: f64 = std::f64::consts::E - 1.5;

/// Who takes part, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Everybody, ourselves included: 1 or more.
    pub members: u32,
    /// Who sends, ourselves included.
    pub senders: u32,
    /// Whether we send.
    pub we_send: bool,
}

/// The transmission interval of RFC 3550 §6.2 and §6.3 (§A.7): grows with the number of members so that RTCP keeps to its
/// share of the bandwidth, is 5 s at least in the mean, half of that before the first report, varies at random by
/// half, and is reconsidered when it has passed.
#[derive(Clone, Debug)]
pub struct RtcpSchedule {
    bytes_per_s: f64,
    least: Duration,
    /// When the latest report was sent, or the schedule began.
    latest: Duration,
    /// When the next one is due, unless reconsidered; `None` before the schedule begins.
    next: Option<Duration>,
    is_first: bool,
    average_size: f64,
    random: u32,
}

impl RtcpSchedule {
    /// A schedule that lets RTCP have `bytes_per_s` bytes a second of the session's bandwidth (5 % is usual), with a least
    /// interval of `least` (RFC 3550 asks for 5 s). Two ends should not have the same `seed`; an SSRC serves well.
    #[must_use]
    pub const fn new(bytes_per_s: u32, least: Duration, seed: u32) -> Self {
        Self {
            bytes_per_s: if bytes_per_s == 0 { 1.0 } else { bytes_per_s as f64 },
            least,
            latest: Duration::ZERO,
            next: None,
            is_first: true,
            average_size: FIRST_SIZE,
            // Zero would stay zero.
            random: seed ^ 0x9E37_79B9 | 1,
        }
    }

    /// Whether a report is to be sent at `now`; the first call starts the clock. Say so when it
    /// [was sent](Self::sent).
    pub fn is_due(&mut self, now: Duration, membership: Membership) -> bool {
        let Some(next) = self.next else {
            self.latest = now;
            self.next = Some(now + self.draw(membership));
            return false;
        };
        if now < next {
            return false;
        }
        // More members than when the interval was drawn may make it longer: it is drawn again from where it began.
        let reconsidered = self.latest + self.draw(membership);
        self.next = Some(reconsidered);
        reconsidered <= now
    }

    /// A report of `bytes` bytes was sent at `now`.
    pub fn sent(&mut self, bytes: usize, now: Duration, membership: Membership) {
        self.note_size(bytes);
        self.is_first = false;
        self.latest = now;
        self.next = Some(now + self.draw(membership));
    }

    /// Somebody's report of `bytes` bytes was received.
    pub fn received(&mut self, bytes: usize) {
        self.note_size(bytes);
    }

    fn note_size(&mut self, bytes: usize) {
        self.average_size += (bytes as f64 + HEADERS - self.average_size) / 16.0;
    }

    /// An interval from now on.
    fn draw(&mut self, membership: Membership) -> Duration {
        let Membership { members, senders, we_send } = membership;
        let (members, senders) = (f64::from(members.max(1)), f64::from(senders));
        let (sharing, share) = if senders > members * FEW_SENDERS {
            (members, 1.0)
        } else if we_send {
            (senders, FEW_SENDERS)
        } else {
            (members - senders, 1.0 - FEW_SENDERS)
        };
        let least = self.least.as_secs_f64() * if self.is_first { 0.5 } else { 1.0 };
        let mean = (self.average_size * sharing / (self.bytes_per_s * share)).max(least);
        Duration::from_secs_f64(mean * (0.5 + self.uniform()) / COMPENSATION)
    }

    /// Uniform in 0 to 1 (xorshift: Marsaglia, 2003).
    fn uniform(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        f64::from(self.random) / f64::from(u32::MAX)
    }
}
