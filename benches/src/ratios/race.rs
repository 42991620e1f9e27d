//! Two ways of doing the same thing, timed in turn.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use crate::input::FRAMES;

/// Rounds in which each way has its turn; the least time of each counts, the one least disturbed.
const ROUNDS: usize = 300;

/// Times over all frames between two readings of the clock.
const PASSES: usize = 4;

/// The kernel's turn, between the two of the plain way.
const KERNEL: usize = 1;

/// What a contest comes to.
#[derive(Clone, Copy, Debug)]
pub enum Measured {
    /// It was measured.
    Value {
        /// How many times as long the plain way takes; nanoseconds or per cent where a contest says so.
        value: f64,
        /// How far from it two measurements of the same thing would lie in this run.
        noise: f64,
    },
    /// This CPU lacks the level, or cannot be told to use it alone.
    Skipped(&'static str),
}

impl Measured {
    /// The CPU lacks the level.
    pub(super) const LACKING: Self = Self::Skipped("this CPU lacks the level");

    /// Whether it was measured to be less than `bound`.
    pub(super) fn is_below(&self, bound: f64) -> bool {
        matches!(self, Self::Value { value, .. } if *value < bound)
    }

    /// The lesser value of two.
    pub(super) fn or_less(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Value { value, .. }, Self::Value { value: less, .. }) if less < value => other,
            _ => self,
        }
    }
}

impl fmt::Display for Measured {
    /// `VALUE NOISE`, or `skipped: REASON`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { value, noise } => write!(f, "{value:.3} {noise:.4}"),
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
    /// Of `rounds` rounds over `batches` of input; the closures time one turn each, on the batch of this number.
    /// Each batch has a least time of its own, and their mean counts: what disturbs one turn, as something does in
    /// any longer while, does not disturb the result.
    pub(super) fn least(
        rounds: usize,
        batches: usize,
        mut plain: impl FnMut(usize) -> f64,
        mut kernel: impl FnMut(usize) -> f64,
    ) -> Self {
        let mut least = vec![[f64::INFINITY; 3]; batches];
        for _ in 0..rounds {
            // All batches between two turns at one of them: nothing about it is remembered.
            for turn in 0..3 {
                for (batch, least) in least.iter_mut().enumerate() {
                    let time = if turn == KERNEL { kernel(batch) } else { plain(batch) };
                    least[turn] = least[turn].min(time);
                }
            }
        }
        let mean = |turn: usize| least.iter().map(|least| least[turn]).sum::<f64>() / batches as f64;
        Self { plain: mean(0), kernel: mean(KERNEL), again: mean(2) }
    }

    /// How many times as long the plain way takes.
    pub(super) fn ratio(&self) -> Measured {
        let value = self.plain() / self.kernel;
        Measured::Value { value, noise: value * self.noise() / self.plain() }
    }

    /// Nanoseconds that the kernel takes.
    pub(super) fn nanoseconds(&self) -> Measured {
        Measured::Value { value: self.kernel, noise: self.kernel * self.noise() / self.plain() }
    }

    /// Nanoseconds that the kernel takes longer than the plain way.
    pub(super) fn excess(&self) -> Measured {
        Measured::Value { value: self.longer().max(0.0), noise: self.noise() }
    }

    /// The same; less than nothing where it takes shorter.
    pub(super) fn longer(&self) -> f64 {
        self.kernel - self.plain()
    }

    /// Nanoseconds of the plain way.
    pub(super) fn plain(&self) -> f64 {
        self.plain.min(self.again)
    }

    /// Nanoseconds that the plain way takes longer at one time than at the other.
    pub(super) fn noise(&self) -> f64 {
        (self.plain - self.again).abs()
    }
}

/// Least nanoseconds per operation; the closures do it on one frame (0 to [`FRAMES`] - 1).
pub(super) fn race(mut plain: impl FnMut(usize), mut kernel: impl FnMut(usize)) -> Times {
    Times::least(ROUNDS, 1, |_| time(&mut plain), |_| time(&mut kernel))
}

/// The same in a tenth of the rounds, where there are hundreds of races.
pub(super) fn race_briefly(mut plain: impl FnMut(usize), mut kernel: impl FnMut(usize)) -> Times {
    Times::least(ROUNDS / 10, 1, |_| time(&mut plain), |_| time(&mut kernel))
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
