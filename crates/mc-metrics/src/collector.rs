//! The recording side of a session's metrics.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::choice::Choices;
use crate::{Clock, Counter, Histogram, PerformanceMetrics, Stage, StageTimer};

type StageTimes = [Histogram; Stage::ALL.len()];

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
    /// Empty where nobody is to time stages: they take more room than everything else of a session that passes packets.
    stages: OnceLock<Box<StageTimes>>,
    sample_every: u32,
    /// Packets until the next one that is timed, itself included; 0 is never. Counting down spares every packet a
    /// division.
    until_timed: AtomicU32,
    choices: Choices,
}

impl MetricsCollector {
    /// A collector that times the first packet and then one in `sample_every`; 0 times none.
    #[must_use]
    pub fn new(sample_every: u32) -> Self {
        let collector = Self::counting(sample_every);
        collector.make_room();
        collector
    }

    /// As [`new`](Self::new), but it counts only, in some hundred bytes, until
    /// [room is made](Self::make_room) for the stages' times.
    #[must_use]
    pub fn counting(sample_every: u32) -> Self {
        Self { sample_every, until_timed: AtomicU32::new(sample_every.min(1)), ..Self::default() }
    }

    /// Makes room for the stages' times, 24 KiB, unless there is some or none are to be taken. They are taken from
    /// now on. For construction: it allocates.
    pub fn make_room(&self) {
        if self.sample_every > 0 {
            self.stages.get_or_init(Box::default);
        }
    }

    /// Starts timing a packet's stages, if it is this packet's turn and the clock goes.
    /// For the one writing thread, once a packet.
    #[inline]
    pub fn start_timer<'a, C: Clock>(&'a self, clock: &'a C) -> StageTimer<'a, C> {
        // One writer: a load and a store, as of a counter.
        let until = self.until_timed.load(Ordering::Relaxed);
        if until == 1 {
            self.until_timed.store(self.sample_every, Ordering::Relaxed);
            if clock.is_running() && self.stages.get().is_some() {
                return StageTimer::start(self, clock);
            }
        } else {
            self.until_timed.store(until.saturating_sub(1), Ordering::Relaxed);
        }
        StageTimer::idle()
    }

    /// Notes that `operation` is done in the way called `strategy`, in the place of what was noted for it before.
    /// For construction: it locks and may allocate.
    pub fn note_strategy(&self, operation: &'static str, strategy: &'static str) {
        self.choices.note(operation, strategy);
    }

    /// The times taken of one stage, in nanoseconds, where there is room for them.
    #[inline]
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&Histogram> {
        // A stage is its own index, as `Stage::ALL` lists them: within bounds by its type.
        self.stages.get().map(|stages| &stages[stage as usize])
    }

    /// Everything so far, as plain data. From any thread; allocates, and locks nothing that the writing thread
    /// waits for.
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
            strategies: self.choices.list(),
            stages: Stage::ALL.map(|stage| self.stage(stage).map(Histogram::snapshot).unwrap_or_default()),
        }
    }
}
