//! What names a call and its two sides.

use std::fmt;
use std::sync::Arc;

/// Names a call, in the words of whoever signals it: a SIP Call-ID with its tags, for instance
/// (RFC 3261 §12). Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId(Arc<str>);

impl DialogId {
    /// The identifier `name`; any text serves.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DialogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for DialogId {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for DialogId {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// One side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegId {
    /// The first of [`MediaConfig::legs`](crate::MediaConfig::legs).
    A,
    /// The second.
    B,
}

impl LegId {
    /// Both, in the order of every pair of legs in this crate.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// The opposite side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Its place in a pair: 0 or 1.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
        })
    }
}
