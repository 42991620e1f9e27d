//! The recording side of a session's metrics.

use crate::{Clock, Counter, Histogram, PerformanceMetrics, Stage, StageTimer};

/// What one session counts while it works. Shared as `Arc`: the thread that owns the session writes,
/// any thread takes a [`snapshot`](Self::snapshot).
///
/// Stage timings are taken of one packet in `sample_every`, so that reading the clock does not become
/// a cost of its own; counters count everything.
#[derive(Debug, Default)]
pub struct MetricsCollector {
    /// Packets that came in, good or bad.
    pub packets_in: Counter,
    /// Packets that went out.
    pub packets_out: Counter,
    /// Bytes of the packets that came in.
    pub bytes_in: Counter,
    /// Bytes of the packets that went out.
    pub bytes_out: Counter,
    /// Packets that came in and were dropped, whatever the reason.
    pub dropped: Counter,
    /// Bytes copied from buffer to buffer on the way.
    pub copied_bytes: Counter,
    /// Frames that a pool had ready.
    pub pool_hits: Counter,
    /// Frames that a pool had to make, or could not give.
    pub pool_misses: Counter,
    /// Heap allocations on the packet path, where somebody counts them.
    pub allocations: Counter,
    stages: [Histogram; Stage::ALL.len()],
    sample_every: u32,
    packets_seen: Counter,
}

impl MetricsCollector {
    /// A collector that times the first packet and then one in `sample_every`; 0 times none.
    #[must_use]
    pub fn new(sample_every: u32) -> Self {
        Self { sample_every, ..Self::default() }
    }

    /// Starts timing a packet's stages, if it is this packet's turn and the clock goes.
    /// For the one writing thread, once a packet.
    #[inline]
    pub fn start_timer<'a, C: Clock>(&'a self, clock: &'a C) -> StageTimer<'a, C> {
        let turn = self.packets_seen.get();
        self.packets_seen.add(1);
        let sampled = turn.checked_rem(u64::from(self.sample_every)) == Some(0);
        StageTimer::new(if sampled && clock.is_running() { Some((self, clock)) } else { None })
    }

    /// The times taken of one stage, in nanoseconds.
    #[inline]
    #[must_use]
    pub fn stage(&self, stage: Stage) -> &Histogram {
        // A stage is its own index, as `Stage::ALL` lists them: within bounds by its type.
        &self.stages[stage as usize]
    }

    /// Everything so far, as plain data. From any thread; allocates.
    #[must_use]
    pub fn snapshot(&self) -> PerformanceMetrics {
        PerformanceMetrics {
            packets_in: self.packets_in.get(),
            packets_out: self.packets_out.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
            dropped: self.dropped.get(),
            copied_bytes: self.copied_bytes.get(),
            pool_hits: self.pool_hits.get(),
            pool_misses: self.pool_misses.get(),
            allocations: self.allocations.get(),
            stages: Stage::ALL.map(|stage| self.stage(stage).snapshot()),
        }
    }
}
