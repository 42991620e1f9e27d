//! What some kernels may cost at most, whatever the baseline says: `benches/baselines/ceilings.json`. A baseline can
//! be blessed upwards step by step, a ceiling stays.

use serde::Deserialize;

use super::baseline;
use super::compare::{Line, Verdict};
use super::counts::KernelCounts;
use super::fingerprint::Fingerprint;
use crate::Outcome;
use crate::bound::Bound;

/// What one operation of a kernel may cost, in instructions.
#[derive(Deserialize)]
struct Ceiling {
    kernel: String,
    /// Another kernel, if the bound is on what this one costs more than that.
    #[serde(default)]
    over: Option<String>,
    /// The instruction set that it is meant for.
    level: String,
    #[serde(flatten)]
    bound: Bound,
    /// What it should cost.
    aim: f64,
}

/// Every ceiling for the instruction sets of `fingerprint`, beside what was `measured`.
pub(super) fn compare(fingerprint: &Fingerprint, measured: &KernelCounts) -> Outcome<Vec<Line>> {
    let ceilings = ceilings()?;
    let here = ceilings.iter().filter(|ceiling| fingerprint.is_of_level(&ceiling.level));
    Ok(here.map(|ceiling| line(ceiling, measured)).collect())
}

fn ceilings() -> Outcome<Vec<Ceiling>> {
    baseline::read(&baseline::folder().join("ceilings.json")).map(Option::unwrap_or_default)
}

fn line(ceiling: &Ceiling, measured: &KernelCounts) -> Line {
    let Ceiling { kernel, over, level, bound, aim } = ceiling;
    let cost = |kernel: &String| measured.get(kernel).map(|count| count.instructions);
    let (instructions, name) = match over {
        None => (cost(kernel), kernel.clone()),
        Some(over) => {
            (cost(kernel).zip(cost(over)).map(|(cost, of)| cost - of), format!("{kernel} over {over}"))
        }
    };
    Line {
        name: format!("{name}, {level}, {bound}, aim {aim}"),
        baseline: Some(bound.value()),
        measured: instructions,
        verdict: match instructions {
            None => Verdict::Gone,
            Some(instructions) if bound.holds(instructions) => Verdict::Same,
            Some(_) => Verdict::Worse,
        },
        grown: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perf_check::counts::KernelCount;

    #[test]
    fn a_kernel_above_its_ceiling_is_worse_and_a_missing_one_is_gone() {
        let text = r#"{"kernel": "path/gain", "level": "AVX2", "at_most": 1000, "aim": 850}"#;
        let ceiling: Ceiling = serde_json::from_str(text).unwrap();
        let verdict = |instructions: f64| {
            let count = KernelCount { instructions, ..KernelCount::default() };
            line(&ceiling, &[("path/gain".to_owned(), count)].into()).verdict
        };
        assert_eq!((verdict(1_000.0), verdict(1_000.1)), (Verdict::Same, Verdict::Worse));
        assert_eq!(line(&ceiling, &KernelCounts::new()).verdict, Verdict::Gone);
    }

    #[test]
    fn a_ceiling_over_another_kernel_is_on_the_difference() {
        let text = r#"{"kernel": "a", "over": "b", "level": "AVX2", "at_most": 17, "aim": 8}"#;
        let ceiling: Ceiling = serde_json::from_str(text).unwrap();
        let counts = |kernels: &[(&str, f64)]| -> KernelCounts {
            let count = |&instructions: &f64| KernelCount { instructions, ..KernelCount::default() };
            kernels.iter().map(|(name, instructions)| ((*name).to_owned(), count(instructions))).collect()
        };
        let verdict = |kernels: &[(&str, f64)]| line(&ceiling, &counts(kernels)).verdict;
        assert_eq!(verdict(&[("a", 817.0), ("b", 800.0)]), Verdict::Same);
        assert_eq!(verdict(&[("a", 818.0), ("b", 800.0)]), Verdict::Worse);
        assert_eq!(verdict(&[("a", 817.0)]), Verdict::Gone);
    }

    #[test]
    fn every_committed_ceiling_has_an_aim_below_it() {
        let ceilings = ceilings().unwrap();
        assert!(!ceilings.is_empty());
        for ceiling in ceilings {
            assert!(ceiling.bound.holds(ceiling.aim), "{}", ceiling.kernel);
        }
    }
}
