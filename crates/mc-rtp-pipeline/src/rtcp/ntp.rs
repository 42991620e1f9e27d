//! The wall clock of RTCP.

use std::time::Duration;

/// Seconds from the epoch of NTP, 1900, to that of Unix, 1970: 70 years, 17 of them leap years.
const UNIX_EPOCH_S: u64 = (70 * 365 + 17) * 86_400;

/// A time in the format of NTP: seconds since 1900 in the upper 32 bits, their fraction in the lower
/// (RFC 3550 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// The time `since_unix_epoch` after the start of 1970; in 2036 the seconds start over.
    #[must_use]
    pub fn from_unix(since_unix_epoch: Duration) -> Self {
        Self(UNIX_EPOCH_S << 32).after(since_unix_epoch)
    }

    /// The time `elapsed` later.
    #[must_use]
    pub fn after(self, elapsed: Duration) -> Self {
        let fraction = (u64::from(elapsed.subsec_nanos()) << 32) / 1_000_000_000;
        Self(self.0.wrapping_add((elapsed.as_secs() << 32).wrapping_add(fraction)))
    }

    /// The middle 32 bits: time in 1/65,536 s, which is how reports refer to each other.
    #[must_use]
    pub const fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}
