//! Times the stages of one packet.

use crate::{Clock, MetricsCollector, Stage};

/// A stop watch over one packet's stages, from [`Sampler::start_timer`](crate::Sampler::start_timer). When it is not this
/// packet's turn, it never reads the clock and every call is a test of one flag.
#[derive(Debug)]
pub struct StageTimer<'a, C: Clock> {
    running: Option<Running<'a, C>>,
}

#[derive(Debug)]
struct Running<'a, C> {
    collector: &'a MetricsCollector,
    clock: &'a C,
    started_ns: u64,
    lap_ns: u64,
    lapped: bool,
}

impl<'a, C: Clock> StageTimer<'a, C> {
    /// A watch that stands still: the timer of a packet that nobody times.
    #[inline]
    #[must_use]
    pub const fn idle() -> Self {
        Self { running: None }
    }

    pub(crate) fn start(collector: &'a MetricsCollector, clock: &'a C) -> Self {
        let now_ns = clock.now_ns();
        Self {
            running: Some(Running { collector, clock, started_ns: now_ns, lap_ns: now_ns, lapped: false }),
        }
    }

    /// Records the time since the last lap (or the start) as `stage`'s.
    #[inline]
    pub fn lap(&mut self, stage: Stage) {
        if let Some(running) = &mut self.running {
            running.lap(stage);
        }
    }

    /// Ends the packet: the time from the start to the last lap is [`Stage::Total`]'s, or to now if there was none.
    #[inline]
    pub fn finish(self) {
        if let Some(running) = self.running {
            running.finish();
        }
    }

    /// Whether this packet is timed.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }
}

/// What is done for one packet in many; kept out of the way of the others.
impl<C: Clock> Running<'_, C> {
    #[cold]
    fn lap(&mut self, stage: Stage) {
        let now_ns = self.clock.now_ns();
        self.record(stage, now_ns.saturating_sub(self.lap_ns));
        (self.lap_ns, self.lapped) = (now_ns, true);
    }

    #[cold]
    fn finish(self) {
        // A look at the clock costs more than what lies between the last lap and here.
        let end_ns = if self.lapped { self.lap_ns } else { self.clock.now_ns() };
        let total_ns = end_ns.saturating_sub(self.started_ns);
        self.record(Stage::Total, total_ns);
    }

    fn record(&self, stage: Stage, ns: u64) {
        if let Some(times) = self.collector.stage(stage) {
            times.record(ns);
        }
    }
}
