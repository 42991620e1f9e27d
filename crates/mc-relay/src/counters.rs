//! What the worker counts of one call, readable from any thread.

use std::sync::Arc;

use mc_engine::{Counter, Histogram, MediaSessionHandle};

use crate::drops::DropReason;
use crate::{CallMetrics, LegId, LegMetrics};

/// Counts of one leg.
#[derive(Debug, Default)]
pub(crate) struct LegCounters {
    pub(crate) received: Counter,
    pub(crate) sent: Counter,
    pub(crate) allocations: Counter,
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
    /// Nanoseconds from a packet's receipt to its sending.
    pub(crate) latency: Histogram,
}

/// Reads everything that is counted of one call: here and in its sessions.
#[derive(Clone, Debug)]
pub(crate) struct CallObserver {
    pub(crate) counters: Arc<CallCounters>,
    pub(crate) sessions: [MediaSessionHandle; 2],
}

impl CallObserver {
    pub(crate) fn metrics(&self) -> CallMetrics {
        CallMetrics { legs: LegId::ALL.map(|leg| self.leg(leg)), latency: self.counters.latency.snapshot() }
    }

    fn leg(&self, leg: LegId) -> LegMetrics {
        let (counters, session) = (&self.counters.legs[leg.index()], &self.sessions[leg.index()]);
        LegMetrics {
            packets_received: counters.received.get(),
            packets_sent: counters.sent.get(),
            allocations: counters.allocations.get(),
            media: session.metrics(),
            relay_drops: std::array::from_fn(|reason| counters.drops[reason].get()),
        }
    }
}
