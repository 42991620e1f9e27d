//! Where frames come from that outlive the packet in hand, or are to be worked on apart from it.

use mc_metrics::MetricsCollector;
use mc_pool::{AudioFramePool, FramePoolConfig, PoolConfigError, PoolError, PooledAudioFrame};

/// A session's frames: from a pool of its own, or each from the heap.
#[derive(Debug)]
pub(crate) enum FrameSource {
    Pooled(AudioFramePool<f32>),
    Allocated(FramePoolConfig),
}

impl FrameSource {
    /// A pool of `frames` frames of `samples` samples; `None` allocates each frame when it is asked for.
    pub(crate) fn new(frames: Option<usize>, samples: usize) -> Result<Self, PoolConfigError> {
        let config = FramePoolConfig::default().with_frame_samples(samples);
        Ok(match frames {
            Some(frames) => Self::Pooled(AudioFramePool::new(config.with_initial_frames(frames))?),
            None => Self::Allocated(config.with_initial_frames(1)),
        })
    }

    /// A frame with the samples of `source`.
    pub(crate) fn copy(
        &self,
        source: &[f32],
        metrics: &MetricsCollector,
    ) -> Result<PooledAudioFrame<f32>, PoolError> {
        let copy = self.lend(|pool| pool.get_copy(source));
        match copy {
            Ok(_) => self.count_copy(size_of_val(source), metrics),
            Err(_) => metrics.pool_misses.add(1),
        }
        copy
    }

    /// Counts a frame that was taken, and the bytes copied into it.
    pub(crate) fn count_copy(&self, bytes: usize, metrics: &MetricsCollector) {
        metrics.copied_bytes.add(bytes as u64);
        match self {
            Self::Pooled(_) => metrics.pool_hits.add(1),
            Self::Allocated(_) => {
                metrics.pool_misses.add(1);
                metrics.allocations.add(1);
            }
        }
    }

    /// Lets `take` have a frame of the pool.
    pub(crate) fn lend<T>(
        &self,
        take: impl FnOnce(&AudioFramePool<f32>) -> Result<T, PoolError>,
    ) -> Result<T, PoolError> {
        match self {
            Self::Pooled(pool) => take(pool),
            // The pool goes at once; its one frame stays until it is dropped.
            Self::Allocated(config) => AudioFramePool::new(*config)
                .map_or(Err(PoolError::Exhausted { frames: 0 }), |pool| take(&pool)),
        }
    }
}
