//! `perf-check --self-test`: regressions put in on purpose must turn the gate red, each in its own place.

use super::compare::{self, Line, Verdict};
use super::counts::KernelCounts;
use super::harness::Harness;
use super::{callgrind, harness};
use crate::Outcome;

/// The kernels that regressions are put into: the first without state, so that doing it twice gives the same
/// output, and one of each crate that chooses its instruction set.
const KERNELS: [&str; 2] = ["g711/encode_mu", "simd/gain"];

pub(super) fn run(harness: &Harness) -> Outcome {
    let mut failures = 0;
    let mut expect = |what: &str, held: bool| {
        println!("{} {what}", if held { "ok      " } else { "FAILED  " });
        failures += usize::from(!held);
    };

    let counts = harness.count_packets()?;
    let with = |injection| harness.injecting(injection).count_packets();
    let compared = |injection| Ok::<_, String>(compare::packet_counts(&counts, &with(injection)?));
    expect("nothing injected: packet counts are the same again", {
        all_same(&compare::packet_counts(&counts, &harness.count_packets()?))
    });
    expect(
        "one more allocation per packet is red",
        only_worse(&compared(harness::ALLOCATION)?, "/allocations"),
    );
    expect("one more copy of the payload is red", only_worse(&compared(harness::COPY)?, "/copied_bytes"));

    if callgrind::version().is_none() {
        return Err(format!("{}; the rest of the self-test had {failures} failure(s)", callgrind::INSTALL));
    }
    let names = KERNELS.map(str::to_owned);
    let counts = harness.count_instructions(&names)?;
    let of_first = counts.iter().filter(|(name, _)| **name == names[0]);
    let first: KernelCounts = of_first.map(|(name, count)| (name.clone(), count.clone())).collect();
    let with = |injection, names| harness.injecting(injection).count_instructions(names);
    let compared =
        |injection| Ok::<_, String>(compare::kernel_counts(&first, &with(injection, &names[..1])?));
    expect("nothing injected: instructions are the same again, to the last one", {
        harness.count_instructions(&names)? == counts
    });
    expect("5 % more instructions are red", only_worse(&compared(harness::INSTRUCTIONS)?, "/instructions"));
    expect("kernels forced to be scalar are red", {
        only_worse(&compare::kernel_counts(&counts, &with(harness::SCALAR, &names)?), "/instructions")
    });
    expect("one more memcpy per operation is red", has_worse(&compared(harness::COPY)?, "/copies"));
    expect("another output is red", {
        compared(harness::OUTPUT)?.iter().any(|line| line.verdict == Verdict::Changed)
    });
    if failures == 0 { Ok(()) } else { Err(format!("perf-check --self-test: {failures} failure(s)")) }
}

fn all_same(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.verdict == Verdict::Same)
}

/// Some lines are worse, and their names end so.
fn has_worse(lines: &[Line], ending: &str) -> bool {
    lines.iter().any(|line| line.verdict == Verdict::Worse && line.name.ends_with(ending))
}

/// Every line whose name ends so is worse, and no other one differs.
fn only_worse(lines: &[Line], ending: &str) -> bool {
    has_worse(lines, ending)
        && lines.iter().all(|line| match line.verdict {
            Verdict::Worse => line.name.ends_with(ending),
            verdict => verdict == Verdict::Same && !line.name.ends_with(ending),
        })
}
