//! The recording side of a session's metrics.

use std::sync::OnceLock;

use crate::choice::Choices;
use crate::flow::Flow;
use crate::{Counter, PerformanceMetrics, Sampler, Stage, TimeHistogram};

type StageTimes = [TimeHistogram; Stage::ALL.len()];

/// What one session counts while it works. Shared as `Arc`: the thread that owns the session writes,
/// any thread takes a [`snapshot`](Self::snapshot).
///
/// Stage timings are taken of one packet in `sample_every`, so that reading the clock does not become
/// a cost of its own; counters count everything.
#[derive(Debug, Default)]
pub struct MetricsCollector {
    /// Packets that went out as long as they had come in. They are most of what passes through a session, and
    /// counting them once, not once on either side, is half the stores.
    passed: Flow,
    /// All others that came in.
    received: Flow,
    /// All others that went out.
    sent: Flow,
    /// Packets that came in and were dropped, whatever the reason.
    dropped: Counter,
    /// Bytes copied from buffer to buffer on the way.
    pub copied_bytes: Counter,
    /// Frames that a pool had ready. One that stays with who has it, for the next packet, is one frame.
    pub pool_hits: Counter,
    /// Frames that a pool had to make, or could not give.
    pub pool_misses: Counter,
    /// Heap allocations on the packet path, where somebody counts them.
    pub allocations: Counter,
    /// Empty where nobody is to time stages.
    stages: OnceLock<Box<StageTimes>>,
    sample_every: u32,
    choices: Choices,
}

impl MetricsCollector {
    /// A collector for the times of the first packet and then of one in `sample_every`; 0 is none.
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
        Self { sample_every, ..Self::default() }
    }

    /// Makes room for the stages' times, 5 KiB, unless there is some or none are to be taken. They are taken from
    /// now on. For construction: it allocates.
    pub fn make_room(&self) {
        if self.sample_every > 0 {
            self.stages.get_or_init(Box::default);
        }
    }

    /// Counts a packet of `bytes` bytes that came in, if it will not be counted as [passed](Self::count_passed).
    #[inline]
    pub fn count_received(&self, bytes: usize) {
        self.received.add(bytes);
    }

    /// Counts a packet of `bytes` bytes that went out, if it was not counted as [passed](Self::count_passed).
    #[inline]
    pub fn count_sent(&self, bytes: usize) {
        self.sent.add(bytes);
    }

    /// Counts a packet that came in and went out with `bytes` bytes both times: two additions.
    #[inline]
    pub fn count_passed(&self, bytes: usize) {
        self.passed.add(bytes);
    }

    /// Counts a packet of `bytes` bytes that came in and was dropped.
    pub fn count_dropped(&self, bytes: usize) {
        self.received.add(bytes);
        self.dropped.add(1);
    }

    /// Picks the packets to be timed: one in as many as this collector was made for.
    #[must_use]
    pub const fn sampler(&self) -> Sampler {
        Sampler::one_in(self.sample_every)
    }

    /// Whether there is room for the stages' times.
    pub(crate) fn has_room(&self) -> bool {
        self.stages.get().is_some()
    }

    /// Notes that `operation` is done in the way called `strategy`, in the place of what was noted for it before.
    /// For construction: it locks and may allocate.
    pub fn note_strategy(&self, operation: &'static str, strategy: &'static str) {
        self.choices.note(operation, strategy);
    }

    /// The times taken of one stage, in nanoseconds, where there is room for them.
    #[inline]
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&TimeHistogram> {
        // A stage is its own index, as `Stage::ALL` lists them: within bounds by its type.
        self.stages.get().map(|stages| &stages[stage as usize])
    }

    /// Everything so far, as plain data. From any thread; allocates, and locks nothing that the writing thread
    /// waits for.
    #[must_use]
    pub fn snapshot(&self) -> PerformanceMetrics {
        let (packets_in, bytes_in) = self.passed.with(&self.received);
        let (packets_out, bytes_out) = self.passed.with(&self.sent);
        PerformanceMetrics {
            packets_in,
            packets_out,
            bytes_in,
            bytes_out,
            dropped: self.dropped.get(),
            copied_bytes: self.copied_bytes.get(),
            pool_hits: self.pool_hits.get(),
            pool_misses: self.pool_misses.get(),
            allocations: self.allocations.get(),
            strategies: self.choices.list(),
            stages: Stage::ALL
                .map(|stage| self.stage(stage).map(TimeHistogram::snapshot).unwrap_or_default()),
        }
    }
}
