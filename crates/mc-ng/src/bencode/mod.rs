//! Bencoding, as the NG protocol uses it: keys in any order, bytes of any kind.
//!
//! Why not a crate: those that are kept up insist on sorted keys, which SIP proxies do not send, or
//! descend without bound, which one datagram of `l`s turns into a stack overflow.

mod measure;
mod read;
mod write;

pub use measure::length;
pub use read::{BencodeError, MAX_DEPTH, read};

/// One bencoded value, borrowed from the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `i-7e`.
    Integer(i64),
    /// `4:spam`; text in NG, though nothing enforces it.
    Bytes(&'a [u8]),
    /// `l…e`.
    List(Vec<Value<'a>>),
    /// `d…e`.
    Dictionary(Dictionary<'a>),
}

/// Pairs of key and value, in the order they were read or added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary<'a>(Vec<(&'a [u8], Value<'a>)>);

impl<'a> Value<'a> {
    /// The text of a byte string; `None` for other kinds and for what is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match *self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The number, which proxies write as such or as text.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            other => other.text()?.parse().ok(),
        }
    }

    /// The texts of a list, or the one text that stands where a list may stand.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> {
        match self {
            Self::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        }
        .iter()
        .filter_map(Value::text)
    }

    /// Appends the value's bytes to `to`. Keys are sorted, as bencoding wants them.
    pub fn write(&self, to: &mut Vec<u8>) {
        write::value(self, to);
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Bytes(text.as_bytes())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<'a> From<Dictionary<'a>> for Value<'a> {
    fn from(dictionary: Dictionary<'a>) -> Self {
        Self::Dictionary(dictionary)
    }
}

impl<'a> From<Vec<Value<'a>>> for Value<'a> {
    fn from(items: Vec<Value<'a>>) -> Self {
        Self::List(items)
    }
}

impl<'a> Dictionary<'a> {
    /// The first value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
    }

    /// The text under `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// Keys and values in order; keys that are not UTF-8 are left out.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, &Value<'a>)> {
        self.0.iter().filter_map(|(key, value)| Some((std::str::from_utf8(key).ok()?, value)))
    }

    /// With `value` under `key`.
    #[must_use]
    pub fn with(mut self, key: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.0.push((key.as_bytes(), value.into()));
        self
    }
}
