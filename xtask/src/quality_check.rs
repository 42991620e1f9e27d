//! `cargo xtask quality-check`: the voice processors do their work at least as well as committed.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::bound::Bound;
use crate::{Outcome, process, workspace};

/// Measure the voice processors on seeded synthetic scenes, and compare with benches/baselines/quality.json
///
/// The measures come from the audio that goes in and out, not from what a processor says of itself. Each has a
/// bound there, which is a promise: it is raised when a processor gets better, and never lowered to get
/// something in.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these areas: aec, agc, vad
    areas: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let root = workspace::root();
    let mut measure = Command::new("cargo");
    measure
        .current_dir(&root)
        .args(["run", "--release", "--quiet", "--package", "mc-benches", "--bin", "quality", "--"])
        .args(&arguments.areas);
    let measured = parse(&process::read(&mut measure)?)?;

    let file = root.join("benches/baselines/quality.json");
    let explain = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = fs::read_to_string(&file).map_err(|error| explain(&error))?;
    let mut bounds: BTreeMap<String, Bound> = serde_json::from_str(&text).map_err(|error| explain(&error))?;
    if !arguments.areas.is_empty() {
        bounds.retain(|name, _| arguments.areas.iter().any(|area| name.split('/').next() == Some(area)));
    }
    let (table, failures) = compare(&bounds, &measured);
    print!("{table}");
    if failures == 0 { Ok(()) } else { Err(format!("quality-check: {failures} failure(s)")) }
}

/// Reads `name NUMBER` lines.
fn parse(printed: &str) -> Outcome<BTreeMap<String, f64>> {
    let line = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    let lines: Option<_> = printed.lines().map(line).collect();
    lines.ok_or_else(|| format!("quality printed something other than names and numbers:\n{printed}"))
}

/// A table of all measures, and how many of them break their bound, have none, or were not measured.
fn compare(bounds: &BTreeMap<String, Bound>, measured: &BTreeMap<String, f64>) -> (String, usize) {
    let (mut table, mut failures) = (String::new(), 0);
    for (name, value) in measured {
        let verdict = match bounds.get(name) {
            Some(bound) if bound.holds(*value) => format!("{bound}"),
            Some(bound) => format!("{bound}: FAILED"),
            None => "FAILED: no bound is committed".to_owned(),
        };
        failures += usize::from(verdict.contains("FAILED"));
        table.push_str(&format!("{name:<48}{value:>10.3}  {verdict}\n"));
    }
    for name in bounds.keys().filter(|name| !measured.contains_key(*name)) {
        failures += 1;
        table.push_str(&format!("{name:<48}{:>10}  FAILED: not measured\n", "–"));
    }
    (table, failures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(bounds: &[(&str, Bound)], measured: &[(&str, f64)]) -> usize {
        let bounds = bounds.iter().map(|(name, bound)| ((*name).to_owned(), *bound)).collect();
        let measured = measured.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        compare(&bounds, &measured).1
    }

    #[test]
    fn bounds_hold_on_their_own_side() {
        let erle = [("erle", Bound::AtLeast(12.0))];
        assert_eq!(failures(&erle, &[("erle", 12.0)]), 0);
        assert_eq!(failures(&erle, &[("erle", 11.999)]), 1);
        assert_eq!(failures(&erle, &[("erle", f64::NAN)]), 1);
        let error = [("error", Bound::AtMost(1.0))];
        assert_eq!(failures(&error, &[("error", 1.0)]), 0);
        assert_eq!(failures(&error, &[("error", 1.001)]), 1);
    }

    #[test]
    fn both_sets_must_be_the_same() {
        assert_eq!(failures(&[], &[("erle", 12.0)]), 1);
        assert_eq!(failures(&[("erle", Bound::AtLeast(12.0))], &[]), 1);
    }

    #[test]
    fn the_committed_file_reads_as_it_is_meant() {
        let text = r#"{"erle_db": {"at_least": 12.0}, "error_db": {"at_most": 2.5}}"#;
        let bounds: BTreeMap<String, Bound> = serde_json::from_str(text).unwrap();
        assert_eq!(bounds["erle_db"], Bound::AtLeast(12.0));
        assert_eq!(bounds["error_db"], Bound::AtMost(2.5));
    }
}
