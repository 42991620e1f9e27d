//! Master keys.

use std::fmt;

use zeroize::Zeroize;

use crate::{KeyError, Suite};

/// Longest key and salt together, in bytes.
pub(crate) const MAX_KEY: usize = 32 + 14;

/// A suite with its master key and salt: all that one direction of a stream is protected by. Overwritten when it is
/// dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    /// The key, then the salt.
    bytes: [u8; MAX_KEY],
}

impl MasterKey {
    /// A key of `suite`: [`Suite::key_bytes`] of key, then [`Suite::salt_bytes`] of salt, as SDP has them. They must
    /// be unpredictable, and other ones for each direction of each call.
    ///
    /// # Errors
    /// [`KeyError`] for another length.
    pub fn new(suite: Suite, key_and_salt: &[u8]) -> Result<Self, KeyError> {
        let length = Self::length(suite);
        if key_and_salt.len() != length {
            return Err(KeyError { suite, bytes: key_and_salt.len() });
        }
        let mut bytes = [0; MAX_KEY];
        bytes[..length].copy_from_slice(key_and_salt);
        Ok(Self { suite, bytes })
    }

    /// A key of `suite` that `fill` writes: the generator of random bytes.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn generate<E>(suite: Suite, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = [0; MAX_KEY];
        fill(&mut bytes[..Self::length(suite)])?;
        Ok(Self { suite, bytes })
    }

    /// What it is for.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Key and salt together, as SDP has them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..Self::length(self.suite)]
    }

    /// Key and salt apart.
    pub(crate) fn parts(&self) -> (&[u8], &[u8]) {
        self.bytes().split_at(self.suite.key_bytes())
    }

    pub(crate) const fn length(suite: Suite) -> usize {
        suite.key_bytes() + suite.salt_bytes()
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("suite", &self.suite).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_length_is_refused_with_its_length() {
        for suite in Suite::ALL {
            let length = MasterKey::length(suite);
            assert!(MasterKey::new(suite, &[7; MAX_KEY][..length]).is_ok());
            for wrong in [0, length - 1, length + 1] {
                let error = MasterKey::new(suite, &vec![7; wrong]).unwrap_err().to_string();
                assert!(error.contains(&format!("not {wrong} bytes")), "{error}");
            }
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = MasterKey::new(Suite::AeadAes128Gcm, &[113; 28]).unwrap();
        let printed = format!("{key:?}");
        assert!(printed.contains("AeadAes128Gcm") && !printed.contains("113"), "{printed}");
    }
}
