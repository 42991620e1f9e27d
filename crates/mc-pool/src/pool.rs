//! The pool of one owner.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use crate::block::Block;
use crate::config::{ExhaustionPolicy, FramePoolConfig, PoolConfigError, PoolError};
use crate::frame::PooledAudioFrame;
use crate::home::ReturnStack;
use crate::list::BlockList;
use crate::local::LocalAudioFrame;
use crate::sample::Sample;
use crate::stats::PoolStats;

/// Frames of `S` that are reused instead of allocated, handed out by one owner.
///
/// The pool may move to another thread but not be shared by several (`Send`, not `Sync`), so taking a frame
/// is a plain list operation. How a frame comes back is up to its kind:
///
/// | | comes back | may leave the thread |
/// |---|---|---|
/// | [`LocalAudioFrame`] of [`local`](Self::local) | plain list operation | no, it borrows the pool |
/// | [`PooledAudioFrame`] of [`get`](Self::get), dropped | one compare-and-swap | yes, and outlive the pool |
/// | [`PooledAudioFrame`] given to [`put`](Self::put) | plain list operation | yes |
///
/// A frame never shows samples of an earlier use: it is zeroed when it is handed out, or wholly written by
/// the closure given to [`get_with`](Self::get_with) or [`local_with`](Self::local_with).
///
/// ```
/// use mc_pool::{AudioFramePool, FramePoolConfig, PoolError};
///
/// let pool: AudioFramePool = AudioFramePool::new(FramePoolConfig::default().with_initial_frames(1))?;
/// let frame = pool.get(160)?;
/// assert_eq!(pool.get(160).unwrap_err(), PoolError::Exhausted { frames: 1 });
/// std::thread::spawn(move || drop(frame)).join().unwrap();
/// assert!(pool.get(160).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AudioFramePool<S: Sample = f32> {
    config: FramePoolConfig,
    home: NonNull<ReturnStack>,
    /// Free blocks at hand; those that came back from elsewhere wait in `home`.
    free: BlockList,
    frames: Cell<usize>,
    served: Cell<u64>,
    grown: Cell<u64>,
    exhausted: Cell<u64>,
    copied_bytes: Cell<u64>,
    samples: PhantomData<S>,
}

// SAFETY: the blocks in `free` are the pool's alone, samples are `Send`, and `home` is made for use from many
// threads. Not `Sync`: the cells are for one thread at a time.
unsafe impl<S: Sample> Send for AudioFramePool<S> {}

impl<S: Sample> AudioFramePool<S> {
    /// A pool with `initial_frames` frames allocated.
    ///
    /// # Errors
    /// [`PoolConfigError`] as [`FramePoolConfig::validate`].
    pub fn new(config: FramePoolConfig) -> Result<Self, PoolConfigError> {
        let layout = config.checked_layout::<S>()?;
        let pool = Self {
            config,
            home: ReturnStack::open(layout),
            free: BlockList::new(),
            frames: Cell::new(0),
            served: Cell::new(0),
            grown: Cell::new(0),
            exhausted: Cell::new(0),
            copied_bytes: Cell::new(0),
            samples: PhantomData,
        };
        while pool.frames.get() < config.initial_frames {
            let block = pool.allocate();
            // SAFETY: nobody has seen the block yet.
            unsafe { pool.free.push(block) };
        }
        Ok(pool)
    }

    /// The configuration the pool was made with.
    #[must_use]
    pub const fn config(&self) -> FramePoolConfig {
        self.config
    }

    /// A frame of `samples` zeros. It may go to another thread and outlive the pool.
    ///
    /// # Errors
    /// [`PoolError::TooLong`] above `frame_samples`, [`PoolError::Exhausted`] when no frame is free and the
    /// pool may not grow.
    #[inline]
    pub fn get(&self, samples: usize) -> Result<PooledAudioFrame<S>, PoolError> {
        let block = self.take(samples)?;
        // SAFETY: `take` gives a block of ours alone, with room for `samples`.
        Ok(unsafe { PooledAudioFrame::zeroed(block, samples) })
    }

