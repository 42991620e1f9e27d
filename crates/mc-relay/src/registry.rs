//! Which calls run: what the controller and the workers both need to know.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam::channel::Sender;

use crate::counters::CallObserver;
use crate::{CallTotals, DialogId, EndReason, MediaConfig, RelayError, RelayEvent, RelayMetrics};

/// Where a call runs, and how to read its figures.
#[derive(Clone, Debug)]
pub(crate) struct CallEntry {
    pub(crate) worker: usize,
    /// The call's number within the relay; never used again.
    pub(crate) id: u64,
    pub(crate) local: [SocketAddr; 2],
    /// What the call is to be, as last said.
    pub(crate) media: MediaConfig,
    pub(crate) observer: CallObserver,
}

/// The calls that run, and the figures of those that have ended. Locked when a call starts or ends and
/// when somebody asks, never for a packet.
#[derive(Debug)]
pub(crate) struct Registry {
    state: Mutex<State>,
    events: Sender<RelayEvent>,
    lost_events: AtomicU64,
    worker_restarts: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    calls: HashMap<DialogId, CallEntry>,
    ended: RelayMetrics,
}

impl Registry {
    pub(crate) fn new(events: Sender<RelayEvent>) -> Self {
        Self {
            state: Mutex::default(),
            events,
            lost_events: AtomicU64::new(0),
            worker_restarts: AtomicU64::new(0),
        }
    }

    /// Enters a call.
    ///
    /// # Errors
    /// [`RelayError::DialogExists`].
    pub(crate) fn enter(&self, dialog: &DialogId, entry: CallEntry) -> Result<(), RelayError> {
        let mut state = self.lock();
        if state.calls.contains_key(dialog) {
            return Err(RelayError::DialogExists(dialog.clone()));
        }
        state.calls.insert(dialog.clone(), entry);
        Ok(())
    }

    /// Takes out a call that never started.
    pub(crate) fn withdraw(&self, dialog: &DialogId) {
        self.lock().calls.remove(dialog);
    }

    /// Takes note of what a call is from now on.
    pub(crate) fn note(&self, dialog: &DialogId, media: MediaConfig) {
        if let Some(entry) = self.lock().calls.get_mut(dialog) {
            entry.media = media;
        }
    }

    /// The entry of a call that runs.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub(crate) fn find(&self, dialog: &DialogId) -> Result<CallEntry, RelayError> {
        let state = self.lock();
        state.calls.get(dialog).cloned().ok_or_else(|| RelayError::UnknownDialog(dialog.clone()))
    }

    /// Takes out a call that has ended, and announces it unless the application ended it.
    pub(crate) fn end(&self, totals: &CallTotals) {
        {
            let mut state = self.lock();
            state.calls.remove(&totals.dialog);
            state.ended.count_ended(totals);
        }
        tracing::info!(dialog = %totals.dialog, reason = ?totals.reason, "call ended");
        if totals.reason != EndReason::Stopped {
            self.publish(RelayEvent::Ended(Box::new(totals.clone())));
        }
    }

    /// Queues an event; without room it is lost, and counted.
    pub(crate) fn publish(&self, event: RelayEvent) {
        if self.events.try_send(event).is_err() {
            self.lost_events.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_worker_restart(&self) {
        self.worker_restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// The names of the calls that run.
    pub(crate) fn dialogs(&self) -> Vec<DialogId> {
        self.lock().calls.keys().cloned().collect()
    }

    /// Figures of all calls since the start.
    pub(crate) fn metrics(&self) -> RelayMetrics {
        let (mut metrics, active) = {
            let state = self.lock();
            let active: Vec<_> = state.calls.values().map(|entry| entry.observer.clone()).collect();
            (state.ended.clone(), active)
        };
        metrics.active_calls = active.len();
        metrics.worker_restarts = self.worker_restarts.load(Ordering::Relaxed);
        metrics.lost_events = self.lost_events.load(Ordering::Relaxed);
        for observer in active {
            metrics.calls.merge(&observer.metrics());
        }
        metrics
    }

    /// A thread that panicked while it held the lock left nothing half done: each change is one call.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
