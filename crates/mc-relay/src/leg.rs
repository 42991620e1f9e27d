//! One side of a call: its sockets, its peer and its media session.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use mc_engine::MediaSession;

use crate::marking::mark;
use crate::media::LegConfig;
use crate::peer::Peer;
use crate::ports::{BoundPair, PortLease};

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
    rtp: UdpSocket,
    rtcp: UdpSocket,
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

impl ControlPeer {
    pub(crate) fn of(config: &LegConfig) -> Self {
        if config.rtcp_mux { Self::Shared } else { Self::Apart(Peer::new(config.rtcp_address())) }
    }
}

impl Leg {
    pub(crate) fn new(config: &LegConfig, session: MediaSession, pair: BoundPair) -> Self {
        let BoundPair { rtp, rtcp, lease } = pair;
        let (peer, control) = (Peer::new(config.remote), ControlPeer::of(config));
        Self { peer, control, session, rtp, rtcp, _lease: lease }
    }

    pub(crate) fn socket(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }

    /// The next datagram's length and source. `None` when there is none after all: reports of readiness
    /// may be stale, and a datagram with a wrong checksum vanishes when it is read.
    pub(crate) fn receive(&self, channel: Channel, buffer: &mut PacketBuffer) -> Option<(usize, SocketAddr)> {
        self.socket(channel).recv_from(buffer).ok()
    }

    pub(crate) fn send(&self, packet: &[u8], destination: SocketAddr) -> io::Result<()> {
        self.rtp.send_to(packet, destination).map(drop)
    }

    /// Marks what is sent from now on with a differentiated-services field.
    pub(crate) fn set_tos(&self, tos: u8) {
        for channel in Channel::ALL {
            if let Err(error) = mark(self.socket(channel), tos) {
                tracing::warn!(%error, tos, "packets are not marked");
            }
        }
    }

    /// The peer whose packets a channel takes RTCP from.
    pub(crate) fn control_peer(&mut self, channel: Channel) -> Option<&mut Peer> {
        match (&mut self.control, channel) {
            (ControlPeer::Shared, Channel::Rtp) => Some(&mut self.peer),
            (ControlPeer::Apart(peer), Channel::Rtcp) => Some(peer),
            _ => None,
        }
    }

    /// Sends RTCP to where this leg's peer wants it. `None` while that is not known.
    pub(crate) fn send_control(&self, packet: &[u8]) -> Option<io::Result<()>> {
        let (socket, destination) = match &self.control {
            ControlPeer::Shared => (&self.rtp, self.peer.destination()?),
            ControlPeer::Apart(peer) => (&self.rtcp, peer.destination()?),
        };
        Some(socket.send_to(packet, destination).map(drop))
    }
}
