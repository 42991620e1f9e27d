//! What the relay's control side can refuse.

use std::net::{IpAddr, SocketAddr};
use std::{fmt, io};

use mc_engine::{ConfigError, EngineError};

use crate::{DialogId, LegId};

/// Why a call was not started, changed or stopped, or the relay not made.
#[derive(Debug)]
#[non_exhaustive]
pub enum RelayError {
    /// The relay's configuration, or a leg's, is out of range.
    Config(ConfigError),
    /// The engine, or one leg's media session, was refused.
    Engine(EngineError),
    /// A call of this name runs already.
    DialogExists(DialogId),
    /// No call of this name runs (any more).
    UnknownDialog(DialogId),
    /// The application carries this dialog's audio itself, so there is no media session.
    NotCarried(DialogId),
    /// The relay carries this dialog's audio itself, and processes it on its way.
    Carried(DialogId),
    /// Every pair of ports of the range is taken at this address.
    PortsExhausted {
        /// The address that was to be bound.
        local_ip: IpAddr,
        /// First port of the range.
        first: u16,
        /// Last port of the range.
        last: u16,
    },
    /// The workers are as busy as they [may get](crate::RelayConfig::max_load), or will be with what was promised.
    Overloaded {
        /// What the next call's worker is expected to need of its core.
        expected: f32,
    },
    /// The local address cannot be bound.
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Media cannot be sent to this address.
    Remote {
        /// The leg it was announced for.
        leg: LegId,
        /// The address.
        remote: SocketAddr,
    },
    /// One end is IPv4 and the other IPv6.
    AddressFamily {
        /// The leg.
        leg: LegId,
        /// Its local address.
        local_ip: IpAddr,
        /// Its remote address.
        remote: SocketAddr,
    },
    /// The system refused a thread, a poller or a place in one.
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The worker thread that was to do it has come down on a fault. What it carried has ended; another takes
    /// its place.
    WorkerGone,
}

impl fmt::Display for RelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
            Self::DialogExists(dialog) => write!(f, "a call {dialog} runs already"),
            Self::UnknownDialog(dialog) => write!(f, "no call {dialog} runs"),
            Self::NotCarried(dialog) => write!(f, "the relay does not carry the audio of {dialog}"),
            Self::Carried(dialog) => write!(f, "the relay carries the audio of {dialog} itself"),
            Self::PortsExhausted { local_ip, first, last } => {
                write!(f, "no pair of ports is free at {local_ip} between {first} and {last}")
            }
            Self::Overloaded { expected } => {
                write!(f, "the workers are busy: {:.0} % of a core", expected * 100.0)
            }
            Self::Bind { address, source } => write!(f, "cannot bind {address}: {source}"),
            Self::Remote { leg, remote } => {
                write!(f, "leg {leg}: cannot send to {remote}, must be one host's address and port")
            }
            Self::AddressFamily { leg, local_ip, remote } => {
                write!(f, "leg {leg}: local address {local_ip} and remote {remote} are of different families")
            }
            Self::System { what, source } => write!(f, "cannot get {what}: {source}"),
            Self::WorkerGone => write!(f, "the worker that carries the call has ended on a fault"),
        }
    }
}

impl std::error::Error for RelayError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => Some(error),
            Self::Engine(error) => Some(error),
            Self::Bind { source, .. } | Self::System { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<ConfigError> for RelayError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<EngineError> for RelayError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}
