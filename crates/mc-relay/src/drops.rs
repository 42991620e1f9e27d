//! Why a datagram that arrived was not passed on.

use std::fmt;

use mc_rtp_pipeline::PacketError;

/// Why a datagram was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// Not from where this leg's peer is: another host, another port than the announced one before its
    /// [time](crate::RelayConfig::latch_after), or queued before the peer's address was settled. From then on the
    /// system drops what others send, and nobody counts it.
    WrongSource,
    /// Longer than [`MAX_DATAGRAM`](crate::MAX_DATAGRAM) bytes.
    DatagramTooLong,
    /// The other leg's address is not known yet.
    NoDestination,
    /// The system did not take the packet for the other leg: its queue was full, or no route. Or, where that leg is
    /// protected, the packet's number had been used before.
    SendFailed,
    /// On a protected leg, what its peer's [key](crate::SrtpKeys) does not open, or has opened before.
    Unauthenticated,
    /// RTCP that is none: cut short, or lengths that do not add up.
    MalformedControl,
    /// RTCP about a stream that leaves with numbers of our own, which it would not fit; see
    /// [`MediaConfig::identity`](crate::MediaConfig::identity).
    ForeignControl,
    /// A key pressed, while keys of this leg are blocked.
    KeyBlocked,
    /// No G.711, while something was played to the other side in the place of it; see
    /// [`play_media`](crate::MediaSessionController::play_media).
    PlayedOver,
    /// Not a packet that this leg takes.
    Packet(PacketError),
}

impl DropReason {
    /// The reasons that the relay itself has, in the order of their counters.
    pub(crate) const OF_RELAY: [Self; 9] = [
        Self::WrongSource,
        Self::DatagramTooLong,
        Self::NoDestination,
        Self::SendFailed,
        Self::Unauthenticated,
        Self::MalformedControl,
        Self::ForeignControl,
        Self::KeyBlocked,
        Self::PlayedOver,
    ];

    /// A short name in `snake_case`, for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongSource => "wrong_source",
            Self::DatagramTooLong => "datagram_too_long",
            Self::NoDestination => "no_destination",
            Self::SendFailed => "send_failed",
            Self::Unauthenticated => "unauthenticated",
            Self::MalformedControl => "malformed_control",
            Self::ForeignControl => "foreign_control",
            Self::KeyBlocked => "key_blocked",
            Self::PlayedOver => "played_over",
            Self::Packet(error) => error.name(),
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
