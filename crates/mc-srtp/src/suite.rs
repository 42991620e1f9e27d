//! Crypto suites: which cipher, which tags.

use std::fmt;

/// A crypto suite by its name in SDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Suite {
    /// AES-128 in counter mode, HMAC-SHA1 with tags of 80 bits (RFC 4568 §6.2.1): what everybody knows.
    AesCm128HmacSha1_80,
    /// The same with tags of 32 bits on RTP (RFC 4568 §6.2.2).
    AesCm128HmacSha1_32,
    /// AES-256 in counter mode, HMAC-SHA1 with tags of 80 bits (RFC 6188 §4).
    AesCm256HmacSha1_80,
    /// The same with tags of 32 bits on RTP (RFC 6188 §4).
    AesCm256HmacSha1_32,
    /// AES-128 in Galois/counter mode (RFC 7714 §12).
    AeadAes128Gcm,
    /// AES-256 in Galois/counter mode (RFC 7714 §12).
    AeadAes256Gcm,
}

/// Bytes of a tag of a mode with HMAC-SHA1 over RTCP, which is never shortened to 32 bits (RFC 4568 §6.2.2).
const LONG_TAG: usize = 10;
/// Bytes of the word that every SRTCP packet ends in: whether it is encrypted, and its index (RFC 3711 §3.4).
pub(crate) const INDEX_WORD: usize = 4;

impl Suite {
    /// Every suite, the strongest that is cheap first.
    pub const ALL: [Self; 6] = [
        Self::AeadAes256Gcm,
        Self::AeadAes128Gcm,
        Self::AesCm256HmacSha1_80,
        Self::AesCm256HmacSha1_32,
        Self::AesCm128HmacSha1_80,
        Self::AesCm128HmacSha1_32,
    ];

    /// Bytes that a packet is longest longer by, RTP or RTCP.
    pub const MAX_OVERHEAD: usize = 16 + INDEX_WORD;

    /// Its name in SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AesCm256HmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::AesCm256HmacSha1_32 => "AES_256_CM_HMAC_SHA1_32",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// The suite of that name, whatever its letters' case (RFC 4568 §9.1 has them in capitals; not everybody has).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Bytes of its master key.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 | Self::AeadAes128Gcm => 16,
            Self::AesCm256HmacSha1_80 | Self::AesCm256HmacSha1_32 | Self::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of its master salt.
    #[must_use]
    pub const fn salt_bytes(self) -> usize {
        if self.is_aead() { 12 } else { 14 }
    }

    /// Bytes that an RTP packet is longer by.
    #[must_use]
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm256HmacSha1_80 => LONG_TAG,
            Self::AesCm128HmacSha1_32 | Self::AesCm256HmacSha1_32 => 4,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
        }
    }

    /// Bytes that an RTCP packet is longer by.
    #[must_use]
    pub const fn rtcp_overhead(self) -> usize {
        INDEX_WORD + if self.is_aead() { 16 } else { LONG_TAG }
    }

    /// The index word of an SRTCP packet: before the tag (RFC 3711 §3.4), or behind that of an AEAD (RFC 7714 §9.3).
    pub(crate) fn rtcp_word(self, packet: &[u8]) -> Option<u32> {
        let behind = if self.is_aead() { 0 } else { LONG_TAG };
        let end = packet.len().checked_sub(behind)?;
        packet[..end].last_chunk().copied().map(u32::from_be_bytes)
    }

    const fn is_aead(self) -> bool {
        matches!(self, Self::AeadAes128Gcm | Self::AeadAes256Gcm)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_found_by_its_name() {
        for suite in Suite::ALL {
            assert_eq!(Suite::named(&suite.name().to_lowercase()), Some(suite));
            assert!(suite.rtp_overhead() <= suite.rtcp_overhead());
            assert!(suite.rtcp_overhead() <= Suite::MAX_OVERHEAD);
        }
        assert_eq!(Suite::named("F8_128_HMAC_SHA1_80"), None);
    }
}
