//! What can be chosen about the echo canceller.

use mc_dsp::{ConfigError, check_range};

/// Configuration of [`AdvancedAcousticEchoCanceller`](super::AdvancedAcousticEchoCanceller).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AdvancedAecConfig {
    /// Length of the echo path behind the delay that is modelled, in milliseconds, 32 to 400. Cost and memory
    /// grow with it. Default 200.
    pub tail_ms: u32,
    /// Longest delay between playing and recording that is looked for, in milliseconds, 0 to 1000. At 0 the
    /// echo must begin within `tail_ms`. Default 1000.
    pub max_delay_ms: u32,
    /// How what the filters leave is suppressed. Default [`Suppression::Learned`].
    pub suppression: Suppression,
    /// Deepest gain of the suppressor, in dB, -60 to -6. Default -45.
    pub floor_db: f32,
    /// Whether filters and suppressor rest while the far end is silent or, after some seconds of its talk, nothing
    /// of it comes back. The near end then passes as it is, as late as ever, and an echo that appears is noticed
    /// within half a second. Default `true`.
    pub standby: bool,
}

/// What happens to the echo that the filters leave; where it is taken out, noise like the background comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suppression {
    /// Nothing: only what is predicted from the far end is subtracted.
    Off,
    /// Gains follow an estimate of the echo that is left, by rules.
    Rules,
    /// Gains come from a small recurrent network.
    Learned,
}

impl Default for AdvancedAecConfig {
    fn default() -> Self {
        Self {
            tail_ms: 200,
            max_delay_ms: 1_000,
            suppression: Suppression::Learned,
            floor_db: -45.0,
            standby: true,
        }
    }
}

impl AdvancedAecConfig {
    /// Sets [`tail_ms`](Self::tail_ms).
    #[must_use]
    pub const fn with_tail_ms(mut self, tail_ms: u32) -> Self {
        self.tail_ms = tail_ms;
        self
    }

    /// Sets [`max_delay_ms`](Self::max_delay_ms).
    #[must_use]
    pub const fn with_max_delay_ms(mut self, max_delay_ms: u32) -> Self {
        self.max_delay_ms = max_delay_ms;
        self
    }

    /// Sets [`suppression`](Self::suppression).
    #[must_use]
    pub const fn with_suppression(mut self, suppression: Suppression) -> Self {
        self.suppression = suppression;
        self
    }

    /// Sets [`floor_db`](Self::floor_db).
    #[must_use]
    pub const fn with_floor_db(mut self, floor_db: f32) -> Self {
        self.floor_db = floor_db;
        self
    }

    /// Sets [`standby`](Self::standby).
    #[must_use]
    pub const fn with_standby(mut self, standby: bool) -> Self {
        self.standby = standby;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(32..=400).contains(&self.tail_ms) {
            return Err(ConfigError::new("tail_ms", self.tail_ms, "32 to 400 ms"));
        }
        if self.max_delay_ms > 1_000 {
            return Err(ConfigError::new("max_delay_ms", self.max_delay_ms, "0 to 1000 ms"));
        }
        check_range("floor_db", self.floor_db, -60.0..=-6.0, "-60 to -6 dB")
    }
}
