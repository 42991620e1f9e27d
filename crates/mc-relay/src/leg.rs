//! One side of a call: its sockets, its peer and its media session.

use std::net::SocketAddr;
use std::time::Duration;

use mc_engine::{Counter, MediaSession};

use crate::marking::mark;
use crate::media::LegConfig;
use crate::peer::Peer;
use crate::ports::{BoundPair, PortLease};
use crate::secure::SecureMedia;
use crate::socket::PeerSocket;

/// Longest datagram that is passed on, in bytes: what fits an Ethernet frame under IPv4.
pub const MAX_DATAGRAM: usize = 1_472;

/// Where a worker receives every datagram. One byte more than we take shows which ones are longer.
pub(crate) type PacketBuffer = [u8; MAX_DATAGRAM + 1];

/// Which of a leg's two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The even port: RTP, and RTCP where they share one (RFC 5761).
    Rtp,
    /// The odd port above.
    Rtcp,
}

impl Channel {
    pub(crate) const ALL: [Self; 2] = [Self::Rtp, Self::Rtcp];
}

/// One side of a call, owned by the worker that carries it.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) peer: Peer,
    pub(crate) control: ControlPeer,
    pub(crate) session: MediaSession,
    pub(crate) secure: Option<Box<SecureMedia>>,
    rtp: PeerSocket,
    rtcp: PeerSocket,
    /// Given back after the sockets are closed: fields are dropped in this order.
    _lease: PortLease,
}

/// Where a leg's RTCP goes.
#[derive(Clone, Debug)]
pub(crate) enum ControlPeer {
    /// With its RTP.
    Shared,
    /// To a port of its own.
    Apart(Peer),
}

/// Who a leg's media and its RTCP belong to, as its configuration says from `now_ns` on.
pub(crate) fn peers_of(config: &LegConfig, latch_after: Duration, now_ns: u64) -> (Peer, ControlPeer) {
    let wait = if config.behind_nat || config.asymmetric { Duration::ZERO } else { latch_after };
    let peer = |announced| {
        Peer::new(announced, config.signalled_from, wait, now_ns).with_asymmetric(config.asymmetric)
    };
    let control =
        if config.rtcp_mux { ControlPeer::Shared } else { ControlPeer::Apart(peer(config.rtcp_address())) };
    (peer(config.remote), control)
}

impl Leg {
    pub(crate) fn new(
        (peer, control): (Peer, ControlPeer),
        session: MediaSession,
        secure: Option<Box<SecureMedia>>,
        pair: BoundPair,
    ) -> Self {
        let BoundPair { rtp, rtcp, lease } = pair;
        let [rtp, rtcp] = [rtp, rtcp].map(PeerSocket::new);
        Self { peer, control, session, secure, rtp, rtcp, _lease: lease }
    }

    pub(crate) const fn socket(&self, channel: Channel) -> &PeerSocket {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }

    /// Takes note that `source`, which was accepted, sent valid media. True when that is news; see
    /// [`Peer::confirm`].
    pub(crate) fn confirm(&mut self, source: SocketAddr) -> bool {
        if self.peer.is_settled() {
            return false;
        }
        let latched = self.peer.confirm(source);
        if self.peer.destination() == Some(source) {
            self.rtp.connect(source);
        }
        latched
    }

    /// Awaits media from another peer, or from the same one anew.
    pub(crate) fn await_peer(&mut self, peer: Peer) {
        self.rtp.disconnect();
        self.peer = peer;
    }

    /// Marks what is sent from now on with a differentiated-services field.
    pub(crate) fn set_tos(&self, tos: u8) {
        for channel in Channel::ALL {
            if let Err(error) = mark(self.socket(channel), tos) {
                tracing::warn!(%error, tos, "packets are not marked");
            }
        }
    }

    /// Awaits RTCP from another peer.
    pub(crate) fn await_control(&mut self, control: ControlPeer) {
        self.rtcp.disconnect();
        self.control = control;
    }

    /// Takes RTCP that came from `source` at `now_ns`, if `channel` is where RTCP comes and this is who may send it.
    pub(crate) fn accepts_control(&mut self, channel: Channel, source: SocketAddr, now_ns: u64) -> bool {
        match (&mut self.control, channel) {
            // On a port for both, the peer is whoever sends the media.
            (ControlPeer::Shared, Channel::Rtp) => self.peer.accepts(source, now_ns),
            (ControlPeer::Apart(peer), Channel::Rtcp) => peer.accepts(source, now_ns),
            _ => false,
        }
    }

    /// Takes note that `source`, which was accepted, sent valid RTCP.
    pub(crate) fn confirm_control(&mut self, source: SocketAddr) {
        if let ControlPeer::Apart(peer) = &mut self.control
            && !peer.is_settled()
        {
            peer.confirm(source);
            if peer.destination() == Some(source) {
                self.rtcp.connect(source);
            }
        }
    }

    /// The packet in a datagram that came from this leg's peer; `None` if the peer's key does not open it.
    pub(crate) fn open<'a>(&mut self, datagram: &'a mut [u8], is_control: bool) -> Option<&'a mut [u8]> {
        let length = match &mut self.secure {
            Some(secure) => secure.open(datagram, is_control).ok()?,
            None => datagram.len(),
        };
        datagram.get_mut(..length)
    }

    /// Sends a packet of media to this leg's peer, who is at `destination`: whether the system took it.
    pub(crate) fn send_media(&mut self, packet: &[u8], destination: SocketAddr, refused: &Counter) -> bool {
        let sealed = sealed(&mut self.secure, packet, false);
        sealed.is_some_and(|packet| self.rtp.send(packet, destination, refused))
    }

    /// Sends RTCP to where this leg's peer wants it: whether the system took it. `None` while that is not known.
    pub(crate) fn send_control(&mut self, packet: &[u8], refused: &Counter) -> Option<bool> {
        let (socket, destination) = match &self.control {
            ControlPeer::Shared => (&self.rtp, self.peer.destination()?),
            ControlPeer::Apart(peer) => (&self.rtcp, peer.destination()?),
        };
        let sealed = sealed(&mut self.secure, packet, true);
        Some(sealed.is_some_and(|packet| socket.send(packet, destination, refused)))
    }
}

/// What is sent for a packet: itself, unless the leg's media is protected. `None` for one that cannot be: its number
/// was used before.
fn sealed<'a>(
    secure: &'a mut Option<Box<SecureMedia>>,
    packet: &'a [u8],
    is_control: bool,
) -> Option<&'a [u8]> {
    match secure {
        Some(secure) => secure.seal(packet, is_control).ok(),
        None => Some(packet),
    }
}
