//! The steps of a packet's way that are timed.

/// A step on a packet's way through a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Payload to samples, parsing the packet included.
    Decode,
    /// Echo cancellation.
    EchoCancel,
    /// Gain control.
    GainControl,
    /// Voice detection.
    VoiceDetect,
    /// Samples to payload, writing the packet included.
    Encode,
    /// The whole way, from the parsed datagram to the one to send.
    Total,
}

impl Stage {
    /// Every stage, in the order of [`MetricsCollector`](crate::MetricsCollector)'s histograms.
    pub const ALL: [Self; 6] =
        [Self::Decode, Self::EchoCancel, Self::GainControl, Self::VoiceDetect, Self::Encode, Self::Total];

    /// A short name in `snake_case`, for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::EchoCancel => "echo_cancel",
            Self::GainControl => "gain_control",
            Self::VoiceDetect => "voice_detect",
            Self::Encode => "encode",
            Self::Total => "total",
        }
    }
}
