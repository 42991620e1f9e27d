//! Why a request is refused.

use std::fmt;

use crate::bencode::BencodeError;

/// Why a request cannot be served. Its text is what the proxy is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NgError {
    /// The datagram is not a cookie, a space and a dictionary.
    Frame,
    /// The dictionary is not bencoded.
    Bencode(BencodeError),
    /// The command needs this key.
    Missing(&'static str),
    /// The value under this key is not of the kind that belongs there.
    Malformed {
        /// The key.
        key: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// No such command.
    UnknownCommand(String),
    /// The session description cannot be read.
    Sdp(String),
    /// A media transport that is not relayed.
    Transport(String),
}

impl fmt::Display for NgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame => f.write_str("not a cookie, a space and a bencoded dictionary"),
            Self::Bencode(error) => error.fmt(f),
            Self::Missing(key) => write!(f, "no \"{key}\" in the request"),
            Self::Malformed { key, expected } => write!(f, "\"{key}\" must be {expected}"),
            Self::UnknownCommand(command) => write!(f, "unknown command \"{command}\""),
            Self::Sdp(reason) => write!(f, "SDP: {reason}"),
            Self::Transport(protocol) => {
                write!(
                    f,
                    "media over {protocol} is not relayed: RTP/AVP, RTP/AVPF, RTP/SAVP and RTP/SAVPF are"
                )
            }
        }
    }
}

impl std::error::Error for NgError {}

impl From<BencodeError> for NgError {
    fn from(error: BencodeError) -> Self {
        Self::Bencode(error)
    }
}
