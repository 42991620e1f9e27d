//! How large a pool is, and what it does when it is empty.

use std::alloc::Layout;
use std::fmt;

use crate::block::Block;
use crate::sample::Sample;

/// Most samples one frame can hold: more than a second of audio at 48 kHz, or the largest UDP datagram.
pub const MAX_FRAME_SAMPLES: usize = 1 << 16;

/// Most frames one pool can hold.
pub const MAX_FRAMES: usize = 1 << 20;

/// What a pool does when a frame is asked for and none is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExhaustionPolicy {
    /// Refuse. The pool never allocates after construction.
    Fail,
    /// Allocate one more frame, until the pool has `max_frames`; then refuse.
    Grow {
        /// Frames the pool may have in all, the initial ones included.
        max_frames: usize,
    },
}

/// Size of a pool. The default holds eight frames of 480 samples (60 ms at 8 kHz) and never grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FramePoolConfig {
    /// Samples each frame has room for, 1 to [`MAX_FRAME_SAMPLES`].
    pub frame_samples: usize,
    /// Frames allocated by the constructor, 0 to [`MAX_FRAMES`]; at least 1 unless the pool may grow.
    pub initial_frames: usize,
    /// What happens when all frames are out.
    pub exhaustion: ExhaustionPolicy,
}

impl Default for FramePoolConfig {
    fn default() -> Self {
        Self { frame_samples: 480, initial_frames: 8, exhaustion: ExhaustionPolicy::Fail }
    }
}

impl FramePoolConfig {
    /// Sets the samples each frame has room for.
    #[must_use]
    pub const fn with_frame_samples(mut self, frame_samples: usize) -> Self {
        self.frame_samples = frame_samples;
        self
    }

    /// Sets the frames allocated by the constructor.
    #[must_use]
    pub const fn with_initial_frames(mut self, initial_frames: usize) -> Self {
        self.initial_frames = initial_frames;
        self
    }

    /// Sets what happens when all frames are out.
    #[must_use]
    pub const fn with_exhaustion(mut self, exhaustion: ExhaustionPolicy) -> Self {
        self.exhaustion = exhaustion;
        self
    }

    /// Frames the pool can have at most.
    #[must_use]
    pub const fn max_frames(&self) -> usize {
        match self.exhaustion {
            ExhaustionPolicy::Fail => self.initial_frames,
            ExhaustionPolicy::Grow { max_frames } => max_frames,
        }
    }

    /// The layout of blocks for frames of `S`, of a configuration that is valid.
    pub(crate) fn checked_layout<S: Sample>(&self) -> Result<Layout, PoolConfigError> {
        self.validate()?;
        Block::layout::<S>(self.frame_samples).ok_or_else(|| self.bad_frame_samples())
    }

    const fn bad_frame_samples(&self) -> PoolConfigError {
        PoolConfigError::new("frame_samples", self.frame_samples, "1 to 65536")
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`PoolConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), PoolConfigError> {
        if !(1..=MAX_FRAME_SAMPLES).contains(&self.frame_samples) {
            return Err(self.bad_frame_samples());
        }
        if self.initial_frames > MAX_FRAMES {
            return Err(PoolConfigError::new("initial_frames", self.initial_frames, "0 to 1048576"));
        }
        match self.exhaustion {
            ExhaustionPolicy::Fail if self.initial_frames == 0 => Err(PoolConfigError::new(
                "initial_frames",
                self.initial_frames,
                "at least 1 in a pool that does not grow",
            )),
            ExhaustionPolicy::Grow { max_frames }
                if max_frames == 0 || max_frames < self.initial_frames || max_frames > MAX_FRAMES =>
            {
                Err(PoolConfigError::new("max_frames", max_frames, "initial_frames (at least 1) to 1048576"))
            }
            ExhaustionPolicy::Fail | ExhaustionPolicy::Grow { .. } => Ok(()),
        }
    }
}

/// A pool size that a constructor refused: which field, what it was, what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfigError {
    field: &'static str,
    value: usize,
    allowed: &'static str,
}

impl PoolConfigError {
    const fn new(field: &'static str, value: usize, allowed: &'static str) -> Self {
        Self { field, value, allowed }
    }

    /// Name of the refused field.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// The refused value.
    #[must_use]
    pub const fn value(&self) -> usize {
        self.value
    }

    /// What would have been accepted.
    #[must_use]
    pub const fn allowed(&self) -> &'static str {
        self.allowed
    }
}

impl fmt::Display for PoolConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, but must be {}", self.field, self.value, self.allowed)
    }
}

impl std::error::Error for PoolConfigError {}

/// Why a pool gave no frame. Small and `Copy`: making one never allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolError {
    /// All frames are out, and the pool may not grow (any more).
    Exhausted {
        /// Frames the pool has.
        frames: usize,
    },
    /// More samples were asked for than a frame has room for.
    TooLong {
        /// Samples asked for.
        samples: usize,
        /// Samples a frame has room for.
        frame_samples: usize,
    },
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted { frames } => write!(f, "all {frames} frames of the pool are in use"),
            Self::TooLong { samples, frame_samples } => {
                write!(f, "{samples} samples do not fit a frame of {frame_samples}")
            }
        }
    }
}

impl std::error::Error for PoolError {}
