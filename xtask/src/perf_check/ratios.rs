//! `perf-check --ratios`: each kernel is as many times faster than the plain way as `benches/baselines/ratios.json`
//! asks. Both run in one process, in turn, so that the machine cancels out.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use serde::{Deserialize, Serialize};

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
    /// How far from it two measurements of the same thing would lie.
    noise: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Holds,
    Missed,
    /// Missed by no more than two measurements of the same thing differ.
    Unclear,
}

/// One line of the report.
#[derive(Serialize)]
struct Row {
    contest: String,
    level: String,
    measured: Option<f64>,
    floor: String,
    aim: f64,
    verdict: String,
}

impl Row {
    fn markdown(&self) -> String {
        let Self { contest, level, measured, floor, aim, verdict } = self;
        let measured = measured.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        format!("| {contest:<30} | {level:<11} | {measured:>8} | {floor:<14} | {aim:>5} | {verdict} |")
    }
}

/// Runs every contest, prints a line for each, and writes `ratios.md` and `ratios.json` into `folder`.
pub(super) fn run(harness: &Harness, waivers: &Waivers, folder: &Path) -> Outcome<ExitCode> {
    let (mut missed, mut unclear) = (0, 0);
    let mut table = format!(
        "{}\n\n| kernel: plain way | level | measured | floor | aim | |\n|---|---|---:|---|---:|---|\n",
        processor()
    );
    println!("{}", table.trim_end());
    let mut rows = Vec::new();
    for floor in floors()? {
        let (measured, verdict) = match measure(harness, &floor)? {
            Err(reason) => (None, reason),
            Ok(rounds) => {
                let (value, verdict) = judge(&rounds, floor.bound);
                let word = match (verdict, waivers.reason(&floor.name())) {
                    (Verdict::Holds, _) => "holds".to_owned(),
                    (_, Some(reason)) => format!("missed, waived: {reason}"),
                    (Verdict::Missed, None) => "MISSED".to_owned(),
                    (Verdict::Unclear, None) => "inconclusive".to_owned(),
                };
                missed += usize::from(word == "MISSED");
                unclear += usize::from(word == "inconclusive");
                (Some(value), word)
            }
        };
        let Floor { contest, level, bound, aim } = floor;
        let row = Row { contest, level, measured, floor: bound.to_string(), aim, verdict };
        println!("{}", row.markdown());
        table.push_str(&row.markdown());
        table.push('\n');
        rows.push(row);
    }
    baseline::write(&folder.join("ratios.json"), &rows)?;
    let file = folder.join("ratios.md");
    fs::write(&file, table).map_err(|error| format!("{}: {error}", file.display()))?;
    if missed > 0 {
        return Err(format!("perf-check --ratios: {missed} floor(s) missed in each of {ROUNDS} rounds"));
    }
    Ok(if unclear == 0 { ExitCode::SUCCESS } else { ExitCode::from(INCONCLUSIVE) })
}

/// What Linux calls the processor.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let family = [field("cpu family"), field("model\t")].map(Option::unwrap_or_default);
    let name = field("model name").unwrap_or_else(|| "unknown processor".to_owned());
    format!("{name}, family {} model {}", family[0], family[1])
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
    let (value, noise) = printed.trim_end().split_once(' ')?;
    Some(Measured { value: value.parse().ok()?, noise: noise.parse().ok()? })
}

/// The last round's value, and what all rounds say.
fn judge(rounds: &[Measured], bound: Bound) -> (f64, Verdict) {
    let Some(last) = rounds.last() else { return (f64::NAN, Verdict::Unclear) };
    let within_noise =
        |round: &Measured| bound.holds(round.value + round.noise) || bound.holds(round.value - round.noise);
    let verdict = if bound.holds(last.value) {
        Verdict::Holds
    } else if rounds.iter().any(within_noise) {
        Verdict::Unclear
    } else {
        Verdict::Missed
    };
    (last.value, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: fn(f64, f64) -> Measured = |value, noise| Measured { value, noise };

    #[test]
    fn a_floor_holds_if_the_last_round_reaches_it() {
        let rounds = [ROUND(8.0, 0.01), ROUND(9.0, 0.0)];
        assert_eq!(judge(&rounds, Bound::AtLeast(9.0)), (9.0, Verdict::Holds));
        assert_eq!(judge(&[ROUND(1.5, 0.0)], Bound::AtMost(1.5)), (1.5, Verdict::Holds));
    }

    #[test]
    fn what_is_missed_by_no_more_than_the_noise_is_unclear() {
        let missed = [ROUND(8.0, 0.01), ROUND(8.1, 0.01), ROUND(8.2, 0.01)];
        assert_eq!(judge(&missed, Bound::AtLeast(9.0)).1, Verdict::Missed);
        let noisy = [ROUND(8.0, 0.01), ROUND(8.5, 0.5), ROUND(8.2, 0.01)];
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
