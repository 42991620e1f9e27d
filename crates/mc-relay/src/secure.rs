//! Media that is protected on its way to and from a peer (SRTP, RFC 3711).

use std::fmt;

use mc_srtp::{Inbound, MasterKey, Outbound, SrtpError, Suite};

use crate::leg::MAX_DATAGRAM;

/// The keys of a leg with SRTP, as its session descriptions have them (RFC 4568).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SrtpKeys {
    /// The key that the peer sends under.
    pub peer: MasterKey,
    /// The key that is sent under to the peer.
    pub own: MasterKey,
}

impl SrtpKeys {
    /// The peer's key and our own.
    #[must_use]
    pub const fn new(peer: MasterKey, own: MasterKey) -> Self {
        Self { peer, own }
    }
}

/// Both directions of one leg.
pub(crate) struct SecureMedia {
    keys: SrtpKeys,
    inbound: Inbound,
    outbound: Outbound,
    /// Where packets are protected: what is sent to this leg's peer stays as it is for everybody else.
    room: [u8; MAX_DATAGRAM + Suite::MAX_OVERHEAD],
}

impl SecureMedia {
    pub(crate) fn new(keys: &SrtpKeys) -> Self {
        let (inbound, outbound) = (Inbound::new(&keys.peer), Outbound::new(&keys.own));
        Self { keys: keys.clone(), inbound, outbound, room: [0; MAX_DATAGRAM + Suite::MAX_OVERHEAD] }
    }

    /// Goes on from what was there before in the directions whose keys stay: a key that began anew would protect two
    /// packets under one number.
    pub(crate) fn follow(&mut self, before: &mut Self) {
        if self.keys.peer == before.keys.peer {
            std::mem::swap(&mut self.inbound, &mut before.inbound);
        }
        if self.keys.own == before.keys.own {
            std::mem::swap(&mut self.outbound, &mut before.outbound);
        }
    }

    /// The length of the RTP or RTCP packet that `datagram` holds, and begins with from now on.
    pub(crate) fn open(&mut self, datagram: &mut [u8], is_control: bool) -> Result<usize, SrtpError> {
        if is_control { self.inbound.unprotect_rtcp(datagram) } else { self.inbound.unprotect_rtp(datagram) }
    }

    /// The datagram for a packet.
    pub(crate) fn seal(&mut self, packet: &[u8], is_control: bool) -> Result<&[u8], SrtpError> {
        self.room.get_mut(..packet.len()).ok_or(SrtpError::NoRoom)?.copy_from_slice(packet);
        let length = if is_control {
            self.outbound.protect_rtcp(&mut self.room, packet.len())?
        } else {
            self.outbound.protect_rtp(&mut self.room, packet.len())?
        };
        Ok(&self.room[..length])
    }
}

impl fmt::Debug for SecureMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureMedia").finish_non_exhaustive()
    }
}
