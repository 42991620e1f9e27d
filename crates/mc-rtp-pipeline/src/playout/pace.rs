//! When to play faster or slower.

use std::time::Duration;

/// Distance from the delay aimed at that is closed in a pause, in microseconds.
const PAUSE_TOLERANCE_US: i64 = 5_000;

/// Distance that is tolerated in speech, in microseconds, and how long a greater one: a pause may come.
const SPEECH_TOLERANCE_US: i64 = 20_000;
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Least time between two changes in speech.
const SPEECH_SPACING: Duration = Duration::from_millis(80);

/// What to do about the delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Keep,
    /// Take out at most so many microseconds; in speech, only whole pitch periods.
    Shorten(i64),
    /// Put in at most so many microseconds.
    Lengthen(i64),
}

/// Decides tick by tick.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// Since when the delay has been off by more than speech tolerates.
    off_since: Option<Duration>,
    changed: Option<Duration>,
}

impl Pace {
    /// Whether nothing would be done about `excess_us` even in a pause.
    pub(crate) fn is_content(&mut self, excess_us: i64) -> bool {
        let content = excess_us.abs() <= PAUSE_TOLERANCE_US;
        if content {
            self.off_since = None;
        }
        content
    }

    /// The step at `now`, when the delay is `excess_us` above the one aimed at.
    pub(crate) fn step(&mut self, excess_us: i64, in_pause: bool, now: Duration) -> Step {
        if excess_us.abs() <= SPEECH_TOLERANCE_US {
            self.off_since = None;
        }
        let due = if in_pause {
            excess_us.abs() > PAUSE_TOLERANCE_US
        } else if excess_us.abs() > SPEECH_TOLERANCE_US {
            let since = *self.off_since.get_or_insert(now);
            let spaced = self.changed.is_none_or(|changed| now.saturating_sub(changed) >= SPEECH_SPACING);
            now.saturating_sub(since) >= PATIENCE && spaced
        } else {
            false
        };
        match excess_us {
            _ if !due => Step::Keep,
            0.. => Step::Shorten(excess_us),
            _ => Step::Lengthen(-excess_us),
        }
    }

    /// A step was taken at `now`.
    pub(crate) fn stepped(&mut self, now: Duration) {
        self.changed = Some(now);
    }
}
