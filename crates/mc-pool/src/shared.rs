//! A frame that many may read.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::slice;

use crate::block::Block;
use crate::frame::PooledAudioFrame;
use crate::sample::Sample;
use crate::sync::{AtomicUsize, Ordering};

/// Handles beyond this abort, as in [`std::sync::Arc`]: a count that wrapped would free memory in use.
const MAX_SHARERS: usize = isize::MAX as usize;

/// A frozen frame: read-only, counted, cloned without copying samples. The last handle, on whichever thread
/// it is dropped, returns the buffer to its pool.
pub struct SharedAudioBuffer<S: Sample = f32> {
    /// Shared by as many handles as its header counts.
    block: Block,
    len: usize,
    samples: PhantomData<S>,
}

// SAFETY: handles give `&[S]` only, or `&mut [S]` to the one handle there is; `S` is `Send` and `Sync`, and
// the count is atomic.
unsafe impl<S: Sample> Send for SharedAudioBuffer<S> {}
// SAFETY: as for `Send`.
unsafe impl<S: Sample> Sync for SharedAudioBuffer<S> {}

impl<S: Sample> SharedAudioBuffer<S> {
    pub(crate) fn new(frame: PooledAudioFrame<S>) -> Self {
        let len = frame.len();
        let this = Self { block: frame.into_block(), len, samples: PhantomData };
        this.sharers().store(1, Ordering::Relaxed);
        this
    }

    /// Whether this is the only handle to the samples.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        // Acquire: what other handles read happened before this one may write.
        self.sharers().load(Ordering::Acquire) == 1
    }

    /// The samples for writing, if no other handle reads them.
    #[must_use]
    pub fn get_mut(&mut self) -> Option<&mut [S]> {
        if !self.is_unique() {
            return None;
        }
        // SAFETY: `len` initialised samples of a live block. This handle is the only one, and as it is
        // borrowed mutably no other can be cloned from it.
        Some(unsafe {
            self.block.header().witness.write();
            slice::from_raw_parts_mut(self.block.samples().as_ptr(), self.len)
        })
    }

    fn sharers(&self) -> &AtomicUsize {
        // SAFETY: the block is live while there are handles.
        &unsafe { self.block.header() }.sharers
    }
}

impl<S: Sample> Clone for SharedAudioBuffer<S> {
    fn clone(&self) -> Self {
        // Relaxed: this handle keeps the block alive while the new one is made.
        if self.sharers().fetch_add(1, Ordering::Relaxed) > MAX_SHARERS {
            std::process::abort();
        }
        Self { block: self.block, len: self.len, samples: PhantomData }
    }
}

impl<S: Sample> Drop for SharedAudioBuffer<S> {
    fn drop(&mut self) {
        // Release and acquire: all reading happened before the block is used again.
        if self.sharers().fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: this was the last handle, so the block is ours alone.
            unsafe { self.block.bring_back() };
        }
    }
}

impl<S: Sample> Deref for SharedAudioBuffer<S> {
    type Target = [S];

    fn deref(&self) -> &[S] {
        // SAFETY: `len` initialised samples of a live block; writing needs the only handle.
        unsafe {
            self.block.header().witness.read();
            slice::from_raw_parts(self.block.samples().as_ptr(), self.len)
        }
    }
}

impl<S: Sample> AsRef<[S]> for SharedAudioBuffer<S> {
    fn as_ref(&self) -> &[S] {
        self
    }
}

impl<S: Sample> From<PooledAudioFrame<S>> for SharedAudioBuffer<S> {
    fn from(frame: PooledAudioFrame<S>) -> Self {
        frame.freeze()
    }
}

impl<S: Sample> fmt::Debug for SharedAudioBuffer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedAudioBuffer").field(&&**self).finish()
    }
}
