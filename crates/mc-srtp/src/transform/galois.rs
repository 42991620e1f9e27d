//! AES in Galois/counter mode (RFC 7714).

use std::fmt;

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadCore, AeadInOut, Key, KeyInit, KeySizeUser, Nonce, Tag};

use super::{PacketId, Transform};
use crate::derivation::{Label, session_key};
use crate::packet::RTCP_CLEAR;
use crate::suite::INDEX_WORD;
use crate::{MasterKey, SrtpError};

const TAG: usize = 16;

/// Session keys for one protocol.
struct Keys<A> {
    cipher: A,
    salt: [u8; 12],
}

impl<A> Keys<A>
where
    A: AeadInOut + AeadCore<NonceSize = U12, TagSize = U16> + KeyInit + KeySizeUser,
{
    fn new<const KEY: usize>(master: &MasterKey, encryption: Label, salt: Label) -> Self {
        let mut key = Key::<A>::default();
        key.copy_from_slice(&session_key::<KEY>(master, encryption));
        Self { cipher: A::new(&key), salt: session_key(master, salt) }
    }

    /// The initialization vector of RTP and RTCP alike (RFC 7714 §8.1, §9.1): SSRC and index, with two zeros before
    /// each in RTCP's case; its index has four bytes, that of RTP six.
    fn nonce(&self, id: PacketId) -> Nonce<A> {
        let mut nonce = Nonce::<A>::default();
        nonce[2..6].copy_from_slice(&id.ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&id.index.to_be_bytes()[2..]);
        nonce.iter_mut().zip(&self.salt).for_each(|(byte, salt)| *byte ^= salt);
        nonce
    }

    fn seal(&self, aad: &[u8], data: &mut [u8], tag: &mut [u8], id: PacketId) {
        let sealed = self.cipher.encrypt_inout_detached(&self.nonce(id), aad, data.into());
        // It fails for messages of 64 GiB only.
        if let Ok(sealed) = sealed {
            tag.copy_from_slice(&sealed);
        }
    }

    fn open(&self, aad: &[u8], data: &mut [u8], tag: &[u8], id: PacketId) -> Result<(), SrtpError> {
        let tag = Tag::<A>::try_from(tag).map_err(|_| SrtpError::Malformed)?;
        let opened = self.cipher.decrypt_inout_detached(&self.nonce(id), aad, data.into(), &tag);
        opened.map_err(|_| SrtpError::Unauthenticated)
    }
}

/// What is signed of an RTCP packet beside what is encrypted: its first bytes and its last (RFC 7714 §9.2).
fn rtcp_aad(clear: &[u8], id: PacketId) -> [u8; RTCP_CLEAR + INDEX_WORD] {
    let mut aad = [0; RTCP_CLEAR + INDEX_WORD];
    aad[..RTCP_CLEAR].copy_from_slice(clear);
    aad[RTCP_CLEAR..].copy_from_slice(&id.index_word());
    aad
}

/// The suites of RFC 7714.
pub(super) struct Galois<A> {
    rtp: Keys<A>,
    rtcp: Keys<A>,
}

impl<A> Galois<A>
where
    A: AeadInOut + AeadCore<NonceSize = U12, TagSize = U16> + KeyInit + KeySizeUser,
{
    /// `KEY`: bytes of its key.
    pub(super) fn new<const KEY: usize>(master: &MasterKey) -> Self {
        Self {
            rtp: Keys::new::<KEY>(master, Label::RtpEncryption, Label::RtpSalt),
            rtcp: Keys::new::<KEY>(master, Label::RtcpEncryption, Label::RtcpSalt),
        }
    }
}

impl<A> Transform for Galois<A>
where
    A: AeadInOut + AeadCore<NonceSize = U12, TagSize = U16> + KeyInit + KeySizeUser + Send,
{
    fn seal_rtp(&self, buffer: &mut [u8], clear: usize, id: PacketId) {
        let (packet, tag) = buffer.split_at_mut(buffer.len() - TAG);
        let (aad, data) = packet.split_at_mut(clear);
        self.rtp.seal(aad, data, tag, id);
    }

    fn seal_rtcp(&self, buffer: &mut [u8], id: PacketId) {
        let (sealed, word) = buffer.split_at_mut(buffer.len() - INDEX_WORD);
        word.copy_from_slice(&id.index_word());
        let (packet, tag) = sealed.split_at_mut(sealed.len() - TAG);
        let (clear, data) = packet.split_at_mut(RTCP_CLEAR);
        self.rtcp.seal(&rtcp_aad(clear, id), data, tag, id);
    }

    fn open_rtp(&self, packet: &mut [u8], clear: usize, id: PacketId) -> Result<(), SrtpError> {
        let (packet, tag) = packet.split_at_mut(packet.len() - TAG);
        let (aad, data) = packet.split_at_mut(clear);
        self.rtp.open(aad, data, tag, id)
    }

    fn open_rtcp(&self, packet: &mut [u8], id: PacketId) -> Result<(), SrtpError> {
        let (sealed, _) = packet.split_at_mut(packet.len() - INDEX_WORD);
        let (packet, tag) = sealed.split_at_mut(sealed.len() - TAG);
        let (clear, data) = packet.split_at_mut(RTCP_CLEAR);
        self.rtcp.open(&rtcp_aad(clear, id), data, tag, id)
    }
}

impl<A> fmt::Debug for Galois<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Galois").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use aes_gcm::Aes128Gcm;

    use super::*;

    #[test]
    fn a_packet_is_sealed_as_in_rfc_7714_section_16_1_1() {
        let mut key = Key::<Aes128Gcm>::default();
        (0..).zip(&mut key).for_each(|(n, byte)| *byte = n);
        let keys = Keys { cipher: Aes128Gcm::new(&key), salt: *b"Quid pro quo" };
        let header = [0x80, 0x40, 0xF1, 0x7B, 0x80, 0x41, 0xF8, 0xD3, 0x55, 0x01, 0xA0, 0xB2];
        let mut data = *b"Gallia est omnis divisa in partes tres";
        let mut tag = [0; TAG];
        keys.seal(&header, &mut data, &mut tag, PacketId { ssrc: 0x5501_A0B2, index: 0xF17B });
        assert_eq!(data[..8], [0xF2, 0x4D, 0xE3, 0xA3, 0xFB, 0x34, 0xDE, 0x6C]);
        assert_eq!(u128::from_be_bytes(tag), 0x899D_7F27_BEB1_6A91_52CF_765E_E439_0CCE);
    }
}
