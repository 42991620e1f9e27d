//! Times the stages of one packet.

use crate::{Clock, MetricsCollector, Stage};

/// A stop watch over one packet's stages, from [`MetricsCollector::start_timer`]. When it is not this
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
}

impl<'a, C: Clock> StageTimer<'a, C> {
    pub(crate) fn new(sampled: Option<(&'a MetricsCollector, &'a C)>) -> Self {
        let running = sampled.map(|(collector, clock)| {
            let now_ns = clock.now_ns();
            Running { collector, clock, started_ns: now_ns, lap_ns: now_ns }
        });
        Self { running }
    }

    /// Records the time since the last lap (or the start) as `stage`'s.
    #[inline]
    pub fn lap(&mut self, stage: Stage) {
        if let Some(running) = &mut self.running {
            let now_ns = running.clock.now_ns();
            running.collector.stage(stage).record(now_ns.saturating_sub(running.lap_ns));
            running.lap_ns = now_ns;
        }
    }

    /// Ends the packet: the time since the start is [`Stage::Total`]'s.
    #[inline]
    pub fn finish(self) {
        if let Some(running) = self.running {
            let total_ns = running.clock.now_ns().saturating_sub(running.started_ns);
            running.collector.stage(Stage::Total).record(total_ns);
        }
    }

    /// Whether this packet is timed.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }
}
