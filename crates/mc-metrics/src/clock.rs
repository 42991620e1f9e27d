//! Where time comes from: the caller.

/// A monotonic clock that the caller brings. Nothing in this crate reads the time of the machine.
pub trait Clock {
    /// Nanoseconds since a fixed moment of the clock's choice. Never goes back.
    fn now_ns(&self) -> u64;

    /// Whether the clock goes at all. Stage timings are taken only while it does, so that a clock that
    /// stands still leaves empty histograms instead of zeros that look measured.
    fn is_running(&self) -> bool {
        true
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now_ns(&self) -> u64 {
        (**self).now_ns()
    }

    fn is_running(&self) -> bool {
        (**self).is_running()
    }
}

/// The clock that stands still: no stage timings are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoClock;

impl Clock for NoClock {
    fn now_ns(&self) -> u64 {
        0
    }

    fn is_running(&self) -> bool {
        false
    }
}
