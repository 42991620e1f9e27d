//! Keys in session descriptions (SDES, RFC 4568).

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use crate::key::MAX_KEY;
use crate::{MasterKey, SdesError, Suite};

/// The value of an `a=crypto` attribute: the key that its sender is going to send under.
///
/// ```
/// use mc_srtp::{CryptoAttribute, Suite};
///
/// let value = "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20";
/// let attribute: CryptoAttribute = value.parse()?;
/// assert_eq!((attribute.tag, attribute.key.suite()), (1, Suite::AesCm128HmacSha1_80));
/// assert!(value.starts_with(&attribute.to_string()));
/// # Ok::<(), mc_srtp::SdesError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CryptoAttribute {
    /// By which an answer says which of an offer's attributes it takes, up to nine digits.
    pub tag: u32,
    /// The key, with its suite.
    pub key: MasterKey,
}

/// Longest key in base64.
const MAX_BASE64: usize = MAX_KEY.div_ceil(3) * 4;

impl FromStr for CryptoAttribute {
    type Err = SdesError;

    /// Lifetimes are read over: keys are never used longer than RFC 3711 allows. So are window size hints, and
    /// parameters that their sender does not insist on.
    fn from_str(value: &str) -> Result<Self, SdesError> {
        let mut words = value.split_ascii_whitespace();
        let (Some(tag), Some(suite), Some(keys)) = (words.next(), words.next(), words.next()) else {
            return Err(SdesError::Syntax);
        };
        let is_tag = tag.len() <= 9 && tag.bytes().all(|byte| byte.is_ascii_digit());
        let tag = tag.parse().ok().filter(|_| is_tag).ok_or(SdesError::Syntax)?;
        let suite = Suite::named(suite).ok_or_else(|| SdesError::Suite(suite.into()))?;
        let key = read_key(suite, keys)?;
        match words.find(|parameter| !parameter.starts_with("WSH=") && !parameter.starts_with('-')) {
            Some(parameter) => Err(SdesError::Parameter(parameter.into())),
            None => Ok(Self { tag, key }),
        }
    }
}

/// Reads `inline:key|lifetime`.
fn read_key(suite: Suite, keys: &str) -> Result<MasterKey, SdesError> {
    let (method, info) = keys.split_once(':').ok_or(SdesError::Syntax)?;
    if !method.eq_ignore_ascii_case("inline") {
        return Err(SdesError::Syntax);
    }
    let mut fields = info.split('|');
    let key = fields.next().ok_or(SdesError::Syntax)?;
    // A lifetime has no colon, an identifier has one.
    if info.contains(';') || fields.any(|field| field.contains(':')) {
        return Err(SdesError::KeyIdentifier);
    }
    let mut bytes = Zeroizing::new([0; MAX_BASE64]);
    // Not everybody fills a key up that is no multiple of three bytes long.
    let decoded = Base64Unpadded::decode(key.trim_end_matches('='), bytes.as_mut());
    MasterKey::new(suite, decoded.map_err(|_| SdesError::Base64)?).map_err(SdesError::Key)
}

impl fmt::Display for CryptoAttribute {
    /// The attribute's value, key included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut base64 = Zeroizing::new([0; MAX_BASE64]);
        let key = base64ct::Base64::encode(self.key.bytes(), base64.as_mut()).map_err(|_| fmt::Error)?;
        write!(f, "{} {} inline:{key}", self.tag, self.key.suite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn read(value: &str) -> Result<CryptoAttribute, SdesError> {
        value.parse()
    }

    #[test]
    fn every_suite_is_written_as_it_is_read() {
        for (tag, suite) in (0..).zip(Suite::ALL) {
            let key = MasterKey::generate(suite, |bytes| {
                (1..).zip(bytes).for_each(|(n, byte)| *byte = n * 5);
                Ok::<(), ()>(())
            });
            let attribute = CryptoAttribute { tag, key: key.unwrap() };
            let written = attribute.to_string();
            assert_eq!(read(&written), Ok(attribute.clone()));
            assert_eq!(read(written.trim_end_matches('=')), Ok(attribute));
        }
    }

    #[test]
    fn what_can_be_read_over_is() {
        let plain = read(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}")).unwrap();
        for more in ["|2^31", "|1048576", " WSH=64", " -FEC_ORDER=FEC_SRTP", "|2^20 WSH=128"] {
            assert_eq!(read(&format!("1 aes_cm_128_hmac_sha1_80 {KEY}{more}")), Ok(plain.clone()));
        }
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        let suite = "AES_CM_128_HMAC_SHA1_80";
        for (value, error) in [
            (String::new(), SdesError::Syntax),
            (format!("1 {suite}"), SdesError::Syntax),
            (format!("x {suite} {KEY}"), SdesError::Syntax),
            (format!("+1 {suite} {KEY}"), SdesError::Syntax),
            (format!("1 {suite} outline:AAAA"), SdesError::Syntax),
            (format!("1 F8_128_HMAC_SHA1_80 {KEY}"), SdesError::Suite("F8_128_HMAC_SHA1_80".into())),
            (format!("1 {suite} inline:***"), SdesError::Base64),
            (format!("1 {suite} {}", KEY.repeat(9)), SdesError::Base64),
            (format!("1 {suite} {KEY}|2^20|1:4"), SdesError::KeyIdentifier),
            (format!("1 {suite} {KEY};{KEY}"), SdesError::KeyIdentifier),
            (format!("1 {suite} {KEY} KDR=1"), SdesError::Parameter("KDR=1".into())),
            (format!("1 {suite} {KEY} UNENCRYPTED_SRTCP"), SdesError::Parameter("UNENCRYPTED_SRTCP".into())),
        ] {
            assert_eq!(read(&value), Err(error), "{value}");
        }
        assert!(matches!(read(&format!("1 AEAD_AES_256_GCM {KEY}")), Err(SdesError::Key(_))));
    }
}
