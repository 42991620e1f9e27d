//! Time that passes when a test says so.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mc_relay::{MediaSessionController, MonotonicClock};

use super::PATIENCE;

/// The time of one relay. It stands still until it is moved.
#[derive(Clone, Copy)]
pub(crate) struct Time(&'static AtomicU64);

impl Time {
    /// Time that begins at `start`.
    pub(crate) fn starting_at(start: Duration) -> Self {
        let time = Self(Box::leak(Box::default()));
        time.set(start);
        time
    }

    pub(crate) fn clock(self) -> MonotonicClock {
        MonotonicClock::simulated(self.0)
    }

    /// Moves it; the relay notices with its next packet.
    pub(crate) fn set(self, now: Duration) {
        self.0.store(now.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Moves it, and returns when the workers have done what was due.
    pub(crate) fn pass(self, relay: &MediaSessionController, time: Duration) {
        self.0.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
        // What is due is done after the first answer and before the second.
        assert!(relay.workers_answer(PATIENCE) && relay.workers_answer(PATIENCE));
    }
}
