//! The pool of many owners.

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::block::Block;
use crate::config::{FramePoolConfig, PoolConfigError, PoolError};
use crate::frame::PooledAudioFrame;
use crate::home::ReturnQueue;
use crate::sample::Sample;
use crate::stats::PoolStats;

/// Frames of `S` that many threads take from one pool; a clone is another handle to it.
///
/// For where no single owner exists, such as workers that fill frames for each other. It pays several
/// contended atomic operations per frame, more than an allocator that keeps a cache per thread; a thread that
/// can own its frames does better with an [`AudioFramePool`](crate::AudioFramePool). Frames are of the same
/// type and keep the same promises.
///
/// ```
/// use mc_pool::{FramePoolConfig, SharedFramePool};
///
/// let pool: SharedFramePool = SharedFramePool::new(FramePoolConfig::default())?;
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| pool.get(160).is_ok_and(|frame| frame.len() == 160));
///     }
/// });
/// assert_eq!(pool.stats().outstanding, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SharedFramePool<S: Sample = f32>(Arc<Shared<S>>);

struct Shared<S> {
    config: FramePoolConfig,
    home: NonNull<ReturnQueue>,
    frames: AtomicUsize,
    hits: AtomicU64,
    grown: AtomicU64,
    exhausted: AtomicU64,
    copied_bytes: AtomicU64,
    samples: PhantomData<S>,
}

// SAFETY: blocks in the queue are used by nobody, samples are `Send`, and the rest is atomic.
unsafe impl<S: Sample> Send for Shared<S> {}
// SAFETY: as for `Send`.
unsafe impl<S: Sample> Sync for Shared<S> {}

impl<S: Sample> SharedFramePool<S> {
    /// A pool with `initial_frames` frames allocated.
    ///
    /// # Errors
    /// [`PoolConfigError`] as [`FramePoolConfig::validate`].
    pub fn new(config: FramePoolConfig) -> Result<Self, PoolConfigError> {
        let layout = config.checked_layout::<S>()?;
        let shared = Shared {
            config,
            home: ReturnQueue::open(layout, config.max_frames()),
            frames: AtomicUsize::new(config.initial_frames),
            hits: AtomicU64::new(0),
            grown: AtomicU64::new(0),
            exhausted: AtomicU64::new(0),
            copied_bytes: AtomicU64::new(0),
            samples: PhantomData,
        };
        for _ in 0..config.initial_frames {
            let block = shared.allocate();
            // SAFETY: nobody has seen the block yet.
            unsafe { shared.home().push(block) };
        }
        Ok(Self(Arc::new(shared)))
    }

    /// The configuration the pool was made with.
    #[must_use]
    pub fn config(&self) -> FramePoolConfig {
        self.0.config
    }

    /// A frame of `samples` zeros.
    ///
    /// # Errors
    /// As [`AudioFramePool::get`](crate::AudioFramePool::get).
    pub fn get(&self, samples: usize) -> Result<PooledAudioFrame<S>, PoolError> {
        let block = self.0.take(samples)?;
        // SAFETY: `take` gives a block of ours alone, with room for `samples`.
        Ok(unsafe { PooledAudioFrame::zeroed(block, samples) })
    }

    /// A frame that `init` writes, as [`AudioFramePool::get_with`](crate::AudioFramePool::get_with) says.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_with(
        &self,
        samples: usize,
        init: impl for<'a> FnOnce(&'a mut [MaybeUninit<S>]) -> &'a mut [S],
    ) -> Result<PooledAudioFrame<S>, PoolError> {
        let block = self.0.take(samples)?;
        // SAFETY: as in `get`.
        Ok(unsafe { PooledAudioFrame::written_by(block, samples, init) })
    }

    /// A frame with a copy of `source`, counted in [`PoolStats::copied_bytes`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_copy(&self, source: &[S]) -> Result<PooledAudioFrame<S>, PoolError> {
        let frame = self.get_with(source.len(), |room| room.write_copy_of_slice(source))?;
        self.0.copied_bytes.fetch_add(size_of_val(source) as u64, Ordering::Relaxed);
        Ok(frame)
    }

    /// What the pool did so far. While other threads use the pool, the numbers are each of their own moment.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        let shared = &*self.0;
        let frames = shared.frames.load(Ordering::Relaxed);
        PoolStats {
            frames,
            outstanding: frames.saturating_sub(shared.home().len()),
            hits: shared.hits.load(Ordering::Relaxed),
            grown: shared.grown.load(Ordering::Relaxed),
            exhausted: shared.exhausted.load(Ordering::Relaxed),
            copied_bytes: shared.copied_bytes.load(Ordering::Relaxed),
        }
    }
}

impl<S: Sample> Shared<S> {
    /// A block nobody else uses, counted as out, with room for `samples`.
    fn take(&self, samples: usize) -> Result<Block, PoolError> {
        let frame_samples = self.config.frame_samples;
        if samples > frame_samples {
            return Err(PoolError::TooLong { samples, frame_samples });
        }
        if let Some(block) = self.home().pop() {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(block);
        }
        let one_more = |frames| (frames < self.config.max_frames()).then_some(frames + 1);
        match self.frames.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) {
            Ok(_) => {
                self.grown.fetch_add(1, Ordering::Relaxed);
                self.home().enter();
                Ok(self.allocate())
            }
            Err(frames) => {
                self.exhausted.fetch_add(1, Ordering::Relaxed);
                Err(PoolError::Exhausted { frames })
            }
        }
    }

    fn allocate(&self) -> Block {
        // SAFETY: the home's layout is the one the constructor got for such blocks.
        unsafe { Block::allocate(self.home().layout(), self.home) }
    }

    fn home(&self) -> &ReturnQueue {
        // SAFETY: we are one of the users the home waits for.
        unsafe { self.home.as_ref() }
    }
}

impl<S> Drop for Shared<S> {
    fn drop(&mut self) {
        // SAFETY: the pool was counted when the home was opened, and goes.
        unsafe { ReturnQueue::leave(self.home) };
    }
}

impl<S: Sample> Clone for SharedFramePool<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Sample> fmt::Debug for SharedFramePool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedFramePool")
            .field("config", &self.0.config)
            .field("frames", &self.0.frames)
            .finish_non_exhaustive()
    }
}
