//! The clock of the relay.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mc_engine::Clock;

/// Nanoseconds since it was made, from the machine's monotonic clock. Copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    start: Instant,
    simulated_ns: Option<&'static AtomicU64>,
}

impl MonotonicClock {
    /// A clock that starts at 0 now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now(), simulated_ns: None }
    }

    /// A clock that stands still but for who moves `now_ns`: half an hour of calls can be lived through in seconds, and
    /// what arrives when is the same every time. A worker that waits for packets looks at it when there is one, or when
    /// it is [asked](crate::MediaSessionController::workers_answer) something.
    #[must_use]
    pub fn simulated(now_ns: &'static AtomicU64) -> Self {
        Self { simulated_ns: Some(now_ns), ..Self::new() }
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now_ns(&self) -> u64 {
        if let Some(simulated_ns) = self.simulated_ns {
            return simulated_ns.load(Ordering::Relaxed);
        }
        // u64 nanoseconds last for 584 years.
        self.start.elapsed().as_nanos() as u64
    }
}

/// A worker's clock. Packets share a look at it where a moment sooner or later is all the same.
#[derive(Debug)]
pub(crate) struct WorkClock {
    clock: MonotonicClock,
    now_ns: u64,
}

impl WorkClock {
    pub(crate) fn new(clock: MonotonicClock) -> Self {
        Self { clock, now_ns: clock.now_ns() }
    }

    /// The time as of the latest look, no longer ago than the worker's latest wait.
    pub(crate) const fn latest_ns(&self) -> u64 {
        self.now_ns
    }

    /// The time now; it never goes back.
    pub(crate) fn look(&mut self) -> u64 {
        self.now_ns = self.now_ns.max(self.clock.now_ns());
        self.now_ns
    }

    /// The clock itself, for whoever takes times of his own.
    pub(crate) const fn inner(&self) -> &MonotonicClock {
        &self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_s_time_stands_still_while_its_clock_goes_back() {
        static NOW: AtomicU64 = AtomicU64::new(9);
        let mut clock = WorkClock::new(MonotonicClock::simulated(&NOW));
        for (now, seen) in [(12, 12), (3, 12), (11, 12), (13, 13)] {
            NOW.store(now, Ordering::Relaxed);
            assert_eq!((clock.look(), clock.latest_ns()), (seen, seen));
        }
    }
}