    /// A frame that `init` writes: nothing is zeroed first, and nothing old can be read.
    ///
    /// `init` gets room for `samples` and returns the part it has initialised, starting with the first; the
    /// frame is that long. A slice that is not a start of the room counts as nothing. So an error inside
    /// `init` is reported by returning `&mut []`.
    ///
    /// ```
    /// # use mc_pool::{AudioFramePool, FramePoolConfig};
    /// let pool: AudioFramePool<u8> = AudioFramePool::new(FramePoolConfig::default())?;
    /// let frame = pool.get_with(4, |room| room.write_copy_of_slice(&[1, 2, 3, 4]))?;
    /// assert_eq!(*frame, [1, 2, 3, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn get_with(
        &self,
        samples: usize,
        init: impl for<'a> FnOnce(&'a mut [MaybeUninit<S>]) -> &'a mut [S],
    ) -> Result<PooledAudioFrame<S>, PoolError> {
        let block = self.take(samples)?;
        // SAFETY: as in `get`.
        Ok(unsafe { PooledAudioFrame::written_by(block, samples, init) })
    }

    /// A frame with a copy of `source`, counted in [`PoolStats::copied_bytes`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn get_copy(&self, source: &[S]) -> Result<PooledAudioFrame<S>, PoolError> {
        let frame = self.get_with(source.len(), |room| room.write_copy_of_slice(source))?;
        self.copied_bytes.set(self.copied_bytes.get() + size_of_val(source) as u64);
        Ok(frame)
    }

    /// A frame of `samples` zeros for use right here: it comes back without any atomic operation.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn local(&self, samples: usize) -> Result<LocalAudioFrame<'_, S>, PoolError> {
        // SAFETY: the frame is ours.
        self.get(samples).map(|frame| unsafe { LocalAudioFrame::new(frame, self) })
    }

    /// [`local`](Self::local), written by `init` as [`get_with`](Self::get_with) says.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn local_with(
        &self,
        samples: usize,
        init: impl for<'a> FnOnce(&'a mut [MaybeUninit<S>]) -> &'a mut [S],
    ) -> Result<LocalAudioFrame<'_, S>, PoolError> {
        // SAFETY: the frame is ours.
        self.get_with(samples, init).map(|frame| unsafe { LocalAudioFrame::new(frame, self) })
    }

    /// Takes a frame back without an atomic operation. A frame of another pool goes home to that one.
    #[inline]
    pub fn put(&self, frame: PooledAudioFrame<S>) {
        if self.owns(&frame) {
            // SAFETY: it is one of ours.
            unsafe { self.take_back(frame) };
        }
    }

    /// # Safety
    /// `frame` is one of this pool.
    #[inline]
    pub(crate) unsafe fn take_back(&self, frame: PooledAudioFrame<S>) {
        // SAFETY: the frame was the only user of its block, and gave it up.
        unsafe { self.free.push(frame.into_block()) };
    }

    /// Whether a frame came from this pool.
    #[inline]
    pub(crate) fn owns(&self, frame: &PooledAudioFrame<S>) -> bool {
        frame.is_of(self.home)
    }

    /// Allocates now what the pool would allocate later, until it has `frames` frames in all; their memory is
    /// touched, so that the first packets wait neither for the allocator nor for page faults. Frames that
    /// the constructor made are warm already.
    ///
    /// # Errors
    /// [`PoolError::Exhausted`] when the pool may not have that many; it is then as it was.
    pub fn prewarm(&self, frames: usize) -> Result<(), PoolError> {
        if frames > self.config.max_frames() {
            return Err(PoolError::Exhausted { frames: self.frames.get() });
        }
        while self.frames.get() < frames {
            let block = self.allocate();
            // SAFETY: nobody has seen the block yet.
            unsafe { self.free.push(block) };
        }
        Ok(())
    }

    /// What the pool did so far. Frames that other threads returned are taken in first; walks the free list.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.free.append(self.take_returned());
        PoolStats {
            frames: self.frames.get(),
            outstanding: self.frames.get() - self.free.len(),
            hits: self.served.get() - self.grown.get(),
            grown: self.grown.get(),
            exhausted: self.exhausted.get(),
            copied_bytes: self.copied_bytes.get(),
        }
    }

    /// A block nobody else uses, with room for `samples`; what is in it is old.
    #[inline]
    fn take(&self, samples: usize) -> Result<Block, PoolError> {
        let frame_samples = self.config.frame_samples;
        if samples > frame_samples {
            return Err(PoolError::TooLong { samples, frame_samples });
        }
        let block = match self.free.pop() {
            Some(block) => block,
            None => self.take_slow()?,
        };
        self.served.set(self.served.get() + 1);
        Ok(block)
    }

    /// Sees to it that the next request of any length that fits is served.
    #[inline]
    pub(crate) fn make_ready(&self) -> Result<(), PoolError> {
        if self.free.is_empty() {
            let block = self.take_slow()?;
            // SAFETY: `take_slow` gives a block of ours alone.
            unsafe { self.free.push(block) };
        }
        Ok(())
    }

    /// [`take`](Self::take) when no free block is at hand: what others returned, then what may be allocated.
    #[inline(never)]
    fn take_slow(&self) -> Result<Block, PoolError> {
        self.free.append(self.take_returned());
        if let Some(block) = self.free.pop() {
            return Ok(block);
        }
        let frames = self.frames.get();
        match self.config.exhaustion {
            ExhaustionPolicy::Grow { max_frames } if frames < max_frames => {
                self.grown.set(self.grown.get() + 1);
                Ok(self.allocate())
            }
            ExhaustionPolicy::Grow { .. } | ExhaustionPolicy::Fail => {
                self.exhausted.set(self.exhausted.get() + 1);
                Err(PoolError::Exhausted { frames })
            }
        }
    }

    fn allocate(&self) -> Block {
        self.frames.set(self.frames.get() + 1);
        // SAFETY: the home's layout is the one the constructor got for such blocks.
        unsafe { Block::allocate(self.home().layout(), self.home) }
    }

    fn take_returned(&self) -> BlockList {
        // SAFETY: we are the owner.
        unsafe { self.home().take() }
    }

    fn home(&self) -> &ReturnStack {
        // SAFETY: the home is freed by `close` at the earliest, when the pool is dropped.
        unsafe { self.home.as_ref() }
    }
}

impl<S: Sample> Drop for AudioFramePool<S> {
    fn drop(&mut self) {
        // SAFETY: called once, by the owner, which is going.
        unsafe { ReturnStack::close(self.home, &self.free, self.frames.get()) };
    }
}

impl<S: Sample> fmt::Debug for AudioFramePool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioFramePool")
            .field("config", &self.config)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}
