//! A part of a shared buffer, written to only by whoever has it alone.

use std::fmt;
use std::ops::{Bound, Deref, Range, RangeBounds};

use crate::config::PoolError;
use crate::pool::AudioFramePool;
use crate::sample::Sample;
use crate::shared::SharedAudioBuffer;

/// What [`ZeroCopyAudioFrame::make_mut`] had to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyOnWrite {
    /// The buffer was this view's alone: nothing was copied.
    InPlace,
    /// Others read the buffer: the view's samples were copied to a frame of its own.
    Copied {
        /// Bytes copied.
        bytes: usize,
    },
}

/// A range of a [`SharedAudioBuffer`]: made, cloned and sliced without copying a sample, copied on write.
///
/// ```
/// use mc_pool::{AudioFramePool, CopyOnWrite, FramePoolConfig, ZeroCopyAudioFrame};
///
/// let pool: AudioFramePool<i16> = AudioFramePool::new(FramePoolConfig::default())?;
/// let whole = ZeroCopyAudioFrame::from(pool.get_copy(&[1, 2, 3, 4])?.freeze());
/// let mut tail = whole.slice(2..).unwrap();
///
/// let (samples, did) = tail.make_mut(&pool)?;
/// samples[0] = 30;
/// assert_eq!(did, CopyOnWrite::Copied { bytes: 4 });
/// assert_eq!((&*tail, &*whole), (&[30, 4][..], &[1, 2, 3, 4][..]));
/// assert_eq!(tail.make_mut(&pool)?.1, CopyOnWrite::InPlace);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ZeroCopyAudioFrame<S: Sample = f32> {
    buffer: SharedAudioBuffer<S>,
    /// Within the buffer.
    range: Range<usize>,
}

impl<S: Sample> ZeroCopyAudioFrame<S> {
    /// A view of a part of this view; `None` where `range` reaches outside it.
    #[must_use]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Option<Self> {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.checked_add(1)?,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.checked_add(1)?,
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.len(),
        };
        if start > end || end > self.len() {
            return None;
        }
        let offset = self.range.start;
        Some(Self { buffer: self.buffer.clone(), range: offset + start..offset + end })
    }

    /// The samples for writing. When anybody else holds the buffer, the view first moves to a frame of `pool`
    /// with a copy of its own samples, which `pool` counts in
    /// [`copied_bytes`](crate::PoolStats::copied_bytes); what others see never changes.
    ///
    /// # Errors
    /// As [`AudioFramePool::get`]; the view is then as it was.
    pub fn make_mut(&mut self, pool: &AudioFramePool<S>) -> Result<(&mut [S], CopyOnWrite), PoolError> {
        let did = if self.buffer.is_unique() {
            CopyOnWrite::InPlace
        } else {
            let copy = pool.get_copy(self)?;
            let bytes = size_of_val(&*copy);
            *self = Self::from(copy.freeze());
            CopyOnWrite::Copied { bytes }
        };
        let range = self.range.clone();
        // Alone by now, and `range` lies within the buffer: the default is never taken.
        let samples = self.buffer.get_mut().and_then(|samples| samples.get_mut(range)).unwrap_or_default();
        Ok((samples, did))
    }
}

/// A view of the whole buffer.
impl<S: Sample> From<SharedAudioBuffer<S>> for ZeroCopyAudioFrame<S> {
    fn from(buffer: SharedAudioBuffer<S>) -> Self {
        let range = 0..buffer.len();
        Self { buffer, range }
    }
}

impl<S: Sample> Deref for ZeroCopyAudioFrame<S> {
    type Target = [S];

    fn deref(&self) -> &[S] {
        // Within the buffer, so the default is never taken.
        self.buffer.get(self.range.clone()).unwrap_or_default()
    }
}

impl<S: Sample> AsRef<[S]> for ZeroCopyAudioFrame<S> {
    fn as_ref(&self) -> &[S] {
        self
    }
}

impl<S: Sample> fmt::Debug for ZeroCopyAudioFrame<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ZeroCopyAudioFrame").field(&&**self).finish()
    }
}
