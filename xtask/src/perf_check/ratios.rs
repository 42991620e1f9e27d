//! `perf-check --ratios`: each kernel is as many times faster than the plain way as `benches/baselines/ratios.json`
//! asks. Both run in one process, in turn, so that the machine cancels out.

use std::fs;
use std::process::{Command, ExitCode};

use serde::Deserialize;

use super::harness::Harness;
use super::waivers::Waivers;
use super::{INCONCLUSIVE, baseline};
use crate::bound::Bound;
use crate::{Outcome, process};

/// A floor is missed only if it is missed this many times.
const ROUNDS: usize = 3;

/// What a contest has to come to.
#[derive(Deserialize)]
struct Floor {
    contest: String,
    /// The kernel's level, which the CPU must have; `any` where that does not matter.
    level: String,
    #[serde(flatten)]
    bound: Bound,
    aim: f64,
}

impl Floor {
    fn name(&self) -> String {
        format!("{} {}", self.contest, self.level)
    }
}

/// What one run of a contest printed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measured {
    value: f64,
    /// How far two measurements of the plain way differ, relative to their size.
    spread: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Holds,
    Missed,
    /// Missed by no more than two measurements of the same thing differ.
    Unclear,
}

pub(super) fn run(harness: &Harness, waivers: &Waivers) -> Outcome<ExitCode> {
    let (mut missed, mut unclear) = (0, 0);
    println!("{:<32} {:<12} {:>8}  {:<14} {:>5}", "", "level", "measured", "floor", "aim");
    for floor in floors()? {
        let Floor { contest, level, bound, aim } = &floor;
        let told = match measure(harness, &floor)? {
            Err(reason) => format!("{:>8}  {:<14} {aim:>5}  {reason}", "–", bound.to_string()),
            Ok(measured) => {
                let (value, verdict) = judge(&measured, *bound);
                let word = match (verdict, waivers.reason(&floor.name())) {
                    (Verdict::Holds, _) => "holds".to_owned(),
                    (_, Some(reason)) => format!("missed, waived: {reason}"),
                    (Verdict::Missed, None) => {
                        missed += 1;
                        "MISSED".to_owned()
                    }
                    (Verdict::Unclear, None) => {
                        unclear += 1;
                        "inconclusive".to_owned()
                    }
                };
                format!("{value:>8.2}  {:<14} {aim:>5}  {word}", bound.to_string())
            }
        };
        println!("{contest:<32} {level:<12} {told}");
    }
    if missed > 0 {
        return Err(format!("perf-check --ratios: {missed} floor(s) missed in each of {ROUNDS} rounds"));
    }
    Ok(if unclear == 0 { ExitCode::SUCCESS } else { ExitCode::from(INCONCLUSIVE) })
}

fn floors() -> Outcome<Vec<Floor>> {
    let file = baseline::folder().join("ratios.json");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// Runs the contest until its bound holds, at most [`ROUNDS`] times; or the reason why it cannot be run here.
fn measure(harness: &Harness, floor: &Floor) -> Outcome<Result<Vec<Measured>, String>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut command = Command::new(harness.program("ratios"));
        let printed = process::read(command.args([&floor.contest, &floor.level]))?;
        if printed.starts_with("skipped") {
            return Ok(Err(printed.trim_end().to_owned()));
        }
        let measured = parse(&printed).ok_or_else(|| format!("ratios printed `{}`", printed.trim_end()))?;
        rounds.push(measured);
        if floor.bound.holds(measured.value) {
            break;
        }
    }
    Ok(Ok(rounds))
}

fn parse(printed: &str) -> Option<Measured> {
    let (value, spread) = printed.trim_end().split_once(' ')?;
    Some(Measured { value: value.parse().ok()?, spread: spread.parse().ok()? })
}

/// The last round's value, and what all rounds say.
fn judge(rounds: &[Measured], bound: Bound) -> (f64, Verdict) {
    let Some(last) = rounds.last() else { return (f64::NAN, Verdict::Unclear) };
    let within_spread = |round: &Measured| {
        bound.holds(round.value * (1.0 + round.spread)) || bound.holds(round.value * (1.0 - round.spread))
    };
    let verdict = if bound.holds(last.value) {
        Verdict::Holds
    } else if rounds.iter().any(within_spread) {
        Verdict::Unclear
    } else {
        Verdict::Missed
    };
    (last.value, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: fn(f64, f64) -> Measured = |value, spread| Measured { value, spread };

    #[test]
    fn a_floor_holds_if_the_last_round_reaches_it() {
        let rounds = [ROUND(8.0, 0.01), ROUND(9.0, 0.0)];
        assert_eq!(judge(&rounds, Bound::AtLeast(9.0)), (9.0, Verdict::Holds));
        assert_eq!(judge(&[ROUND(1.5, 0.0)], Bound::AtMost(1.5)), (1.5, Verdict::Holds));
    }

    #[test]
    fn what_is_missed_by_less_than_the_spread_is_unclear() {
        let missed = [ROUND(8.0, 0.01), ROUND(8.1, 0.01), ROUND(8.2, 0.01)];
        assert_eq!(judge(&missed, Bound::AtLeast(9.0)).1, Verdict::Missed);
        let noisy = [ROUND(8.0, 0.01), ROUND(8.5, 0.1), ROUND(8.2, 0.01)];
        assert_eq!(judge(&noisy, Bound::AtLeast(9.0)).1, Verdict::Unclear);
        assert_eq!(judge(&[ROUND(1.6, 0.1)], Bound::AtMost(1.5)).1, Verdict::Unclear);
        assert_eq!(judge(&[ROUND(1.7, 0.1)], Bound::AtMost(1.5)).1, Verdict::Missed);
    }

    #[test]
    fn a_floor_reads_with_its_bound_among_its_fields() {
        let text = r#"{"contest": "gain: loop", "level": "AVX2", "at_least": 9.0, "aim": 10.0}"#;
        let floor: Floor = serde_json::from_str(text).unwrap();
        assert_eq!((floor.bound, floor.name().as_str()), (Bound::AtLeast(9.0), "gain: loop AVX2"));
        assert_eq!(parse("12.5 0.01\n"), Some(ROUND(12.5, 0.01)));
        assert_eq!(parse("fast"), None);
    }

    #[test]
    fn every_committed_floor_has_an_aim_that_reaches_it() {
        for floor in floors().unwrap() {
            assert!(floor.bound.holds(floor.aim), "{}", floor.name());
        }
    }
}
