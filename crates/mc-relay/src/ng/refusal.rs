//! Why a proxy is told no.

use std::{fmt, io};

use mc_ng::{NgError, Reply};
use rustix::io::Errno;

use crate::RelayError;

/// Why offers are refused while the workers are busy.
pub(crate) const OVERLOADED: &str = "the workers are busy";

/// The kind of what cannot be understood.
pub(super) const MALFORMED: &str = "malformed";

/// Why a request is not served.
#[derive(Debug)]
pub(super) enum Refusal {
    Request(NgError),
    Relay(RelayError),
    /// No call of this Call-ID, or none that these tags belong to.
    UnknownCall,
    /// The sides share no codec, and none can be transcoded.
    NoCodec,
    /// A side is to be protected, and none of its keys is of a suite that is known and wanted.
    NoSuite,
    /// An answer protects what was offered without protection, or the other way round.
    Downgrade,
    /// No key can be made.
    Random(String),
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
            Self::NoSuite => f.write_str("no crypto attribute with a suite that can be used here"),
            Self::Downgrade => {
                f.write_str("the answer is protected and the offer was not, or the other way round")
            }
            Self::Random(reason) => write!(f, "no key can be made: {reason}"),
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
    /// Why, in a few words that are the same for all requests of a kind.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => MALFORMED,
            Self::Relay(_) => "the media cannot be carried",
            Self::UnknownCall => "unknown call",
            Self::NoCodec => "no common codec",
            Self::NoSuite => "no common crypto suite",
            Self::Downgrade => "protection not as offered",
            Self::Random(_) => "no key",
            Self::TooManyStreams(_) => "too many streams",
            Self::Full(reason) => reason,
            Self::Clip(_) | Self::NothingToPlayTo => "nothing to play",
            Self::NotConfigured(_) => "not configured",
            Self::NotServed(_) => "not served",
        }
    }

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

fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

impl From<RelayError> for Refusal {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::PortsExhausted { .. } => Self::Full("no ports left"),
            RelayError::Overloaded { .. } => Self::Full(OVERLOADED),
            RelayError::Bind { source, .. } if is_out_of_descriptors(&source) => {
                Self::Full("no descriptors left")
            }
            error => Self::Relay(error),
        }
    }
}
