//! What can be wrong with packets, keys and their descriptions.

use std::error::Error;
use std::fmt;

use crate::Suite;

/// Why a packet was not taken. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SrtpError {
    /// It is too short for what it says it holds, or of another version.
    Malformed,
    /// Its tag is not one that the key's owner made.
    Unauthenticated,
    /// Its index has been used before (RFC 3711 §3.3.2).
    Repeated,
    /// It is older than what is remembered of its stream.
    TooOld,
    /// An SRTCP packet that is not encrypted, which was not agreed.
    Plain,
    /// The buffer has no room for the tag.
    NoRoom,
    /// The key has protected as many packets, or as many streams, as it may (RFC 3711 §9.2).
    Exhausted,
}

impl fmt::Display for SrtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not an RTP or RTCP packet that can be protected",
            Self::Unauthenticated => "the packet's tag does not fit the key",
            Self::Repeated => "the packet's index has been used before",
            Self::TooOld => "the packet is older than what is remembered",
            Self::Plain => "the packet is not encrypted",
            Self::NoRoom => "no room for the tag",
            Self::Exhausted => "the key has been used up",
        })
    }
}

impl Error for SrtpError {}

/// A master key of the wrong length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError {
    pub(crate) suite: Suite,
    pub(crate) bytes: usize,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suite, bytes } = self;
        let (key, salt) = (suite.key_bytes(), suite.salt_bytes());
        write!(f, "{suite} takes a key of {key} and a salt of {salt} bytes, not {bytes} bytes together")
    }
}

impl Error for KeyError {}

/// Why a crypto attribute cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SdesError {
    /// It is not `tag suite inline:key`.
    Syntax,
    /// The suite is none of [`Suite::ALL`].
    Suite(String),
    /// The key is not base64 (RFC 4648 §4).
    Base64,
    /// The key is of the wrong length.
    Key(KeyError),
    /// There are several keys, or one with a master key identifier.
    KeyIdentifier,
    /// A session parameter that must be kept and is not known.
    Parameter(String),
}

impl fmt::Display for SdesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax => f.write_str("a crypto attribute is `tag suite inline:key`"),
            Self::Suite(name) => write!(f, "unknown crypto suite {name:?}"),
            Self::Base64 => f.write_str("the key is not base64"),
            Self::Key(error) => error.fmt(f),
            Self::KeyIdentifier => {
                f.write_str("several keys, or one with a master key identifier, are not served")
            }
            Self::Parameter(name) => write!(f, "the session parameter {name:?} is not served"),
        }
    }
}

impl Error for SdesError {}
