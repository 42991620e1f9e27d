//! Which calls run: what the controller and the workers both need to know.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mc_engine::AudioProcessingConfig;

use crate::advanced::AudioDialog;
use crate::counters::CallObserver;
use crate::events::EventQueue;
use crate::{
    CallMetrics, CallTotals, DialogId, EndReason, MediaConfig, RelayError, RelayEvent, RelayMetrics,
};

/// Who carries a dialog's audio.
#[derive(Clone, Debug)]
pub(crate) enum Dialog {
    /// A worker, between two legs over UDP.
    Carried(Box<CallEntry>),
    /// The application, which has it processed here.
    Processed(Arc<AudioDialog>),
}

impl Dialog {
    /// Its figures so far.
    pub(crate) fn metrics(&self) -> CallMetrics {
        match self {
            Self::Carried(entry) => entry.observer.metrics(),
            Self::Processed(audio) => audio.metrics(),
        }
    }
}

/// Where a call runs, and how to read its figures.
#[derive(Clone, Debug)]
pub(crate) struct CallEntry {
    pub(crate) worker: usize,
    /// The call's number within the relay; never used again.
    pub(crate) id: u64,
    pub(crate) local: [SocketAddr; 2],
    /// What the call is to be, as last said.
    pub(crate) media: MediaConfig,
    /// Processing of legs that bring none of their own; `None` leaves it to the engine.
    pub(crate) processing: Option<AudioProcessingConfig>,
    pub(crate) observer: CallObserver,
}

/// The dialogs that run, and the figures of those that have ended. Locked when one starts or ends and
/// when somebody asks, never for a packet.
#[derive(Debug)]
pub(crate) struct Registry {
    state: Mutex<State>,
    events: Arc<EventQueue>,
    worker_restarts: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    dialogs: HashMap<DialogId, Dialog>,
    ended: RelayMetrics,
}

impl Registry {
    pub(crate) fn new(events: Arc<EventQueue>) -> Self {
        Self { state: Mutex::default(), events, worker_restarts: AtomicU64::new(0) }
    }

    /// Enters a dialog.
    ///
    /// # Errors
    /// [`RelayError::DialogExists`].
    pub(crate) fn enter(&self, name: &DialogId, dialog: Dialog) -> Result<(), RelayError> {
        let mut state = self.lock();
        if state.dialogs.contains_key(name) {
            return Err(RelayError::DialogExists(name.clone()));
        }
        state.dialogs.insert(name.clone(), dialog);
        Ok(())
    }

    /// Takes out a call that never started.
    pub(crate) fn withdraw(&self, dialog: &DialogId) {
        self.lock().dialogs.remove(dialog);
    }

    /// Takes note of what a call is from now on.
    pub(crate) fn note(&self, dialog: &DialogId, media: MediaConfig) {
        if let Some(Dialog::Carried(entry)) = self.lock().dialogs.get_mut(dialog) {
            entry.media = media;
        }
    }

    /// A dialog that runs.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub(crate) fn lookup(&self, dialog: &DialogId) -> Result<Dialog, RelayError> {
        let state = self.lock();
        state.dialogs.get(dialog).cloned().ok_or_else(|| RelayError::UnknownDialog(dialog.clone()))
    }

    /// The entry of a call that the relay carries.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`].
    pub(crate) fn find(&self, dialog: &DialogId) -> Result<Box<CallEntry>, RelayError> {
        match self.lookup(dialog)? {
            Dialog::Carried(entry) => Ok(entry),
            Dialog::Processed(_) => Err(RelayError::NotCarried(dialog.clone())),
        }
    }

    /// The processors of a dialog that the application carries.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::Carried`].
    pub(crate) fn find_processed(&self, dialog: &DialogId) -> Result<Arc<AudioDialog>, RelayError> {
        match self.lock().dialogs.get(dialog) {
            Some(Dialog::Processed(audio)) => Ok(Arc::clone(audio)),
            Some(Dialog::Carried(_)) => Err(RelayError::Carried(dialog.clone())),
            None => Err(RelayError::UnknownDialog(dialog.clone())),
        }
    }

    /// Takes out a dialog that has ended, and announces it unless the application ended it.
    pub(crate) fn end(&self, totals: &CallTotals) {
        {
            let mut state = self.lock();
            state.dialogs.remove(&totals.dialog);
            state.ended.count_ended(totals);
        }
        tracing::info!(dialog = %totals.dialog, reason = ?totals.reason, "call ended");
        if totals.reason != EndReason::Stopped {
            self.publish(RelayEvent::Ended(Box::new(totals.clone())));
        }
    }

    /// Queues an event.
    pub(crate) fn publish(&self, event: RelayEvent) {
        self.events.publish(event);
    }

    pub(crate) fn count_worker_restart(&self) {
        self.worker_restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// The names of the dialogs that run.
    pub(crate) fn dialogs(&self) -> Vec<DialogId> {
        self.lock().dialogs.keys().cloned().collect()
    }

    /// Figures of all dialogs since the start.
    pub(crate) fn metrics(&self) -> RelayMetrics {
        let (mut metrics, active) = {
            let state = self.lock();
            (state.ended.clone(), state.dialogs.values().cloned().collect::<Vec<_>>())
        };
        metrics.worker_restarts = self.worker_restarts.load(Ordering::Relaxed);
        metrics.lost_events = self.events.lost();
        for dialog in active {
            match dialog {
                Dialog::Carried(_) => metrics.active_calls += 1,
                Dialog::Processed(_) => metrics.processed_dialogs += 1,
            }
            let figures = dialog.metrics();
            metrics.note_opinions(&figures);
            metrics.calls.merge(&figures);
        }
        metrics
    }

    /// A thread that panicked while it held the lock left nothing half done: each change is one call.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
