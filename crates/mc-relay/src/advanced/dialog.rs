//! A dialog whose audio the application carries itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mc_engine::{CaptureReport, Clock, ProcessorStates};

use crate::{
    AdvancedProcessorSet, CallMetrics, CallTotals, DialogId, EndReason, LegId, LegMetrics, MonotonicClock,
};

/// The processors of a dialog that has no ports. Its two directions take turns, and whoever asks how it is.
#[derive(Debug)]
pub(crate) struct AudioDialog {
    set: Mutex<AdvancedProcessorSet>,
    started_ns: u64,
}

impl AudioDialog {
    pub(crate) fn new(set: AdvancedProcessorSet, now_ns: u64) -> Self {
        Self { set: Mutex::new(set), started_ns: now_ns }
    }

    pub(super) fn process(&self, leg: LegId, frame: &mut [f32], clock: &MonotonicClock) -> CaptureReport {
        self.set().process(leg, frame, clock)
    }

    pub(super) fn render(&self, leg: LegId, far_end: &[f32]) {
        self.set().render(leg, far_end);
    }

    pub(super) fn states(&self, leg: LegId) -> ProcessorStates {
        self.set().states(leg)
    }

    pub(crate) fn metrics(&self) -> CallMetrics {
        let legs =
            LegId::ALL.map(|leg| LegMetrics { media: self.set().metrics(leg), ..LegMetrics::default() });
        CallMetrics { legs, ..CallMetrics::default() }
    }

    /// What there is to say at its end.
    pub(crate) fn totals(&self, dialog: DialogId, clock: &MonotonicClock) -> CallTotals {
        let duration = Duration::from_nanos(clock.now_ns().saturating_sub(self.started_ns));
        let (reason, peers, metrics) = (EndReason::Stopped, [None; 2], self.metrics());
        CallTotals { dialog, reason, duration, peers, metrics }
    }

    /// A processor that panicked has left its own state behind, at worst.
    fn set(&self) -> MutexGuard<'_, AdvancedProcessorSet> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
