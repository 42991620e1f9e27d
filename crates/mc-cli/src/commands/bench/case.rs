//! What is timed, and how.

use std::hint::black_box;
use std::time::{Duration, Instant};

use mc_engine::BenchmarkResults;

use super::frames::FRAMES;
use crate::failure::Failure;

/// Long against the clock's resolution, short against the scheduler's slices.
const SAMPLE: Duration = Duration::from_micros(50);

/// One operation on one packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) group: &'static str,
    pub(super) operation: &'static str,
    /// The instruction set; absent where the caller has no choice.
    pub(super) level: Option<&'static str>,
}

/// An operation that can be timed.
pub(super) struct Case {
    name: Name,
    /// Does the operation as often as it is told.
    repeat: Box<dyn FnMut(u64) -> Result<(), Failure>>,
}

/// What an operation took.
pub(super) struct Timing {
    pub(super) name: Name,
    /// Nanoseconds of one operation, a sample per round.
    pub(super) ns: BenchmarkResults,
}

impl Case {
    /// `turn` does the operation on the frame of this number (0 to [`FRAMES`] - 1).
    pub(super) fn new(name: Name, mut turn: impl FnMut(usize) -> Result<(), Failure> + 'static) -> Self {
        let mut frame = 0;
        let repeat = move |turns| {
            for _ in 0..turns {
                turn(black_box(frame))?;
                frame = (frame + 1) % FRAMES;
            }
            Ok(())
        };
        Self { name, repeat: Box::new(repeat) }
    }

    fn take(&mut self, turns: u64) -> Result<Duration, Failure> {
        let start = Instant::now();
        (self.repeat)(turns)?;
        Ok(start.elapsed())
    }

    /// The turns that last for [`SAMPLE`]. Counting them warms up caches and branches.
    fn turns(&mut self) -> Result<u64, Failure> {
        let mut turns = 1;
        while self.take(turns)? < SAMPLE {
            turns *= 2;
        }
        Ok(turns)
    }
}

/// Times the cases in turn, round after round, until `budget` is spent, but for one round at least: what
/// disturbs the machine for a while disturbs all of them alike.
pub(super) fn time(mut cases: Vec<Case>, budget: Duration) -> Result<Vec<Timing>, Failure> {
    let start = Instant::now();
    let turns: Vec<u64> = cases.iter_mut().map(Case::turns).collect::<Result<_, _>>()?;
    let mut samples_ns = vec![Vec::new(); cases.len()];
    loop {
        for ((case, &turns), samples_ns) in cases.iter_mut().zip(&turns).zip(&mut samples_ns) {
            samples_ns.push(case.take(turns)?.as_secs_f64() * 1e9 / turns as f64);
        }
        if start.elapsed() >= budget {
            break;
        }
    }
    let timing = |(case, samples_ns): (&Case, &Vec<f64>)| {
        let ns = BenchmarkResults::from_samples(samples_ns).map_err(Failure::run)?;
        Ok(Timing { name: case.name, ns })
    };
    cases.iter().zip(&samples_ns).map(timing).collect()
}
