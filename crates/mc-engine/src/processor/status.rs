//! How a session's processors are: which one works, and how often one could not.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use mc_metrics::Counter;

/// What stands in the place of a processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProcessorState {
    /// None: it is off.
    #[default]
    Off,
    /// That of `mc-dsp-v1`, as configured.
    Simple,
    /// That of `mc-dsp-v2`, or the application's own.
    Advanced,
    /// That of `mc-dsp-v1`, because the advanced one failed.
    FellBack,
    /// None, because the advanced one failed and the simple one is off.
    Bypassed,
}

impl ProcessorState {
    const ALL: [Self; 5] = [Self::Off, Self::Simple, Self::Advanced, Self::FellBack, Self::Bypassed];

    /// Whether an advanced processor was given up.
    pub(crate) const fn has_failed(self) -> bool {
        matches!(self, Self::FellBack | Self::Bypassed)
    }
}

/// What stands in the place of each processor of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessorStates {
    /// The echo canceller.
    pub echo_cancellation: ProcessorState,
    /// The voice detector.
    pub voice_detection: ProcessorState,
    /// The gain control.
    pub gain_control: ProcessorState,
}

/// Frames, or events, counted for each kind of processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessorCounts {
    /// Of the echo canceller.
    pub echo_cancellation: u64,
    /// Of the voice detector.
    pub voice_detection: u64,
    /// Of the gain control.
    pub gain_control: u64,
}

impl ProcessorCounts {
    /// Of all processors together.
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

/// One processor's part of [`ProcessorMonitor`].
#[derive(Debug, Default)]
pub(crate) struct SlotMonitor {
    state: AtomicU8,
    pub(crate) bypassed: Counter,
    pub(crate) fallbacks: Counter,
}

impl SlotMonitor {
    pub(crate) fn set_state(&self, state: ProcessorState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    fn state(&self) -> ProcessorState {
        ProcessorState::ALL.get(usize::from(self.state.load(Ordering::Relaxed))).copied().unwrap_or_default()
    }
}

/// Written by the session's owner, read by any thread.
#[derive(Debug, Default)]
pub(crate) struct ProcessorMonitor {
    pub(crate) echo: SlotMonitor,
    pub(crate) voice: SlotMonitor,
    pub(crate) gain: SlotMonitor,
    told: AtomicBool,
}

impl ProcessorMonitor {
    pub(crate) fn states(&self) -> ProcessorStates {
        ProcessorStates {
            echo_cancellation: self.echo.state(),
            voice_detection: self.voice.state(),
            gain_control: self.gain.state(),
        }
    }

    /// Frames for which a processor was bypassed.
    pub(crate) fn faults(&self) -> ProcessorCounts {
        self.count(|slot| &slot.bypassed)
    }

    /// How often a processor was replaced because it failed.
    pub(crate) fn fallbacks(&self) -> ProcessorCounts {
        self.count(|slot| &slot.fallbacks)
    }

    /// True once after a processor was given up: whoever gets it says so, off the packet path.
    pub(crate) fn has_news(&self) -> bool {
        self.fallbacks().total() > 0 && !self.told.swap(true, Ordering::Relaxed)
    }

    fn count(&self, counter: impl Fn(&SlotMonitor) -> &Counter) -> ProcessorCounts {
        ProcessorCounts {
            echo_cancellation: counter(&self.echo).get(),
            voice_detection: counter(&self.voice).get(),
            gain_control: counter(&self.gain).get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_read_as_it_was_set() {
        let slot = SlotMonitor::default();
        assert_eq!(slot.state(), ProcessorState::Off);
        for state in ProcessorState::ALL {
            slot.set_state(state);
            assert_eq!(slot.state(), state);
        }
    }
}
