//! One side of a call: its socket, its peer and its media session.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use mc_engine::MediaSession;

use crate::peer::Peer;
use crate::ports::PortLease;

/// Longest datagram that is passed on, in bytes: what fits an Ethernet frame under IPv4.
pub const MAX_DATAGRAM: usize = 1_472;

/// Where a worker receives every datagram. One byte more than we take shows which ones are longer.
pub(crate) type PacketBuffer = [u8; MAX_DATAGRAM + 1];

/// One side of a call, owned by the worker that carries it.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) peer: Peer,
    pub(crate) session: MediaSession,
    pub(crate) socket: UdpSocket,
    /// Given back after the socket is closed: fields are dropped in this order.
    _port: PortLease,
}

impl Leg {
    pub(crate) fn new(peer: Peer, session: MediaSession, socket: UdpSocket, port: PortLease) -> Self {
        Self { peer, session, socket, _port: port }
    }

    /// The next datagram's length and source. `None` when there is none after all: reports of readiness
    /// may be stale, and a datagram with a wrong checksum vanishes when it is read.
    pub(crate) fn receive(&self, buffer: &mut PacketBuffer) -> Option<(usize, SocketAddr)> {
        self.socket.recv_from(buffer).ok()
    }

    pub(crate) fn send(&self, packet: &[u8], destination: SocketAddr) -> io::Result<()> {
        self.socket.send_to(packet, destination).map(drop)
    }
}
