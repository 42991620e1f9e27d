//! Measured against committed: what differs, and whether that is a regression.

use super::counts::{KernelCount, KernelCounts, PacketCounts};

/// Relative change of an instruction count that is still the same: two compilations of the same source may
/// place code differently.
const TOLERANCE: f64 = 0.01;

/// How a measured value stands to the committed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Worse,
    /// Worse, and a committed waiver says why that is so for now.
    Waived,
    /// As wrong as worse: until it is committed, a later regression up to the old value would pass.
    Better,
    /// The output is another one.
    Changed,
    /// Measured, not committed.
    New,
    /// Committed, not measured.
    Gone,
}

impl Verdict {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Worse => "WORSE",
            Self::Waived => "worse, waived",
            Self::Better => "better: record it with --bless",
            Self::Changed => "OUTPUT CHANGED",
            Self::New => "NOT IN THE BASELINE",
            Self::Gone => "ONLY IN THE BASELINE",
        }
    }
}

/// One compared value.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) baseline: Option<f64>,
    pub(super) measured: Option<f64>,
    pub(super) verdict: Verdict,
    /// Functions whose own instructions per operation grew, with how much, largest first.
    pub(super) grown: Vec<(String, f64)>,
}

/// Exact counts: equal or not.
pub(super) fn packet_counts(baseline: &PacketCounts, measured: &PacketCounts) -> Vec<Line> {
    let exactly = |old: &u64, new: &u64| match new.cmp(old) {
        std::cmp::Ordering::Equal => Verdict::Same,
        std::cmp::Ordering::Greater => Verdict::Worse,
        std::cmp::Ordering::Less => Verdict::Better,
    };
    let names = baseline.keys().chain(measured.keys().filter(|name| !baseline.contains_key(*name)));
    names
        .map(|name| {
            let (old, new) = (baseline.get(name), measured.get(name));
            Line {
                name: name.clone(),
                baseline: old.map(|&n| n as f64),
                measured: new.map(|&n| n as f64),
                verdict: verdict(old, new, exactly),
                grown: Vec::new(),
            }
        })
        .collect()
}

/// Instruction counts: within [`TOLERANCE`], with the same output and the same number of copies.
pub(super) fn kernel_counts(baseline: &KernelCounts, measured: &KernelCounts) -> Vec<Line> {
    let names = baseline.keys().chain(measured.keys().filter(|name| !baseline.contains_key(*name)));
    let mut lines = Vec::new();
    for name in names {
        let (old, new) = (baseline.get(name), measured.get(name));
        lines.push(Line {
            name: format!("{name}/instructions"),
            baseline: old.map(|count| count.instructions),
            measured: new.map(|count| count.instructions),
            verdict: verdict(old, new, instructions),
            grown: grown(old, new),
        });
        lines.push(Line {
            name: format!("{name}/copies"),
            baseline: old.map(|count| count.copies),
            measured: new.map(|count| count.copies),
            verdict: verdict(old, new, |old, new| against(old.copies, new.copies, 0.0)),
            grown: Vec::new(),
        });
    }
    lines
}

fn verdict<T>(old: Option<&T>, new: Option<&T>, both: impl Fn(&T, &T) -> Verdict) -> Verdict {
    match (old, new) {
        (Some(old), Some(new)) => both(old, new),
        (Some(_), None) => Verdict::Gone,
        (None, _) => Verdict::New,
    }
}

fn instructions(old: &KernelCount, new: &KernelCount) -> Verdict {
    if old.checksum == new.checksum {
        against(old.instructions, new.instructions, TOLERANCE)
    } else {
        Verdict::Changed
    }
}

fn against(old: f64, new: f64, tolerance: f64) -> Verdict {
    if new > old * (1.0 + tolerance) {
        Verdict::Worse
    } else if new < old * (1.0 - tolerance) {
        Verdict::Better
    } else {
        Verdict::Same
    }
}

fn grown(old: Option<&KernelCount>, new: Option<&KernelCount>) -> Vec<(String, f64)> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let growth = |(name, &now): (&String, &f64)| {
        let more = now - old.functions.get(name).copied().unwrap_or(0.0);
        (more >= 0.5).then(|| (name.clone(), more))
    };
    let mut grown: Vec<_> = new.functions.iter().filter_map(growth).collect();
    grown.sort_by(|a, b| b.1.total_cmp(&a.1));
    grown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(instructions: f64, copies: f64, checksum: &str) -> KernelCounts {
        let functions = [("work".to_owned(), instructions)].into();
        let count = KernelCount { instructions, copies, checksum: checksum.to_owned(), functions };
        [("gain".to_owned(), count)].into()
    }

    fn verdicts(new: &KernelCounts) -> [Verdict; 2] {
        let lines = kernel_counts(&kernel(1_000.0, 1.0, "a"), new);
        [lines[0].verdict, lines[1].verdict]
    }

    #[test]
    fn instructions_have_a_tolerance_of_one_percent_either_way() {
        for (new, expected) in [
            (1_000.0, Verdict::Same),
            (1_010.0, Verdict::Same),
            (1_010.1, Verdict::Worse),
            (990.0, Verdict::Same),
            (989.9, Verdict::Better),
        ] {
            assert_eq!(verdicts(&kernel(new, 1.0, "a")), [expected, Verdict::Same], "{new}");
        }
    }

    #[test]
    fn copies_have_none_and_another_output_is_seen_whatever_it_costs() {
        assert_eq!(verdicts(&kernel(1_000.0, 2.0, "a")), [Verdict::Same, Verdict::Worse]);
        assert_eq!(verdicts(&kernel(1_000.0, 0.0, "a")), [Verdict::Same, Verdict::Better]);
        assert_eq!(verdicts(&kernel(900.0, 1.0, "b")), [Verdict::Changed, Verdict::Same]);
    }

    #[test]
    fn the_functions_that_grew_are_named() {
        let lines = kernel_counts(&kernel(1_000.0, 1.0, "a"), &kernel(1_100.0, 1.0, "a"));
        assert_eq!(lines[0].grown, [("work".to_owned(), 100.0)]);
    }

    #[test]
    fn both_sets_must_be_the_same() {
        let one = kernel(1.0, 0.0, "a");
        let none = KernelCounts::new();
        assert_eq!(kernel_counts(&one, &none)[0].verdict, Verdict::Gone);
        assert_eq!(kernel_counts(&none, &one)[0].verdict, Verdict::New);
        let counts: PacketCounts = [("a".to_owned(), 1)].into();
        assert_eq!(packet_counts(&counts, &PacketCounts::new())[0].verdict, Verdict::Gone);
        assert_eq!(packet_counts(&PacketCounts::new(), &counts)[0].verdict, Verdict::New);
    }

    #[test]
    fn packet_counts_are_exact() {
        let with = |n| PacketCounts::from([("path/allocations".to_owned(), n)]);
        for (new, expected) in [(4, Verdict::Better), (5, Verdict::Same), (6, Verdict::Worse)] {
            assert_eq!(packet_counts(&with(5), &with(new))[0].verdict, expected);
        }
    }
}
