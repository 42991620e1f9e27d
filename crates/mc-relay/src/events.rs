//! What the relay tells the application without being asked.

use std::net::SocketAddr;

use crate::{CallTotals, DialogId, LegId, MediaSessionInfo};

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
    /// A call ended by itself; [`CallTotals::reason`] says why. A call that the application stops is
    /// not announced: its totals are the answer to
    /// [`stop_media`](crate::MediaSessionController::stop_media).
    Ended(Box<CallTotals>),
}
