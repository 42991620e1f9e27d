//! A frame that its holder owns.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;

use crate::block::Block;
use crate::home::Home;
use crate::sample::Sample;
use crate::shared::SharedAudioBuffer;

/// Samples in a buffer of a pool, owned: a `[S]` of the length asked for, aligned to
/// [`BUFFER_ALIGNMENT`](crate::BUFFER_ALIGNMENT).
///
/// Dropping it, on any thread, returns the buffer to its pool, or frees it when the pool is gone.
pub struct PooledAudioFrame<S: Sample = f32> {
    /// Ours alone.
    block: Block,
    len: usize,
    samples: PhantomData<S>,
}

// SAFETY: the frame owns its samples, which are `Send`; returning a block is made for any thread.
unsafe impl<S: Sample> Send for PooledAudioFrame<S> {}
// SAFETY: a shared frame gives nothing but `&[S]`, and `S` is `Sync`.
unsafe impl<S: Sample> Sync for PooledAudioFrame<S> {}

impl<S: Sample> PooledAudioFrame<S> {
    /// # Safety
    /// The caller has the only use of the live `block`, gives it up, and the first `len` samples of `S` lie
    /// within it and are initialised.
    #[inline]
    pub(crate) const unsafe fn from_block(block: Block, len: usize) -> Self {
        Self { block, len, samples: PhantomData }
    }

    /// The block, which is the caller's alone now.
    #[inline]
    pub(crate) fn into_block(self) -> Block {
        ManuallyDrop::new(self).block
    }

    #[inline]
    pub(crate) fn home(&self) -> NonNull<Home> {
        // SAFETY: our block is live.
        unsafe { self.block.home() }
    }

    /// # Safety
    /// The first `len` samples lie within the block and are initialised.
    #[inline]
    pub(crate) const unsafe fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    /// Keeps the first `samples` samples; a frame that is already no longer stays as it is.
    #[inline]
    pub fn truncate(&mut self, samples: usize) {
        self.len = self.len.min(samples);
    }

    /// Makes the frame read-only and shareable. Copies nothing.
    #[must_use]
    pub fn freeze(self) -> SharedAudioBuffer<S> {
        SharedAudioBuffer::new(self)
    }
}

impl<S: Sample> Drop for PooledAudioFrame<S> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the block is ours alone, and we go.
        unsafe { Home::bring_back(self.block) };
    }
}

impl<S: Sample> Deref for PooledAudioFrame<S> {
    type Target = [S];

    #[inline]
    fn deref(&self) -> &[S] {
        // SAFETY: `len` initialised samples of a live block that is ours.
        unsafe { slice::from_raw_parts(self.block.samples().as_ptr(), self.len) }
    }
}

impl<S: Sample> DerefMut for PooledAudioFrame<S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [S] {
        // SAFETY: as in `deref`, and nobody else has the block.
        unsafe { slice::from_raw_parts_mut(self.block.samples().as_ptr(), self.len) }
    }
}

impl<S: Sample> fmt::Debug for PooledAudioFrame<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledAudioFrame").field(&&**self).finish()
    }
}
