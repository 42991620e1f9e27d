//! What is done to a packet: encryption and its tag.

mod counter_mode;
mod galois;

use std::fmt::Debug;

use aes::{Aes128, Aes256};
use aes_gcm::{Aes128Gcm, Aes256Gcm};

use crate::suite::INDEX_WORD;
use crate::{MasterKey, SrtpError, Suite};
use counter_mode::CounterMode;
use galois::Galois;

/// Which packet of which stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PacketId {
    pub(crate) ssrc: u32,
    /// 48 bits of an RTP packet (RFC 3711 §3.3.1), 31 of an RTCP packet.
    pub(crate) index: u64,
}

impl PacketId {
    /// The sequence number's wraps so far.
    const fn rollovers(self) -> [u8; 4] {
        ((self.index >> 16) as u32).to_be_bytes()
    }

    /// The word that an encrypted SRTCP packet ends in.
    pub(crate) const fn index_word(self) -> [u8; INDEX_WORD] {
        (ENCRYPTED | self.index as u32).to_be_bytes()
    }
}

/// Of the word that an SRTCP packet ends in: the bit that says that it is encrypted.
pub(crate) const ENCRYPTED: u32 = 1 << 31;

/// A suite with the session keys of one direction.
///
/// Buffers are as long as what they hold, the suite's overhead included: the callers see to that.
pub(crate) trait Transform: Debug + Send {
    /// Protects the packet that `buffer` begins with; its tag goes to the end. What is encrypted starts at `clear`.
    fn seal_rtp(&self, buffer: &mut [u8], clear: usize, id: PacketId);

    /// As [`seal_rtp`](Self::seal_rtp), with the index word at the end as well.
    fn seal_rtcp(&self, buffer: &mut [u8], id: PacketId);

    /// Turns a protected packet into the plain one at its beginning.
    fn open_rtp(&self, packet: &mut [u8], clear: usize, id: PacketId) -> Result<(), SrtpError>;

    /// As [`open_rtp`](Self::open_rtp).
    fn open_rtcp(&self, packet: &mut [u8], id: PacketId) -> Result<(), SrtpError>;
}

/// The transform that a master key is for.
pub(crate) fn of(master: &MasterKey) -> Box<dyn Transform> {
    match master.suite() {
        Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 => {
            Box::new(CounterMode::<Aes128>::new::<16>(master))
        }
        Suite::AesCm256HmacSha1_80 | Suite::AesCm256HmacSha1_32 => {
            Box::new(CounterMode::<Aes256>::new::<32>(master))
        }
        Suite::AeadAes128Gcm => Box::new(Galois::<Aes128Gcm>::new::<16>(master)),
        Suite::AeadAes256Gcm => Box::new(Galois::<Aes256Gcm>::new::<32>(master)),
    }
}
