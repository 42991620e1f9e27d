//! Why a packet was dropped.

use std::fmt;

/// The reason for which a datagram was dropped. Small and `Copy`: making one never allocates.
///
/// A dropped datagram leaves the stream, the audio and its own bytes as they were; only
/// [`PacketCounters`](crate::PacketCounters) sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PacketError {
    /// Fewer than the 12 bytes of an RTP header (RFC 3550 §5.1).
    TooShort,
    /// An RTCP packet on the RTP port: packet type 192 to 223 (RFC 5761 §4).
    Rtcp,
    /// The version field is not 2: not RTP.
    Version,
    /// The CSRC list runs past the end of the datagram.
    CsrcOverrun,
    /// The header extension runs past the end of the datagram.
    ExtensionOverrun,
    /// The padding count is 0 or reaches into the header (RFC 3550 §5.1).
    Padding,
    /// Not the payload type of this stream, nor one that is passed on.
    PayloadType,
    /// No payload is left after header and padding.
    EmptyPayload,
    /// More audio than [`MAX_PAYLOAD_SAMPLES`](crate::MAX_PAYLOAD_SAMPLES).
    PayloadTooLong,
    /// A sequence number that was already passed on.
    Duplicate,
    /// A sequence number far from the stream's; passed on once the next packet confirms the jump
    /// (RFC 3550 §A.1).
    SequenceJump,
    /// Every audio frame of the pool is still held by somebody.
    FramesExhausted,
    /// A payload that is passed on as it is, on a muted stream: it cannot be silenced.
    Muted,
    /// Whoever owns the stream has ended it.
    Stopped,
}

impl PacketError {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::TooShort,
        Self::Rtcp,
        Self::Version,
        Self::CsrcOverrun,
        Self::ExtensionOverrun,
        Self::Padding,
        Self::PayloadType,
        Self::EmptyPayload,
        Self::PayloadTooLong,
        Self::Duplicate,
        Self::SequenceJump,
        Self::FramesExhausted,
        Self::Muted,
        Self::Stopped,
    ];

    /// A short name for reports and metric labels, such as `"csrc_overrun"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::Rtcp => "rtcp",
            Self::Version => "version",
            Self::CsrcOverrun => "csrc_overrun",
            Self::ExtensionOverrun => "extension_overrun",
            Self::Padding => "padding",
            Self::PayloadType => "payload_type",
            Self::EmptyPayload => "empty_payload",
            Self::PayloadTooLong => "payload_too_long",
            Self::Duplicate => "duplicate",
            Self::SequenceJump => "sequence_jump",
            Self::FramesExhausted => "frames_exhausted",
            Self::Muted => "muted",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packet dropped: {}", self.name())
    }
}

impl std::error::Error for PacketError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_stands_at_its_own_index() {
        for (index, reason) in PacketError::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason}");
        }
    }
}
