//! What recordings are written as.

use std::fmt;
use std::str::FromStr;

use mc_engine::ConfigError;

/// What a recording is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordingFormat {
    /// To listen to: a WAV file, 16-bit PCM at 8 kHz, what leg A's peer says on the left and leg B's on the right.
    /// Silence and lost packets take the time they took. G.711 only.
    #[default]
    Wav,
    /// To look into: a capture of the media packets that the relay sends of either peer, whatever their codec, each
    /// with the time at which it came. RTCP is left out.
    Pcap,
}

impl RecordingFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Wav, Self::Pcap];

    /// Its name in lower case, which files of this format end in.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Pcap => "pcap",
        }
    }
}

impl fmt::Display for RecordingFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RecordingFormat {
    type Err = ConfigError;

    /// The format of this [`name`](Self::name).
    fn from_str(name: &str) -> Result<Self, ConfigError> {
        let known = Self::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| ConfigError::new("recording format", name, "wav or pcap"))
    }
}
