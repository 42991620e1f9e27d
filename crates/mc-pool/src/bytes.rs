//! To [`bytes::Bytes`], for code at the edges that speaks it.
//!
//! Each conversion copies no sample but allocates once, for the handle that `Bytes` keeps
//! ([`Bytes::from_owner`]); the packet path does without.

use bytes::Bytes;

use crate::shared::SharedAudioBuffer;
use crate::view::ZeroCopyAudioFrame;

/// Without a copy, with one allocation. The buffer goes back to its pool with the last `Bytes` of it.
impl From<SharedAudioBuffer<u8>> for Bytes {
    fn from(buffer: SharedAudioBuffer<u8>) -> Self {
        Self::from_owner(buffer)
    }
}

/// Without a copy, with one allocation. The buffer goes back to its pool with the last `Bytes` of it.
impl From<ZeroCopyAudioFrame<u8>> for Bytes {
    fn from(frame: ZeroCopyAudioFrame<u8>) -> Self {
        Self::from_owner(frame)
    }
}
