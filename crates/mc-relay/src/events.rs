//! What the relay tells the application without being asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam::channel::Sender;
use mc_engine::EventReport;

use crate::{CallTotals, DialogId, LegId, MediaSessionInfo, StreamMetrics};

/// Something that happened to a call. Fetched with
/// [`next_event`](crate::MediaSessionController::next_event).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RelayEvent {
    /// A call is carried.
    Started(MediaSessionInfo),
    /// A peer's media comes from another port than announced: media to it goes there from now on.
    Latched {
        /// The call.
        dialog: DialogId,
        /// The peer's leg.
        leg: LegId,
        /// Where its media comes from.
        source: SocketAddr,
    },
    /// A peer presses a key, or has released it (RFC 4733). Told where
    /// [`telephone_event`](crate::LegConfig::telephone_event) names the payload type, also while keys are
    /// [blocked](crate::MediaSessionController::block_keys).
    Key {
        /// The call.
        dialog: DialogId,
        /// The peer's leg.
        leg: LegId,
        /// What is new; the event's number is that of the [key](mc_engine::DtmfKey::from_event).
        report: EventReport,
    },
    /// A leg's voice detector has heard the peer begin or cease to speak.
    Speech {
        /// The call.
        dialog: DialogId,
        /// The peer's leg.
        leg: LegId,
        /// Whether it speaks now.
        speaks: bool,
    },
    /// People's [opinion](StreamMetrics::opinion) of what arrives from a peer has changed, for the better or the worse.
    Quality {
        /// The call.
        dialog: DialogId,
        /// The peer's leg.
        leg: LegId,
        /// How it arrives.
        stream: StreamMetrics,
    },
    /// A call ended by itself; [`CallTotals::reason`] says why. A call that the application stops is
    /// not announced: its totals are the answer to
    /// [`stop_media`](crate::MediaSessionController::stop_media).
    Ended(Box<CallTotals>),
}

impl RelayEvent {
    /// Whether somebody's books are wrong who does not hear of it.
    const fn is_vital(&self) -> bool {
        matches!(self, Self::Started(_) | Self::Ended(_))
    }
}

/// Where events wait to be fetched. Whoever has one to tell does not wait: without room it is lost, and counted.
#[derive(Debug)]
pub(crate) struct EventQueue {
    waiting: Sender<RelayEvent>,
    /// Events from which on only vital ones are taken.
    common: usize,
    lost: AtomicU64,
}

impl EventQueue {
    pub(crate) fn new(waiting: Sender<RelayEvent>) -> Self {
        let capacity = waiting.capacity().unwrap_or(usize::MAX);
        Self { waiting, common: capacity - capacity / 4, lost: AtomicU64::new(0) }
    }

    /// Queues an event. The last quarter of the room is for those that must not be missed: a key pressed a thousand
    /// times does not hide the end of a call.
    pub(crate) fn publish(&self, event: RelayEvent) {
        let has_room = event.is_vital() || self.waiting.len() < self.common;
        if !has_room || self.waiting.try_send(event).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Events that found no room.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use crossbeam::channel::bounded;

    use super::*;

    #[test]
    fn what_is_common_leaves_room_for_what_is_vital() {
        let (sender, receiver) = bounded(8);
        let queue = EventQueue::new(sender);
        let source = SocketAddr::from(([127, 0, 0, 1], 9));
        for _ in 0..8 {
            queue.publish(RelayEvent::Latched { dialog: "common".into(), leg: LegId::A, source });
        }
        assert_eq!((receiver.len(), queue.lost()), (6, 2));
        for _ in 0..3 {
            queue.publish(RelayEvent::Started(MediaSessionInfo::new("vital".into(), [source; 2])));
        }
        assert_eq!((receiver.len(), queue.lost()), (8, 3));
    }
}
