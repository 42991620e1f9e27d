//! What a proxy can ask for.

/// A command of the NG protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Command {
    /// Is the relay there?
    Ping,
    /// A session description that opens or changes a call.
    Offer,
    /// The session description that accepts an offer.
    Answer,
    /// The call is over.
    Delete,
    /// How is this call?
    Query,
    /// Which calls are there?
    List,
    /// How is the relay?
    Statistics,
    /// Begin to record.
    StartRecording,
    /// End a recording.
    StopRecording,
    /// Play a file or a tone to one side.
    PlayMedia,
    /// End what is played.
    StopMedia,
    /// Let nothing of one side's media through.
    BlockMedia,
    /// Let it through again.
    UnblockMedia,
    /// Press keys in the place of one side.
    PlayDtmf,
    /// Replace one side's media by silence.
    SilenceMedia,
    /// Let it be heard again.
    UnsilenceMedia,
    /// Let no key that one side presses through (RFC 4733).
    BlockDtmf,
    /// Let keys through again.
    UnblockDtmf,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 18] = [
        Self::Ping,
        Self::Offer,
        Self::Answer,
        Self::Delete,
        Self::Query,
        Self::List,
        Self::Statistics,
        Self::StartRecording,
        Self::StopRecording,
        Self::PlayMedia,
        Self::StopMedia,
        Self::BlockMedia,
        Self::UnblockMedia,
        Self::PlayDtmf,
        Self::SilenceMedia,
        Self::UnsilenceMedia,
        Self::BlockDtmf,
        Self::UnblockDtmf,
    ];

    /// The command's name in a request.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Offer => "offer",
            Self::Answer => "answer",
            Self::Delete => "delete",
            Self::Query => "query",
            Self::List => "list",
            Self::Statistics => "statistics",
            Self::StartRecording => "start recording",
            Self::StopRecording => "stop recording",
            Self::PlayMedia => "play media",
            Self::StopMedia => "stop media",
            Self::BlockMedia => "block media",
            Self::UnblockMedia => "unblock media",
            Self::PlayDtmf => "play DTMF",
            Self::SilenceMedia => "silence media",
            Self::UnsilenceMedia => "unsilence media",
            Self::BlockDtmf => "block DTMF",
            Self::UnblockDtmf => "unblock DTMF",
        }
    }

    /// The command of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }
}
