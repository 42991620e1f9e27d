//! What is known of the service on other threads than its own.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use mc_engine::Counter;

/// What the service has counted, and whether it takes calls; readable from any thread.
#[derive(Debug)]
pub struct NgMetrics {
    pub(super) requests: Counter,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    pub(super) repeated: Counter,
    pub(super) malformed: Counter,
    pub(super) unknown_options: Counter,
    calls: AtomicUsize,
    max_calls: usize,
    draining: AtomicBool,
}

impl NgMetrics {
    pub(super) fn new(max_calls: usize) -> Self {
        Self {
            requests: Counter::default(),
            refused: Mutex::default(),
            repeated: Counter::default(),
            malformed: Counter::default(),
            unknown_options: Counter::default(),
            calls: AtomicUsize::new(0),
            max_calls,
            draining: AtomicBool::new(false),
        }
    }

    /// Requests that were understood to be such.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// Requests that were answered with a refusal.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused_by_reason().values().sum()
    }

    /// The same by why, in a few words; a reason appears with its first.
    #[must_use]
    pub fn refused_by_reason(&self) -> BTreeMap<&'static str, u64> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests that came again and got the answer they had.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated.get()
    }

    /// Datagrams that were no requests, and got no answer.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed.get()
    }

    /// Flags and options that are not known here, and codecs that cannot be made.
    #[must_use]
    pub fn unknown_options(&self) -> u64 {
        self.unknown_options.get()
    }

    /// Calls that are offered or running, as of the latest request or pause.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Most calls that there may be at a time.
    #[must_use]
    pub const fn max_calls(&self) -> usize {
        self.max_calls
    }

    /// Whether new calls are refused because the service comes to its end.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Why a new call would be refused now; `None` when it would be taken.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        match () {
            () if self.is_draining() => Some("the relay is shutting down"),
            () if self.calls() >= self.max_calls => Some("all sessions are taken"),
            () => None,
        }
    }

    pub(super) fn note_refused(&self, reason: &'static str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    pub(super) fn note_calls(&self, calls: usize) {
        self.calls.store(calls, Ordering::Relaxed);
    }

    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }
}
