//! A frame that its holder owns.

use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
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
    /// A frame of `samples` zeros.
    ///
    /// # Safety
    /// The caller has the only use of the live `block`, gives it up, and it has room for `samples`.
    #[inline]
    pub(crate) unsafe fn zeroed(block: Block, samples: usize) -> Self {
        // SAFETY: live, ours alone and large enough; zero bytes are a value of every sample type.
        unsafe {
            block.header().witness.write();
            block.samples::<S>().write_bytes(0, samples);
        }
        Self { block, len: samples, samples: PhantomData }
    }

    /// A frame of what `init` writes into room for `samples`: the slice that it returns, when that starts
    /// where the room does.
    ///
    /// # Safety
    /// As for [`zeroed`](Self::zeroed).
    #[inline]
    pub(crate) unsafe fn written_by(
        block: Block,
        samples: usize,
        init: impl for<'a> FnOnce(&'a mut [MaybeUninit<S>]) -> &'a mut [S],
    ) -> Self {
        // Made before `init` runs, so that the block comes back even if that panics.
        let mut frame = Self { block, len: 0, samples: PhantomData };
        let first = block.samples::<S>().as_ptr();
        // SAFETY: live, ours alone and large enough; nobody looks at the frame meanwhile.
        let room = unsafe {
            block.header().witness.write();
            slice::from_raw_parts_mut(first.cast::<MaybeUninit<S>>(), samples)
        };
        let written = init(room);
        // `init` had nothing but uninitialised room: if it can show values at the start of it, these are
        // written. What it shows from elsewhere says nothing about the room.
        if std::ptr::eq(written.as_ptr(), first) {
            frame.len = written.len().min(samples);
        }
        frame
    }

    /// The block, which is the caller's alone now.
    #[inline]
    pub(crate) fn into_block(self) -> Block {
        ManuallyDrop::new(self).block
    }

    #[inline]
    pub(crate) fn is_of<H: Home>(&self, home: NonNull<H>) -> bool {
        // SAFETY: our block is live.
        unsafe { self.block.is_of(home) }
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
        unsafe { self.block.bring_back() };
    }
}

impl<S: Sample> Deref for PooledAudioFrame<S> {
    type Target = [S];

    #[inline]
    fn deref(&self) -> &[S] {
        // SAFETY: `len` initialised samples of a live block that is ours.
        unsafe {
            self.block.header().witness.read();
            slice::from_raw_parts(self.block.samples().as_ptr(), self.len)
        }
    }
}

impl<S: Sample> DerefMut for PooledAudioFrame<S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [S] {
        // SAFETY: as in `deref`, and nobody else has the block.
        unsafe {
            self.block.header().witness.write();
            slice::from_raw_parts_mut(self.block.samples().as_ptr(), self.len)
        }
    }
}

impl<S: Sample> fmt::Debug for PooledAudioFrame<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledAudioFrame").field(&&**self).finish()
    }
}
