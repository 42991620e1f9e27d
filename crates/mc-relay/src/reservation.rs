//! Ports held for a call whose media is not agreed on yet.

use std::net::SocketAddr;

use crate::LegId;
use crate::ports::BoundPair;

/// The sockets of a call to be: what signalling needs to offer before it knows the answer. Nothing that
/// arrives is passed on until [`start_reserved`](crate::MediaSessionController::start_reserved). Dropping it
/// gives the ports back.
#[derive(Debug)]
pub struct Reservation {
    pub(crate) pairs: [BoundPair; 2],
    pub(crate) local: [SocketAddr; 2],
}

impl Reservation {
    /// Where a leg takes RTP; RTCP goes to the port above.
    #[must_use]
    pub const fn local_address(&self, leg: LegId) -> SocketAddr {
        self.local[leg.index()]
    }
}
