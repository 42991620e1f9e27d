//! Frames in the sizes of telephony packets.

use std::mem::MaybeUninit;

use crate::config::{ExhaustionPolicy, FramePoolConfig, PoolConfigError, PoolError};
use crate::frame::PooledAudioFrame;
use crate::local::LocalAudioFrame;
use crate::pool::AudioFramePool;
use crate::sample::Sample;
use crate::stats::PoolStats;

/// Samples the frames of each class have room for: 20, 40 and 60 ms at 8 kHz.
pub const RTP_FRAME_CLASSES: [usize; 3] = [160, 320, 480];

/// Size of an [`RtpProcessingBufferPool`]. The default has four frames of each class and never grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtpPoolConfig {
    /// Frames of each class allocated by the constructor; range as in [`FramePoolConfig`].
    pub initial_frames: usize,
    /// What happens when all frames of a class are out, before a larger class helps; a maximum is one for
    /// each class.
    pub exhaustion: ExhaustionPolicy,
}

impl Default for RtpPoolConfig {
    fn default() -> Self {
        Self { initial_frames: 4, exhaustion: ExhaustionPolicy::Fail }
    }
}

impl RtpPoolConfig {
    /// Sets the frames of each class allocated by the constructor.
    #[must_use]
    pub const fn with_initial_frames(mut self, initial_frames: usize) -> Self {
        self.initial_frames = initial_frames;
        self
    }

    /// Sets what happens when all frames of a class are out.
    #[must_use]
    pub const fn with_exhaustion(mut self, exhaustion: ExhaustionPolicy) -> Self {
        self.exhaustion = exhaustion;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`PoolConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), PoolConfigError> {
        let [smallest, ..] = RTP_FRAME_CLASSES;
        self.class(smallest).validate()
    }

    const fn class(&self, frame_samples: usize) -> FramePoolConfig {
        FramePoolConfig { frame_samples, initial_frames: self.initial_frames, exhaustion: self.exhaustion }
    }
}

/// An [`AudioFramePool`] for each of [`RTP_FRAME_CLASSES`], so that a 20 ms frame does not take the room, and
/// the cache lines, of a 60 ms one.
///
/// A frame comes from the smallest class it fits; when that is exhausted, from the next larger one that is
/// not. The refusal then counts in the smaller class, so its `exhausted` shows what it lacks.
///
/// ```
/// use mc_pool::{RtpPoolConfig, RtpProcessingBufferPool};
///
/// let pool: RtpProcessingBufferPool<i16> = RtpProcessingBufferPool::new(RtpPoolConfig::default())?;
/// let frame = pool.local(160)?;
/// assert_eq!(pool.stats().map(|class| class.outstanding), [1, 0, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RtpProcessingBufferPool<S: Sample = f32> {
    /// In the order of [`RTP_FRAME_CLASSES`].
    classes: [AudioFramePool<S>; RTP_FRAME_CLASSES.len()],
}

impl<S: Sample> RtpProcessingBufferPool<S> {
    /// A pool with `initial_frames` frames of each class allocated.
    ///
    /// # Errors
    /// [`PoolConfigError`] as [`RtpPoolConfig::validate`].
    pub fn new(config: RtpPoolConfig) -> Result<Self, PoolConfigError> {
        let [small, medium, large] =
            RTP_FRAME_CLASSES.map(|samples| AudioFramePool::new(config.class(samples)));
        Ok(Self { classes: [small?, medium?, large?] })
    }

    /// A frame of `samples` zeros. It may go to another thread and outlive the pool.
    ///
    /// # Errors
    /// [`PoolError::TooLong`] above the largest class, [`PoolError::Exhausted`] when no class has room.
    #[inline]
    pub fn get(&self, samples: usize) -> Result<PooledAudioFrame<S>, PoolError> {
        self.class_for(samples)?.get(samples)
    }

    /// A frame that `init` writes; see [`AudioFramePool::get_with`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn get_with(
        &self,
        samples: usize,
        init: impl for<'a> FnOnce(&'a mut [MaybeUninit<S>]) -> &'a mut [S],
    ) -> Result<PooledAudioFrame<S>, PoolError> {
        self.class_for(samples)?.get_with(samples, init)
    }

    /// A frame of `samples` zeros for use right here; see [`AudioFramePool::local`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn local(&self, samples: usize) -> Result<LocalAudioFrame<'_, S>, PoolError> {
        self.class_for(samples)?.local(samples)
    }

    /// A frame for use right here that `init` writes; see [`AudioFramePool::local_with`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn local_with(
        &self,
        samples: usize,
        init: impl for<'a> FnOnce(&'a mut [MaybeUninit<S>]) -> &'a mut [S],
    ) -> Result<LocalAudioFrame<'_, S>, PoolError> {
        self.class_for(samples)?.local_with(samples, init)
    }

    /// Takes a frame back; see [`AudioFramePool::put`].
    #[inline]
    pub fn put(&self, frame: PooledAudioFrame<S>) {
        if let Some(class) = self.classes.iter().find(|class| class.owns(&frame)) {
            class.put(frame);
        }
    }

    /// Allocates ahead until each class has `frames` frames; see [`AudioFramePool::prewarm`].
    ///
    /// # Errors
    /// As [`AudioFramePool::prewarm`].
    pub fn prewarm(&self, frames: usize) -> Result<(), PoolError> {
        self.classes.iter().try_for_each(|class| class.prewarm(frames))
    }

    /// What each class did so far, in the order of [`RTP_FRAME_CLASSES`].
    #[must_use]
    pub fn stats(&self) -> [PoolStats; RTP_FRAME_CLASSES.len()] {
        self.classes.each_ref().map(AudioFramePool::stats)
    }

    /// The smallest class that has a frame for `samples`.
    #[inline]
    fn class_for(&self, samples: usize) -> Result<&AudioFramePool<S>, PoolError> {
        let [.., frame_samples] = RTP_FRAME_CLASSES;
        let mut refusal = PoolError::TooLong { samples, frame_samples };
        for class in self.classes.iter().filter(|class| samples <= class.config().frame_samples) {
            match class.make_ready() {
                Ok(()) => return Ok(class),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }
}
