//! A session's metrics as plain data.

use crate::{Choice, HistogramSnapshot, Stage};

/// What a [`MetricsCollector`](crate::MetricsCollector) held at one moment. Its fields mean what the
/// collector's mean.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PerformanceMetrics {
    /// Packets that came in, good or bad.
    pub packets_in: u64,
    /// Packets that went out.
    pub packets_out: u64,
    /// Bytes of the packets that came in.
    pub bytes_in: u64,
    /// Bytes of the packets that went out.
    pub bytes_out: u64,
    /// Packets that came in and were dropped.
    pub dropped: u64,
    /// Bytes copied from buffer to buffer.
    pub copied_bytes: u64,
    /// Frames that a pool had ready. One that stays with who has it, for the next packet, is one frame.
    pub pool_hits: u64,
    /// Frames that a pool had to make, or could not give.
    pub pool_misses: u64,
    /// Heap allocations on the packet path, where somebody counts them.
    pub allocations: u64,
    /// How things are done where there are several ways; after a [`merge`](Self::merge) each choice that any
    /// session made.
    pub strategies: Vec<Choice>,
    pub(crate) stages: [HistogramSnapshot; Stage::ALL.len()],
}

impl PerformanceMetrics {
    /// The times taken of one stage, in nanoseconds.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> &HistogramSnapshot {
        &self.stages[stage as usize]
    }

    /// Adds another session's metrics to these.
    pub fn merge(&mut self, other: &Self) {
        self.packets_in += other.packets_in;
        self.packets_out += other.packets_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.dropped += other.dropped;
        self.copied_bytes += other.copied_bytes;
        self.pool_hits += other.pool_hits;
        self.pool_misses += other.pool_misses;
        self.allocations += other.allocations;
        for choice in &other.strategies {
            if !self.strategies.contains(choice) {
                self.strategies.push(*choice);
            }
        }
        for (stage, more) in self.stages.iter_mut().zip(&other.stages) {
            stage.merge(more);
        }
    }
}
