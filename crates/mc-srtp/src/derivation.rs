//! Session keys from a master key (RFC 3711 §4.3).

use aes::cipher::{KeyIvInit, StreamCipher};
use aes::{Aes128, Aes256};
use ctr::Ctr128BE;

use crate::MasterKey;

/// What a session key is for (RFC 3711 §4.3.2).
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// The session key for `label`, of `N` bytes; one for the whole session, as without a derivation rate.
pub(crate) fn session_key<const N: usize>(master: &MasterKey, label: Label) -> [u8; N] {
    let (key, salt) = master.parts();
    // The label stands seven bytes before the end of the 14 that a salt has; a shorter salt is filled up with zeros
    // behind (RFC 7714 §11). Two bytes more count the blocks.
    let mut iv = [0; 16];
    iv[..salt.len()].copy_from_slice(salt);
    iv[7] ^= label as u8;
    let mut derived = [0; N];
    match <[u8; 16]>::try_from(key) {
        Ok(key) => Ctr128BE::<Aes128>::new(&key.into(), &iv.into()).apply_keystream(&mut derived),
        Err(_) => {
            let mut long = [0; 32];
            long.copy_from_slice(key);
            Ctr128BE::<Aes256>::new(&long.into(), &iv.into()).apply_keystream(&mut derived);
        }
    }
    derived
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;

    /// The bytes that hexadecimal digits stand for.
    fn hex<const N: usize>(digits: &str) -> [u8; N] {
        std::array::from_fn(|byte| u8::from_str_radix(&digits[2 * byte..2 * byte + 2], 16).unwrap())
    }

    #[test]
    fn session_keys_are_those_of_rfc_3711_appendix_b_3() {
        let bytes = hex::<30>("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6");
        let master = MasterKey::new(Suite::AesCm128HmacSha1_80, &bytes).unwrap();
        assert_eq!(session_key(&master, Label::RtpEncryption), hex::<16>("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(session_key(&master, Label::RtpSalt), hex::<14>("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(
            session_key(&master, Label::RtpAuthentication),
            hex::<20>("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
        );
    }
}
