//! What the worker counts of one call, readable from any thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mc_engine::{Counter, MediaMetrics, MediaSessionHandle, TimeHistogram};

use crate::drops::DropReason;
use crate::watch::WatchGauges;
use crate::{CallMetrics, LegId, LegMetrics};

/// Counts of what comes from one leg. What a packet touches lies on one cache line: with some thousand calls nothing
/// of one of them is in the cache when its next packet comes.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct LegCounters {
    pub(crate) received: Counter,
    /// What was sent to the other leg.
    pub(crate) passed: Counter,
    /// What was sent to this leg's peer and comes from no leg.
    pub(crate) played: Counter,
    pub(crate) control_received: Counter,
    pub(crate) control_passed: Counter,
    pub(crate) control_made: Counter,
    pub(crate) allocations: Counter,
    /// What the other leg's host refused of it.
    pub(crate) refused: Counter,
    pub(crate) watched: WatchGauges,
    drops: [Counter; DropReason::OF_RELAY.len()],
}

impl LegCounters {
    /// Counts a drop for one of the relay's own reasons; the session counts those of packets itself.
    pub(crate) fn count_drop(&self, reason: DropReason) {
        for (candidate, counter) in DropReason::OF_RELAY.into_iter().zip(&self.drops) {
            if candidate == reason {
                counter.add(1);
            }
        }
    }
}

/// Counts of one call.
#[derive(Debug, Default)]
pub(crate) struct CallCounters {
    pub(crate) legs: [LegCounters; 2],
    /// Nanoseconds that packets took, of those that are timed.
    pub(crate) latency: TimeHistogram,
}

/// Reads everything that is counted of one call: here and in its sessions.
#[derive(Clone, Debug)]
pub(crate) struct CallObserver {
    pub(crate) counters: Arc<CallCounters>,
    sessions: Arc<[Mutex<Sessions>; 2]>,
}

/// The media sessions that one leg has had: an update replaces them. Locked when somebody asks or
/// changes the call, never for a packet.
#[derive(Debug)]
struct Sessions {
    current: MediaSessionHandle,
    /// What those before it did: most calls never have another.
    ended: Option<Box<MediaMetrics>>,
}

impl CallObserver {
    pub(crate) fn new(sessions: [MediaSessionHandle; 2]) -> Self {
        let sessions = sessions.map(|current| Mutex::new(Sessions { current, ended: None }));
        Self { counters: Arc::default(), sessions: Arc::new(sessions) }
    }

    /// The session that a leg has now.
    pub(crate) fn session(&self, leg: LegId) -> MediaSessionHandle {
        self.sessions(leg).current.clone()
    }

    /// Follows another session of a leg from now on; it is muted if the one before was.
    pub(crate) fn replace_session(&self, leg: LegId, current: MediaSessionHandle) {
        let mut sessions = self.sessions(leg);
        current.set_muted(sessions.current.is_muted());
        let ended = sessions.current.metrics();
        sessions.ended.get_or_insert_default().merge(&ended);
        sessions.current = current;
    }

    fn sessions(&self, leg: LegId) -> MutexGuard<'_, Sessions> {
        self.sessions[leg.index()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn metrics(&self) -> CallMetrics {
        CallMetrics { legs: LegId::ALL.map(|leg| self.leg(leg)), latency: self.counters.latency.snapshot() }
    }

    fn leg(&self, leg: LegId) -> LegMetrics {
        let [counters, to_it] = [leg, leg.other()].map(|leg| &self.counters.legs[leg.index()]);
        let sessions = self.sessions(leg);
        let mut media = sessions.current.metrics();
        if let Some(ended) = &sessions.ended {
            media.merge(ended);
        }
        LegMetrics {
            packets_received: counters.received.get(),
            packets_sent: to_it.passed.get(),
            packets_played: counters.played.get(),
            control_received: counters.control_received.get(),
            control_sent: to_it.control_passed.get(),
            control_made: counters.control_made.get(),
            allocations: counters.allocations.get(),
            refused: to_it.refused.get(),
            stream: counters.watched.read(),
            media,
            relay_drops: std::array::from_fn(|reason| counters.drops[reason].get()),
        }
    }
}
