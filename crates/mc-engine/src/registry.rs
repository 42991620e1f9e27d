//! The sessions of an engine, for its sums. Locked when a session begins or ends, never for a packet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::shared::SessionShared;
use crate::{EngineError, MediaMetrics, MediaSessionId};

#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Sessions>);

#[derive(Debug, Default)]
struct Sessions {
    /// A tree gives memory back as sessions end; a hash table would keep its largest size.
    live: BTreeMap<MediaSessionId, Arc<SessionShared>>,
    /// Sum of the sessions that have ended.
    ended: MediaMetrics,
    next_id: u64,
}

impl Registry {
    /// Makes a session's shared part by `make` and keeps it, unless there are `max_sessions` already.
    pub(crate) fn admit(
        &self,
        max_sessions: usize,
        make: impl FnOnce(MediaSessionId) -> SessionShared,
    ) -> Result<Arc<SessionShared>, EngineError> {
        let mut sessions = self.lock();
        if sessions.live.len() >= max_sessions {
            return Err(EngineError::TooManySessions { max_sessions });
        }
        let id = MediaSessionId(sessions.next_id);
        sessions.next_id += 1;
        let shared = Arc::new(make(id));
        sessions.live.insert(id, Arc::clone(&shared));
        Ok(shared)
    }

    /// Moves a session's metrics to the sum of those that ended, and returns them.
    pub(crate) fn retire(&self, shared: &SessionShared) -> MediaMetrics {
        let metrics = shared.metrics();
        let mut sessions = self.lock();
        sessions.live.remove(&shared.id);
        sessions.ended.merge(&metrics);
        metrics
    }

    pub(crate) fn live(&self) -> usize {
        self.lock().live.len()
    }

    /// Sum over all sessions, ended ones included.
    pub(crate) fn metrics(&self) -> MediaMetrics {
        let sessions = self.lock();
        let mut sum = sessions.ended.clone();
        for session in sessions.live.values() {
            sum.merge(&session.metrics());
        }
        sum
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        // Nothing in here stays half done when a panic passes through.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
