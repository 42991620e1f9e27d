//! What was played.

/// Samples that [`Playout`](super::Playout) played or changed since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlayoutStats {
    /// Samples played, of whatever origin.
    pub played: u64,
    /// Samples made up because packets were missing.
    pub concealed: u64,
    /// Samples of comfort noise, or of silence where none was described, in pauses that the sender left out.
    pub noise: u64,
    /// Samples taken out to lower the delay.
    pub shortened: u64,
    /// Samples put in to raise the delay.
    pub lengthened: u64,
    /// Packets that could not be decoded, or whose audio had no place any more.
    pub undecodable: u64,
}
