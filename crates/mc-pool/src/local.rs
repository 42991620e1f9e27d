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
    frame: ManuallyDrop<PooledAudioFrame<S>>,
    pool: &'pool AudioFramePool<S>,
}

impl<'pool, S: Sample> LocalAudioFrame<'pool, S> {
    #[inline]
    pub(crate) const fn new(frame: PooledAudioFrame<S>, pool: &'pool AudioFramePool<S>) -> Self {
        Self { frame: ManuallyDrop::new(frame), pool }
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
        self.pool.put(unsafe { ManuallyDrop::take(&mut self.frame) });
    }
}

/// To the frame itself, so that everything a [`PooledAudioFrame`] does by reference works here.
impl<S: Sample> Deref for LocalAudioFrame<'_, S> {
    type Target = PooledAudioFrame<S>;

    #[inline]
    fn deref(&self) -> &PooledAudioFrame<S> {
        &self.frame
    }
}

impl<S: Sample> DerefMut for LocalAudioFrame<'_, S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut PooledAudioFrame<S> {
        &mut self.frame
    }
}

impl<S: Sample> fmt::Debug for LocalAudioFrame<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalAudioFrame").field(&&***self).finish()
    }
}
