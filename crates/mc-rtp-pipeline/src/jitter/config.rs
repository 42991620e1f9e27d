//! How long packets may wait, and how large they may be.

use std::time::Duration;

use mc_dsp::{ConfigError, check_range};

/// Longest delay that can be asked for: what 64 packets of 10 ms hold, less some room.
const MAX_DELAY: Duration = Duration::from_millis(500);

/// Configuration of a [`JitterBuffer`](super::JitterBuffer).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JitterConfig {
    /// Ticks per second of the RTP timestamps, 1,000 to 192,000. Default: 8,000.
    pub clock_rate: u32,
    /// Least delay that is aimed at, 0 to 500 ms. Default: 0.
    pub min_delay: Duration,
    /// Greatest delay that is aimed at, `min_delay` to 500 ms. Default: 300 ms.
    pub max_delay: Duration,
    /// Delay added to what jitter asks for, 0 to 100 ms, as many times as packets are lost together (1 to 4): with
    /// the packet behind a gap in hand, the gap is bridged from both sides instead of guessed from one.
    /// Default: 20 ms, one packet of most senders.
    pub spare: Duration,
    /// Fraction of the packets that should come in time, 0.5 to 0.999. Default: 0.97.
    pub in_time: f32,
    /// Longest payload that is taken in, in bytes, 1 to 1,500. Default: 480, which is 60 ms of G.711.
    pub payload_bytes: usize,
}

impl Default for JitterConfig {
    fn default() -> Self {
        Self {
            clock_rate: 8_000,
            min_delay: Duration::ZERO,
            max_delay: Duration::from_millis(300),
            spare: Duration::from_millis(20),
            in_time: 0.97,
            payload_bytes: 480,
        }
    }
}

impl JitterConfig {
    /// A buffer whose delay is always `delay` (0 to 500 ms).
    #[must_use]
    pub fn fixed(delay: Duration) -> Self {
        Self { min_delay: delay, max_delay: delay, ..Self::default() }
    }

    /// Sets the ticks per second of the RTP timestamps (1,000 to 192,000).
    #[must_use]
    pub const fn with_clock_rate(mut self, clock_rate: u32) -> Self {
        self.clock_rate = clock_rate;
        self
    }

    /// Sets the least delay that is aimed at (0 to 500 ms).
    #[must_use]
    pub const fn with_min_delay(mut self, min_delay: Duration) -> Self {
        self.min_delay = min_delay;
        self
    }

    /// Sets the greatest delay that is aimed at (`min_delay` to 500 ms).
    #[must_use]
    pub const fn with_max_delay(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// Sets the delay beyond what jitter asks for (0 to 100 ms).
    #[must_use]
    pub const fn with_spare(mut self, spare: Duration) -> Self {
        self.spare = spare;
        self
    }

    /// Sets the fraction of packets that should come in time (0.5 to 0.999).
    #[must_use]
    pub const fn with_in_time(mut self, in_time: f32) -> Self {
        self.in_time = in_time;
        self
    }

    /// Sets the longest payload, in bytes (1 to 1,500).
    #[must_use]
    pub const fn with_payload_bytes(mut self, payload_bytes: usize) -> Self {
        self.payload_bytes = payload_bytes;
        self
    }

    /// Whether the delay is a given one instead of following the jitter.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.min_delay == self.max_delay
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(1_000..=192_000).contains(&self.clock_rate) {
            return Err(ConfigError::new("clock_rate", self.clock_rate, "1,000 to 192,000"));
        }
        if self.min_delay > MAX_DELAY {
            return Err(ConfigError::new("min_delay", format_args!("{:?}", self.min_delay), "0 to 500 ms"));
        }
        if self.max_delay < self.min_delay || self.max_delay > MAX_DELAY {
            let value = format_args!("{:?}", self.max_delay);
            return Err(ConfigError::new("max_delay", value, "min_delay to 500 ms"));
        }
        if self.spare > Duration::from_millis(100) {
            return Err(ConfigError::new("spare", format_args!("{:?}", self.spare), "0 to 100 ms"));
        }
        check_range("in_time", self.in_time, 0.5..=0.999, "0.5 to 0.999")?;
        if !(1..=1_500).contains(&self.payload_bytes) {
            return Err(ConfigError::new("payload_bytes", self.payload_bytes, "1 to 1,500"));
        }
        Ok(())
    }
}
