//! What the canceller knows about itself.

/// What the echo canceller found out, beyond the report that every canceller gives.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AecStatus {
    /// Delay of the echo behind the far end, in milliseconds; `None` until it was found.
    pub delay_ms: Option<f32>,
    /// How much later the echo gets, in microseconds per second: the clocks of loudspeaker and microphone
    /// differ by these parts per million. 0 until a difference is certain.
    pub drift_ppm: f32,
    /// Probability that the near end talked in the last block, 0 to 1. Without suppression always 0.
    pub near_end_probability: f32,
    /// Echo return loss enhancement of the filters alone, in dB; `None` until the far end was alone.
    pub linear_erle_db: Option<f32>,
    /// What the filters are doing.
    pub filter: FilterState,
    /// Share of the fast model in the output, 0 to 1: high while the echo path moves.
    pub moving_share: f32,
}

/// What the filters are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterState {
    /// The far end is silent: there is nothing to cancel or learn.
    Idle,
    /// They have not yet lowered the echo by 10 dB.
    Converging,
    /// They lower the echo by 10 dB or more.
    Converged,
    /// They rest, because nothing of the far end comes back; an echo that appears wakes them.
    Standby,
}

/// What the canceller could not use as it came; counted since construction or `reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdvancedAecCounters {
    /// Samples replaced by 0 because they were not finite, or limited because they were beyond ±4.0.
    pub replaced_samples: u64,
    /// Near-end samples for which no far-end sample had come: taken as silence.
    pub missing_reference: u64,
    /// Far-end samples dropped, oldest first, because capture did not take them.
    pub dropped_reference: u64,
    /// Times that the filters were no longer finite and began again.
    pub restarts: u64,
    /// Milliseconds for which filters and suppressor rested, because the far end was silent or gave no echo.
    pub rested_ms: u64,
    /// Times that echo appeared where there had been none, so that they began again.
    pub wakes: u64,
}
