//! What became of the packets.

/// Counts of one receiver since it was made. Every packet that arrived is in exactly one of `accepted`,
/// `duplicates`, `late`, `strays` and `oversized`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JitterStats {
    /// Packets that were taken in.
    pub accepted: u64,
    /// Of the accepted, those that came after a packet that was sent later.
    pub reordered: u64,
    /// Packets that had come before.
    pub duplicates: u64,
    /// Packets that came when their time had passed.
    pub late: u64,
    /// Packets that had not come when their time passed and have not come since.
    pub lost: u64,
    /// Accepted packets that were thrown away unheard: the buffer was full, or its source changed.
    pub discarded: u64,
    /// Packets too far off to belong to the stream (RFC 3550 §A.1).
    pub strays: u64,
    /// Packets with more payload than the buffer has room for.
    pub oversized: u64,
    /// How often another source took over: a new SSRC, or a sender that started its numbering over.
    pub source_changes: u64,
}
