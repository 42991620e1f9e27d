//! Two ways of doing the same thing, timed in turn.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use crate::input::FRAMES;

/// Rounds in which each way has its turn; the least time of each counts, the one least disturbed.
const ROUNDS: usize = 300;

/// Times over all frames between two readings of the clock.
const PASSES: usize = 4;

/// What a contest comes to.
#[derive(Clone, Copy, Debug)]
pub enum Measured {
    /// It was measured.
    Value {
        /// How many times as long the plain way takes; nanoseconds where a contest says so.
        value: f64,
        /// How far two measurements of the same thing differ in this run, relative to their size.
        spread: f64,
    },
    /// This CPU lacks the level, or cannot be told to use it alone.
    Skipped(&'static str),
}

impl Measured {
    /// The CPU lacks the level.
    pub(super) const LACKING: Self = Self::Skipped("this CPU lacks the level");
}

impl fmt::Display for Measured {
    /// `VALUE SPREAD`, or `skipped: REASON`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { value, spread } => write!(f, "{value:.3} {spread:.4}"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}

/// Least nanoseconds of the plain way, the kernel, and the plain way again.
pub(super) struct Times {
    plain: f64,
    kernel: f64,
    again: f64,
}

impl Times {
    /// Of `rounds` rounds; the closures time one turn each.
    pub(super) fn least(
        rounds: usize,
        mut plain: impl FnMut() -> f64,
        mut kernel: impl FnMut() -> f64,
    ) -> Self {
        let mut least = Self { plain: f64::INFINITY, kernel: f64::INFINITY, again: f64::INFINITY };
        for _ in 0..rounds {
            least.plain = least.plain.min(plain());
            least.kernel = least.kernel.min(kernel());
            least.again = least.again.min(plain());
        }
        least
    }

    /// How many times as long the plain way takes.
    pub(super) fn ratio(&self) -> Measured {
        let plain = self.plain.min(self.again);
        Measured::Value { value: plain / self.kernel, spread: (self.plain / self.again - 1.0).abs() }
    }

    /// Nanoseconds that the kernel takes longer.
    pub(super) fn excess(&self) -> Measured {
        let value = (self.kernel - self.plain.min(self.again)).max(0.0);
        Measured::Value { value, spread: (self.plain - self.again).abs() / value.max(f64::MIN_POSITIVE) }
    }
}

/// Least nanoseconds per operation; the closures do it on one frame (0 to [`FRAMES`] - 1).
pub(super) fn race(mut plain: impl FnMut(usize), mut kernel: impl FnMut(usize)) -> Times {
    Times::least(ROUNDS, || time(&mut plain), || time(&mut kernel))
}

#[inline(never)]
fn time(operation: &mut impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    for _ in 0..PASSES {
        for frame in 0..FRAMES {
            operation(black_box(frame));
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / (PASSES * FRAMES) as f64
}
