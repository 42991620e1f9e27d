//! What a pool did so far.

/// Counts of one pool at one moment: plain numbers that do not change with the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Frames the pool has, in use or free.
    pub frames: usize,
    /// Frames in use: handed out and not yet returned.
    pub outstanding: usize,
    /// Requests served with a frame that was already there.
    pub hits: u64,
    /// Requests served by allocating one more frame.
    pub grown: u64,
    /// Requests refused because all frames were out.
    pub exhausted: u64,
    /// Bytes copied into frames of this pool by `get_copy` and by copy-on-write.
    pub copied_bytes: u64,
}
