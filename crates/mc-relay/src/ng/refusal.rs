//! Why a proxy is told no.

use std::fmt;

use mc_ng::{NgError, Reply};

use crate::RelayError;

/// Why a request is not served.
#[derive(Debug)]
pub(super) enum Refusal {
    Request(NgError),
    Relay(RelayError),
    /// No call of this Call-ID, or none that these tags belong to.
    UnknownCall,
    /// The sides share no codec, and none can be transcoded.
    NoCodec,
    /// A call of so many streams would take more than its share.
    TooManyStreams(usize),
    /// There is no room for another call.
    Full(&'static str),
    /// What is to be played cannot be.
    Clip(String),
    /// Nothing that the sides speak can be made here.
    NothingToPlayTo,
    /// The operator has not given what this needs.
    NotConfigured(&'static str),
    /// A command of the protocol that is not served.
    NotServed(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(f),
            Self::Relay(error) => error.fmt(f),
            Self::UnknownCall => f.write_str("unknown call-id, or tags of another call"),
            Self::NoCodec => f.write_str("the two sides share no codec, and none can be transcoded"),
            Self::TooManyStreams(most) => write!(f, "more than {most} streams in one call"),
            Self::Full(reason) => f.write_str(reason),
            Self::Clip(reason) => f.write_str(reason),
            Self::NothingToPlayTo => f.write_str("no stream of the call runs with G.711"),
            Self::NotConfigured(what) => write!(f, "the relay was not given {what}"),
            Self::NotServed(command) => write!(f, "\"{command}\" is not served"),
        }
    }
}

impl Refusal {
    /// The datagram that says so.
    pub(super) fn datagram(&self, cookie: &[u8]) -> Vec<u8> {
        let reason = self.to_string();
        match self {
            Self::Full(_) => Reply::load_limit(&reason),
            _ => Reply::error(&reason),
        }
        .datagram(cookie)
    }
}

impl From<NgError> for Refusal {
    fn from(error: NgError) -> Self {
        Self::Request(error)
    }
}

impl From<RelayError> for Refusal {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::PortsExhausted { .. } => Self::Full("no ports left"),
            error => Self::Relay(error),
        }
    }
}
