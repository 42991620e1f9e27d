//! `perf-check --paired`: the kernels of this tree against those of an earlier commit, by the clock. It runs
//! natively, so it sees what valgrind cannot: AVX-512, caches, and how instructions follow each other.

use std::process::ExitCode;

use super::INCONCLUSIVE;
use super::harness::Harness;
use crate::Outcome;

/// A kernel is slower only if it is so in as many rounds; the first round that is clear ends the matter.
const ROUNDS: usize = 3;
/// Blocks of one round: each has both programs in the order base, head, head, base, and the base beside itself.
const BLOCKS: usize = 7;
/// Relative slowdown that is tolerated.
const TOLERANCE: f64 = 0.05;
/// A slowdown counts only if it is as many times as large as the difference of a program from itself.
const SPREADS: f64 = 3.0;
/// Nanoseconds that one run should take: long against the clock's resolution, short against the scheduler's
/// slices.
const RUN_NS: f64 = 2e6;
/// Operations of the run that says how many to do.
const TRIAL: u64 = 640;

/// What the blocks of one round come to, relative to the base: medians.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Round {
    /// How much longer the head takes.
    slowdown: f64,
    /// How far the base is from itself.
    spread: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Same,
    Slower,
    Inconclusive,
}

impl Round {
    fn verdict(self) -> Verdict {
        let noise = SPREADS * self.spread;
        if self.slowdown > TOLERANCE.max(noise) {
            Verdict::Slower
        } else if self.slowdown <= TOLERANCE && noise <= TOLERANCE {
            Verdict::Same
        } else {
            Verdict::Inconclusive
        }
    }
}

/// Times every kernel that both have.
pub(super) fn run(base: &Harness, head: &Harness) -> Outcome<ExitCode> {
    let (mut slower, mut unclear) = (0, 0);
    let known = base.kernel_names()?;
    println!("{:<28} {:>9} {:>11}", "", "change", "A/A spread");
    for name in head.kernel_names()?.iter().filter(|name| known.contains(name)) {
        let (round, verdict) = compare(base, head, name)?;
        let word = match verdict {
            Verdict::Same => "",
            Verdict::Slower => "SLOWER",
            Verdict::Inconclusive => "inconclusive",
        };
        println!("{name:<28} {:>+7.1} % {:>9.1} %  {word}", round.slowdown * 100.0, round.spread * 100.0);
        slower += usize::from(verdict == Verdict::Slower);
        unclear += usize::from(verdict == Verdict::Inconclusive);
    }
    if slower > 0 {
        return Err(format!("perf-check --paired: {slower} kernel(s) slower in each of {ROUNDS} rounds"));
    }
    Ok(if unclear == 0 { ExitCode::SUCCESS } else { ExitCode::from(INCONCLUSIVE) })
}

/// The last round, and what all of them say.
fn compare(base: &Harness, head: &Harness, name: &str) -> Outcome<(Round, Verdict)> {
    let per_operation = base.time(name, TRIAL)?.max(1.0) / TRIAL as f64;
    let operations = ((RUN_NS / per_operation) as u64).max(TRIAL);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(|| base.time(name, operations), || head.time(name, operations))?);
        if rounds.iter().any(|round| round.verdict() == Verdict::Same) {
            break;
        }
    }
    Ok((rounds[rounds.len() - 1], overall(&rounds)))
}

fn overall(rounds: &[Round]) -> Verdict {
    let is = |wanted| move |round: &Round| round.verdict() == wanted;
    if rounds.iter().any(is(Verdict::Same)) {
        Verdict::Same
    } else if rounds.iter().all(is(Verdict::Slower)) {
        Verdict::Slower
    } else {
        Verdict::Inconclusive
    }
}

/// What slows down steadily, or for a moment, does so to base and head alike: A B B A. The control is the same
/// with the base in both places.
fn round(mut base: impl FnMut() -> Outcome<f64>, mut head: impl FnMut() -> Outcome<f64>) -> Outcome<Round> {
    let (mut slowdowns, mut spreads) = (Vec::new(), Vec::new());
    for _ in 0..BLOCKS {
        let outer = base()?;
        let inner = head()? + head()?;
        slowdowns.push(inner / (outer + base()?) - 1.0);
        let outer = base()?;
        let inner = base()? + base()?;
        spreads.push((inner / (outer + base()?) - 1.0).abs());
    }
    Ok(Round { slowdown: median(slowdowns), spread: median(spreads) })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(slowdown: f64, spread: f64) -> Verdict {
        Round { slowdown, spread }.verdict()
    }

    #[test]
    fn slower_is_beyond_the_tolerance_and_beyond_three_spreads() {
        assert_eq!(verdict(0.051, 0.01), Verdict::Slower);
        assert_eq!(verdict(0.05, 0.01), Verdict::Same);
        assert_eq!(verdict(-0.5, 0.01), Verdict::Same);
        assert_eq!(verdict(0.2, 0.07), Verdict::Inconclusive);
        assert_eq!(verdict(0.22, 0.07), Verdict::Slower);
    }

    #[test]
    fn a_machine_too_busy_to_show_the_tolerance_shows_nothing() {
        assert_eq!(verdict(0.0, 0.02), Verdict::Inconclusive);
    }

    #[test]
    fn only_three_slow_rounds_make_a_kernel_slower() {
        let slow = Round { slowdown: 0.2, spread: 0.0 };
        let noisy = Round { slowdown: 0.2, spread: 0.1 };
        let same = Round { slowdown: 0.0, spread: 0.0 };
        assert_eq!(overall(&[slow, slow, slow]), Verdict::Slower);
        assert_eq!(overall(&[slow, noisy, slow]), Verdict::Inconclusive);
        assert_eq!(overall(&[slow, noisy, same]), Verdict::Same);
    }

    #[test]
    fn a_drift_of_the_machine_cancels_out_and_a_slower_head_does_not() {
        let clock = std::cell::Cell::new(1_000.0);
        let drifting = |factor: f64| {
            clock.set(clock.get() + 10.0);
            Ok(clock.get() * factor)
        };
        let found = round(|| drifting(1.0), || drifting(1.1)).unwrap();
        assert!((found.slowdown - 0.1).abs() < 1e-9 && found.spread < 1e-9, "{found:?}");
    }
}
