//! AES in counter mode with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1; RFC 6188).

use std::fmt;

use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipherCore, array::Array, consts::U16};
use ctr::CtrCore;
use ctr::flavors::Ctr128BE;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::{PacketId, Transform};
use crate::derivation::{Label, session_key};
use crate::packet::RTCP_CLEAR;
use crate::suite::INDEX_WORD;
use crate::{MasterKey, SrtpError};

/// Session keys for one protocol.
struct Keys<A> {
    cipher: A,
    salt: [u8; 14],
    mac: Hmac<Sha1>,
    tag: usize,
}

impl<A: KeyInit> Keys<A> {
    fn new<const KEY: usize>(
        master: &MasterKey,
        [encryption, authentication, salt]: [Label; 3],
        tag: usize,
    ) -> Self {
        let key = session_key::<KEY>(master, encryption);
        let mut own = aes::cipher::Key::<A>::default();
        own.copy_from_slice(&key);
        let mac = <Hmac<Sha1> as KeyInit>::new(&padded(session_key::<20>(master, authentication)));
        Self { cipher: A::new(&own), salt: session_key(master, salt), mac, tag }
    }
}

/// A key as long as SHA-1's block, which HMAC fills shorter ones up to with zeros (RFC 2104 §2).
fn padded(key: [u8; 20]) -> hmac::digest::Key<Hmac<Sha1>> {
    let mut padded = hmac::digest::Key::<Hmac<Sha1>>::default();
    padded[..key.len()].copy_from_slice(&key);
    padded
}

impl<A: BlockCipherEncrypt<BlockSize = U16>> Keys<A> {
    /// Encrypts, which is also how it decrypts.
    fn encrypt(&self, data: &mut [u8], id: PacketId) {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&self.salt);
        xor(&mut counter[4..8], &id.ssrc.to_be_bytes());
        xor(&mut counter[6..14], &id.index.to_be_bytes());
        let stream = CtrCore::<&A, Ctr128BE>::inner_iv_init(&self.cipher, &Array::from(counter));
        stream.apply_keystream_partial(data.into());
    }

    fn tagged(&self, parts: [&[u8]; 2]) -> Hmac<Sha1> {
        let mut mac = self.mac.clone();
        parts.into_iter().for_each(|part| mac.update(part));
        mac
    }

    fn tag(&self, parts: [&[u8]; 2], tag: &mut [u8]) {
        let whole = self.tagged(parts).finalize().into_bytes();
        tag.copy_from_slice(&whole[..tag.len()]);
    }

    fn verify(&self, parts: [&[u8]; 2], tag: &[u8]) -> Result<(), SrtpError> {
        self.tagged(parts).verify_truncated_left(tag).map_err(|_| SrtpError::Unauthenticated)
    }
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}

/// The suites of RFC 3711 and RFC 6188.
pub(super) struct CounterMode<A> {
    rtp: Keys<A>,
    rtcp: Keys<A>,
}

impl<A: KeyInit> CounterMode<A> {
    /// `KEY`: bytes of its key.
    pub(super) fn new<const KEY: usize>(master: &MasterKey) -> Self {
        use Label::{
            RtcpAuthentication, RtcpEncryption, RtcpSalt, RtpAuthentication, RtpEncryption, RtpSalt,
        };
        let suite = master.suite();
        let rtcp_tag = suite.rtcp_overhead() - INDEX_WORD;
        Self {
            rtp: Keys::new::<KEY>(master, [RtpEncryption, RtpAuthentication, RtpSalt], suite.rtp_overhead()),
            rtcp: Keys::new::<KEY>(master, [RtcpEncryption, RtcpAuthentication, RtcpSalt], rtcp_tag),
        }
    }
}

impl<A: BlockCipherEncrypt<BlockSize = U16> + Send> Transform for CounterMode<A> {
    fn seal_rtp(&self, buffer: &mut [u8], clear: usize, id: PacketId) {
        let (packet, tag) = buffer.split_at_mut(buffer.len() - self.rtp.tag);
        self.rtp.encrypt(&mut packet[clear..], id);
        self.rtp.tag([packet, &id.rollovers()], tag);
    }

    fn seal_rtcp(&self, buffer: &mut [u8], id: PacketId) {
        let (signed, tag) = buffer.split_at_mut(buffer.len() - self.rtcp.tag);
        let (packet, word) = signed.split_at_mut(signed.len() - INDEX_WORD);
        self.rtcp.encrypt(&mut packet[RTCP_CLEAR..], id);
        word.copy_from_slice(&id.index_word());
        self.rtcp.tag([signed, &[]], tag);
    }

    fn open_rtp(&self, packet: &mut [u8], clear: usize, id: PacketId) -> Result<(), SrtpError> {
        let (packet, tag) = packet.split_at_mut(packet.len() - self.rtp.tag);
        self.rtp.verify([packet, &id.rollovers()], tag)?;
        self.rtp.encrypt(&mut packet[clear..], id);
        Ok(())
    }

    fn open_rtcp(&self, packet: &mut [u8], id: PacketId) -> Result<(), SrtpError> {
        let (signed, tag) = packet.split_at_mut(packet.len() - self.rtcp.tag);
        self.rtcp.verify([signed, &[]], tag)?;
        let plain = signed.len() - INDEX_WORD;
        self.rtcp.encrypt(&mut signed[RTCP_CLEAR..plain], id);
        Ok(())
    }
}

impl<A> fmt::Debug for CounterMode<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CounterMode").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use aes::Aes128;

    use super::*;

    #[test]
    fn the_key_stream_is_that_of_rfc_3711_appendix_b_2() {
        let key = 0x2B7E_1516_28AE_D2A6_ABF7_1588_09CF_4F3C_u128.to_be_bytes();
        let mut salt = [0; 14];
        (0xF0..).zip(&mut salt).for_each(|(n, byte)| *byte = n);
        let mac = <Hmac<Sha1> as KeyInit>::new(&padded([0; 20]));
        let keys = Keys { cipher: Aes128::new(&key.into()), salt, mac, tag: 10 };
        let mut stream = [0; 48];
        keys.encrypt(&mut stream, PacketId { ssrc: 0, index: 0 });
        let blocks = [
            0xE03E_AD09_35C9_5E80_E166_B16D_D92B_4EB4_u128,
            0xD235_1316_2B02_D0F7_2A43_A2FE_4A5F_97AB,
            0x41E9_5B3B_B0A2_E8DD_4779_01E4_FCA8_94C0,
        ];
        assert_eq!(stream.as_slice(), blocks.map(u128::to_be_bytes).as_flattened());
    }
}
