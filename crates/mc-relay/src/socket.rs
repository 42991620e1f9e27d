//! A socket that faces one peer.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use mc_engine::Counter;
use rustix::net::connect_unspec;

/// A UDP socket of a leg. It is connected to the leg's peer once that is confirmed: the system then drops what
/// others send there before it costs us anything, and looks up the route once instead of for every packet.
#[derive(Debug)]
pub(crate) struct PeerSocket {
    socket: UdpSocket,
    may_connect: bool,
    connected: Option<SocketAddr>,
}

impl PeerSocket {
    /// Takes a non-blocking socket, bound to a port by number: of another the system takes the port away when it is
    /// disconnected.
    pub(crate) fn new(socket: UdpSocket) -> Self {
        // To connect a socket that is bound to every address would settle which of them the peer has to send to:
        // the one that the route back starts from, whatever the peer was told.
        let may_connect = socket.local_addr().is_ok_and(|local| !local.ip().is_unspecified());
        Self { socket, may_connect, connected: None }
    }

    /// The next datagram's length and source. The source must be looked at even on a connected socket: what had
    /// been queued before came from anybody. `None` when there is none after all: reports of readiness may be
    /// stale, a datagram with a wrong checksum vanishes when it is read, and what was reported may be that the
    /// peer's host refused what was sent to it, which `refused` counts.
    pub(crate) fn receive(&self, buffer: &mut [u8], refused: &Counter) -> Option<(usize, SocketAddr)> {
        match self.socket.recv_from(buffer) {
            Ok(received) => Some(received),
            Err(error) => {
                refused.add(u64::from(is_refusal(error.kind())));
                None
            }
        }
    }

    /// Sends a datagram; false if the system did not take it. On a connected socket an error may be about what was
    /// sent before, and taken in its place: that is counted by `refused` and this one is sent again.
    pub(crate) fn send(&self, packet: &[u8], destination: SocketAddr, refused: &Counter) -> bool {
        if self.connected != Some(destination) {
            return self.socket.send_to(packet, destination).is_ok();
        }
        match self.socket.send(packet) {
            Err(error) if is_refusal(error.kind()) => {
                refused.add(1);
                self.socket.send(packet).is_ok()
            }
            sent => sent.is_ok(),
        }
    }

    /// Takes packets from `peer` alone from now on. A system that refuses leaves the socket open to all, which costs
    /// more and is as safe.
    pub(crate) fn connect(&mut self, peer: SocketAddr) {
        if self.may_connect && self.socket.connect(peer).is_ok() {
            self.connected = Some(peer);
        }
    }

    /// Takes packets from anybody again.
    pub(crate) fn disconnect(&mut self) {
        if self.connected.take().is_some() {
            // It fails for no socket that could be connected.
            let _ = connect_unspec(&self.socket);
        }
    }
}

/// Whether an error is what the peer's host, or one on the way, answered to an earlier datagram by ICMP.
fn is_refusal(error: ErrorKind) -> bool {
    matches!(error, ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable)
}

impl AsFd for PeerSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::PortPool;

    fn bound(address: &str) -> UdpSocket {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket
    }

    fn heard(socket: &PeerSocket) -> Option<(u8, SocketAddr)> {
        let mut buffer = [0; 4];
        socket.receive(&mut buffer, &Counter::new()).map(|(_, source)| (buffer[0], source))
    }

    fn send(socket: &PeerSocket, to: &UdpSocket) -> u64 {
        let refused = Counter::new();
        assert!(socket.send(&[9], to.local_addr().unwrap(), &refused));
        refused.get()
    }

    #[test]
    fn a_connected_socket_hears_its_peer_only_and_a_disconnected_one_everybody() {
        for localhost in ["127.0.0.1:0", "[::1]:0"] {
            let (peer, stranger) = (bound(localhost), bound(localhost));
            let from_peer = peer.local_addr().unwrap();
            let pair = PortPool::new(15_400..=15_499).bind(from_peer.ip()).unwrap();
            let local = pair.rtp.local_addr().unwrap();
            let mut ours = PeerSocket::new(pair.rtp);
            stranger.send_to(&[1], local).unwrap();
            ours.connect(from_peer);
            stranger.send_to(&[2], local).unwrap();
            peer.send_to(&[3], local).unwrap();
            assert_eq!(heard(&ours).unwrap(), (1, stranger.local_addr().unwrap()), "queued before");
            assert_eq!(heard(&ours).unwrap(), (3, from_peer));

            ours.disconnect();
            stranger.send_to(&[4], local).unwrap();
            assert_eq!(heard(&ours).unwrap().0, 4);
            send(&ours, &stranger);
            assert_eq!(stranger.recv_from(&mut [0; 4]).unwrap(), (1, local), "its own port is still its own");
        }
    }

    #[test]
    fn a_connected_socket_sends_to_others_as_well() {
        let (peer, other) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
        let mut ours = PeerSocket::new(bound("127.0.0.1:0"));
        ours.connect(peer.local_addr().unwrap());
        for to in [&other, &peer] {
            assert_eq!(send(&ours, to), 0);
            assert_eq!(to.recv(&mut [0; 4]).unwrap(), 1);
        }
    }

    #[test]
    fn a_refusal_is_counted_and_costs_no_packet() {
        let peer = bound("127.0.0.1:0");
        let address = peer.local_addr().unwrap();
        let mut ours = PeerSocket::new(bound("127.0.0.1:0"));
        ours.connect(address);
        drop(peer);
        // Over loopback the answer to one datagram is there before the next call.
        let refused = Counter::new();
        assert!(ours.send(&[1], address, &refused) && refused.get() == 0);
        assert!(ours.send(&[2], address, &refused) && refused.get() == 1);
        assert_eq!((ours.receive(&mut [0; 4], &refused), refused.get()), (None, 2));
        let peer = UdpSocket::bind(address).unwrap();
        assert!(ours.send(&[3], address, &refused) && refused.get() == 2);
        assert_eq!(peer.recv(&mut [0; 4]).unwrap(), 1);
    }

    #[test]
    fn a_socket_of_every_address_is_not_connected() {
        let peer = bound("127.0.0.1:0");
        let mut ours = PeerSocket::new(bound("0.0.0.0:0"));
        ours.connect(peer.local_addr().unwrap());
        assert_eq!(ours.connected, None);
    }
}
