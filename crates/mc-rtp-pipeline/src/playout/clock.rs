//! The clock of the timestamps, and the one of the samples.

use std::time::Duration;

use crate::codec::Codec;

/// Turns ticks of a codec's timestamps, samples and time into one another, rounding down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    ticks_hz: u32,
    samples_hz: u32,
}

impl Clock {
    /// The clocks of `codec`.
    pub(crate) fn of(codec: &impl Codec) -> Self {
        Self { ticks_hz: codec.clock_rate(), samples_hz: codec.sample_rate().hz() }
    }

    /// Samples in so many ticks.
    pub(crate) fn samples(self, ticks: u32) -> usize {
        (u64::from(ticks) * u64::from(self.samples_hz) / u64::from(self.ticks_hz)) as usize
    }

    /// Ticks of so many samples.
    pub(crate) fn ticks(self, samples: usize) -> u32 {
        (samples as u64 * u64::from(self.ticks_hz) / u64::from(self.samples_hz)) as u32
    }

    /// Samples in so many microseconds; none before now.
    pub(crate) fn samples_in_us(self, us: i64) -> usize {
        (us.max(0).unsigned_abs() * u64::from(self.samples_hz) / 1_000_000) as usize
    }

    /// How long so many samples last.
    pub(crate) fn duration(self, samples: usize) -> Duration {
        Duration::from_micros(samples as u64 * 1_000_000 / u64::from(self.samples_hz))
    }
}
