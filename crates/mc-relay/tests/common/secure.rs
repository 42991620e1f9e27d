//! Telephones that protect their media.

use mc_engine::PayloadFormat;
use mc_relay::SrtpKeys;
use mc_srtp::{Inbound, MasterKey, Outbound, Suite};

use super::{FRAME, Peer};

/// A key that is nobody's else, if the seed is not.
pub(crate) fn key(suite: Suite, seed: u8) -> MasterKey {
    MasterKey::generate(suite, |bytes| {
        bytes.fill(seed);
        Ok::<(), ()>(())
    })
    .unwrap()
}

/// A telephone with SRTP.
pub(crate) struct SecurePeer {
    pub(crate) peer: Peer,
    pub(crate) outbound: Outbound,
    pub(crate) inbound: Inbound,
}

impl SecurePeer {
    /// The other end of a leg with these keys.
    pub(crate) fn at(keys: &SrtpKeys) -> Self {
        Self::new(&keys.peer, &keys.own)
    }

    /// One that sends under a key and is sent under another.
    pub(crate) fn new(sends: &MasterKey, is_sent: &MasterKey) -> Self {
        let peer = Peer::new(PayloadFormat::PCMU);
        Self { peer, outbound: Outbound::new(sends), inbound: Inbound::new(is_sent) }
    }

    pub(crate) fn sealed(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut datagram = [packet, &[0; Suite::MAX_OVERHEAD]].concat();
        let is_control = packet[1] == 201;
        let length = if is_control {
            self.outbound.protect_rtcp(&mut datagram, packet.len())
        } else {
            self.outbound.protect_rtp(&mut datagram, packet.len())
        };
        datagram.truncate(length.unwrap());
        datagram
    }

    /// Sends a packet of media, and returns what it sent.
    pub(crate) fn send(&mut self, payload: &[u8]) -> Vec<u8> {
        let packet = self.peer.packet(payload);
        let datagram = self.sealed(&packet);
        self.peer.send_raw(&datagram);
        datagram
    }

    /// The payload of the next packet.
    pub(crate) fn hear(&mut self) -> Vec<u8> {
        let mut buffer = [0; 2_000];
        let (length, _) = self.peer.socket.recv_from(&mut buffer).unwrap();
        let plain = self.inbound.unprotect_rtp(&mut buffer[..length]).unwrap();
        buffer[12..plain].to_vec()
    }
}

/// Both hear each other.
pub(crate) fn talk(secure: &mut SecurePeer, plain: &mut Peer) {
    secure.send(&[0x55; FRAME]);
    assert_eq!(plain.hear().payload, [0x55; FRAME]);
    plain.send(&[0x2A; FRAME]);
    assert_eq!(secure.hear(), [0x2A; FRAME]);
}
