//! A frame that stays beside its pool.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

use crate::frame::PooledAudioFrame;
use crate::pool::AudioFramePool;
use crate::sample::Sample;

/// A [`PooledAudioFrame`] that borrows its pool, and therefore comes back with a plain list operation.
///
/// The borrow is what makes that sound: the pool cannot move to another thread meanwhile, and since a pool is
/// not `Sync`, neither can the frame.
///
/// ```compile_fail
/// # use mc_pool::{AudioFramePool, FramePoolConfig};
/// let pool: AudioFramePool = AudioFramePool::new(FramePoolConfig::default()).unwrap();
/// let frame = pool.local(160).unwrap();
/// std::thread::scope(|scope| scope.spawn(move || drop(frame)).join());
/// ```
pub struct LocalAudioFrame<'pool, S: Sample = f32> {
    /// Of `pool`; nobody gets to see it mutably, so it cannot be exchanged for a frame of another.
    frame: ManuallyDrop<PooledAudioFrame<S>>,
    pool: &'pool AudioFramePool<S>,
}

impl<'pool, S: Sample> LocalAudioFrame<'pool, S> {
    /// # Safety
    /// `frame` is one of `pool`.
    #[inline]
    pub(crate) const unsafe fn new(frame: PooledAudioFrame<S>, pool: &'pool AudioFramePool<S>) -> Self {
        Self { frame: ManuallyDrop::new(frame), pool }
    }

    /// Keeps the first `samples` samples; a frame that is already no longer stays as it is.
    #[inline]
    pub fn truncate(&mut self, samples: usize) {
        self.frame.truncate(samples);
    }

    /// Ends the borrow: the frame may now leave the thread and outlive the pool.
    #[must_use]
    pub fn detach(self) -> PooledAudioFrame<S> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: taken once; `this` is not dropped.
        unsafe { ManuallyDrop::take(&mut this.frame) }
    }
}

impl<S: Sample> Drop for LocalAudioFrame<'_, S> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: taken once, `detach` does not get here.
        let frame = unsafe { ManuallyDrop::take(&mut self.frame) };
        // SAFETY: it is one of the pool's.
        unsafe { self.pool.take_back(frame) };
    }
}

impl<S: Sample> Deref for LocalAudioFrame<'_, S> {
    type Target = [S];

    #[inline]
    fn deref(&self) -> &[S] {
        &self.frame
    }
}

impl<S: Sample> DerefMut for LocalAudioFrame<'_, S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [S] {
        &mut self.frame
    }
}

impl<S: Sample> fmt::Debug for LocalAudioFrame<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalAudioFrame").field(&&**self).finish()
    }
}
