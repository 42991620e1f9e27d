//! What the proxy is answered.

use crate::bencode::{Dictionary, Value};

/// An answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<'a>(Dictionary<'a>);

impl<'a> Reply<'a> {
    /// It was done.
    #[must_use]
    pub fn ok() -> Self {
        Self(Dictionary::default().with("result", "ok"))
    }

    /// The answer to a ping.
    #[must_use]
    pub fn pong() -> Self {
        Self(Dictionary::default().with("result", "pong"))
    }

    /// It was not done, and why.
    #[must_use]
    pub fn error(reason: &'a str) -> Self {
        Self(Dictionary::default().with("result", "error").with("error-reason", reason))
    }

    /// It was not done because there is no room; a proxy may ask another relay.
    #[must_use]
    pub fn load_limit(reason: &'a str) -> Self {
        Self(Dictionary::default().with("result", "load limit").with("message", reason))
    }

    /// It was done, with a remark.
    #[must_use]
    pub fn warning(remark: &'a str) -> Self {
        Self(Self::ok().0.with("warning", remark))
    }

    /// With `value` under `key`.
    #[must_use]
    pub fn with(self, key: &'a str, value: impl Into<Value<'a>>) -> Self {
        Self(self.0.with(key, value))
    }

    /// The datagram for the request that had this cookie.
    #[must_use]
    pub fn datagram(self, cookie: &[u8]) -> Vec<u8> {
        let mut datagram = cookie.to_vec();
        datagram.push(b' ');
        Value::from(self.0).write(&mut datagram);
        datagram
    }
}

/// The datagram that refuses the request with this cookie.
#[must_use]
pub fn refusal(cookie: &[u8], reason: &str) -> Vec<u8> {
    Reply::error(reason).datagram(cookie)
}
