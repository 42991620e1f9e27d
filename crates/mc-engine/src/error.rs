//! Why a session was not made, or not changed.

use std::fmt;

use mc_dsp::ConfigError;

/// What [`MediaEngine::create_media_session`](crate::MediaEngine::create_media_session) and
/// [`MediaSessionHandle::reconfigure`](crate::MediaSessionHandle::reconfigure) can refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineError {
    /// A parameter is out of range.
    Config(ConfigError),
    /// There are as many sessions as the engine may have.
    TooManySessions {
        /// The engine's [`max_sessions`](crate::MediaEngineConfig::max_sessions).
        max_sessions: usize,
    },
    /// The session has ended.
    Ended,
}

impl From<ConfigError> for EngineError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::TooManySessions { max_sessions } => {
                write!(f, "all {max_sessions} media sessions of the engine are in use")
            }
            Self::Ended => write!(f, "the media session has ended"),
        }
    }
}

impl std::error::Error for EngineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => Some(error),
            Self::TooManySessions { .. } | Self::Ended => None,
        }
    }
}
