//! Frames that a processor could not process.

use mc_metrics::Counter;

/// How often each processor was bypassed because it returned an error. Written by the session's owner,
/// read by any thread.
#[derive(Debug, Default)]
pub(crate) struct FaultCounters {
    pub(crate) echo_cancellation: Counter,
    pub(crate) voice_detection: Counter,
    pub(crate) gain_control: Counter,
}

impl FaultCounters {
    pub(crate) fn snapshot(&self) -> ProcessorFaults {
        ProcessorFaults {
            echo_cancellation: self.echo_cancellation.get(),
            voice_detection: self.voice_detection.get(),
            gain_control: self.gain_control.get(),
        }
    }
}

/// Frames for which a processor was bypassed: too short or too long for it, or its state was no longer
/// finite and it started over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessorFaults {
    /// Near-end frames left with their echo, and far-end frames not taken as reference.
    pub echo_cancellation: u64,
    /// Frames without a decision.
    pub voice_detection: u64,
    /// Frames left at their level.
    pub gain_control: u64,
}

impl ProcessorFaults {
    /// Faults of all processors.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.echo_cancellation + self.voice_detection + self.gain_control
    }

    pub(crate) const fn merge(&mut self, other: &Self) {
        self.echo_cancellation += other.echo_cancellation;
        self.voice_detection += other.voice_detection;
        self.gain_control += other.gain_control;
    }
}
