//! The clock of the relay.

use std::time::Instant;

use mc_engine::Clock;

/// Nanoseconds since it was made, from the machine's monotonic clock. Copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    start: Instant,
}

impl MonotonicClock {
    /// A clock that starts at 0 now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now_ns(&self) -> u64 {
        // u64 nanoseconds last for 584 years.
        self.start.elapsed().as_nanos() as u64
    }
}
