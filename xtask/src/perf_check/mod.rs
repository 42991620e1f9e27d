//! `cargo xtask perf-check`: no change makes the packet path or a kernel cost more without anybody saying so.
//!
//! Two deterministic measurements, the same on a busy machine as on an idle one: exact counts of what the
//! packet path allocates, copies and misses; instructions per operation under callgrind.

mod base;
mod baseline;
mod callgrind;
mod ceilings;
mod compare;
mod counts;
mod fingerprint;
mod harness;
mod paired;
mod ratios;
mod report;
mod self_test;
mod waivers;

use std::path::Path;
use std::process::ExitCode;

use crate::{Outcome, workspace};
use fingerprint::Fingerprint;
use harness::Harness;
use report::{Against, Section};
use waivers::Waivers;

/// Exit status when nothing wrong was found but not everything could be checked.
const INCOMPLETE: u8 = 3;
/// Exit status when times were measured and the machine was too busy to say what they mean.
const INCONCLUSIVE: u8 = 4;

/// Count what the packet path and the kernels cost, and compare with benches/baselines/
///
/// Packet counts (allocations, copied bytes, pool misses) must be equal. Instruction counts under valgrind's
/// callgrind must lie within 1 % either way: what got cheaper is recorded with --bless, so that it stays so; and
/// below the ceilings of ceilings.json. Committed instruction counts hold for one compiler, target, valgrind, C
/// library and set of instruction sets; anywhere else the parent commit (or --base) is built and measured too, and
/// compared with instead. Both kinds of counts are the same on a busy machine as on an idle one.
///
/// --ratios and --paired read the clock instead and see what valgrind cannot, AVX-512 above all: run them where
/// nothing else runs. What may be worse for now is in waivers.json, with a reason and a last day.
///
/// Reports: target/perf-check/report.md and report.json; of --ratios, ratios.md and ratios.json.
///
/// Exit status: 0 all as it should be; 1 something differs, is slower, or failed; 3 nothing differs, but something
/// could not be checked (no valgrind); 4 the machine was too busy for --ratios or --paired to tell.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Commit what is measured now as the new baseline
    #[arg(long)]
    bless: bool,
    /// Put regressions in on purpose and see that each is found
    #[arg(long, conflicts_with = "bless")]
    self_test: bool,
    /// Time the kernels against the plain way, in one process, and compare with benches/baselines/ratios.json
    #[arg(long, conflicts_with_all = ["bless", "self_test"])]
    ratios: bool,
    /// Time the kernels against those of an earlier commit (--base), the two programs in turn
    #[arg(long, conflicts_with_all = ["bless", "self_test", "ratios"])]
    paired: bool,
    /// Compare with this commit, built and measured here, instead of the committed counts
    #[arg(long, value_name = "COMMIT", conflicts_with_all = ["bless", "self_test", "ratios"])]
    base: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome<ExitCode> {
    let target = workspace::target_dir()?;
    let harness = Harness::build(&workspace::root(), &target)?;
    if arguments.self_test {
        self_test::run(&harness)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.bless {
        return bless(&harness);
    }
    let waivers = Waivers::load()?;
    if arguments.ratios {
        return ratios::run(&harness, &waivers, &target.join("perf-check"));
    }
    let mut base = Base { asked_for: arguments.base.as_deref(), target: &target, built: None };
    if arguments.paired {
        println!("{}", base.about()?);
        return paired::run(base.harness()?, &harness);
    }
    let mut sections = vec![packet_section(&harness, &mut base)?];
    sections.extend(kernel_sections(&harness, &mut base, &waivers)?);
    let folder = target.join("perf-check");
    report::write(&folder, &sections)?;
    for section in &sections {
        println!("{}", section.markdown(false));
    }
    println!("All numbers: {}", folder.join("report.md").display());
    judge(&sections)
}

fn judge(sections: &[Section]) -> Outcome<ExitCode> {
    let failing: usize = sections.iter().map(|section| section.failing().count()).sum();
    if failing > 0 {
        let recordable =
            |section: &Section| section.against == Against::Baseline && section.failing().next().is_some();
        let advice = if sections.iter().any(recordable) {
            " If that is meant, `cargo xtask perf-check --bless` records it; commit benches/baselines/ with the \
             change and say why."
        } else {
            ""
        };
        return Err(format!("perf-check: {failing} value(s) are not as they should be.{advice}"));
    }
    let complete = sections.iter().all(|section| section.checked);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
}

fn bless(harness: &Harness) -> Outcome<ExitCode> {
    baseline::store_packet_counts(&harness.count_packets()?)?;
    let Some(fingerprint) = Fingerprint::here(&harness.kernels)? else {
        return Err(format!("Packet counts are recorded, instructions are not: {}.", callgrind::INSTALL));
    };
    let kernels = harness.count_instructions(&harness.kernel_names()?)?;
    baseline::store_kernel_counts(&fingerprint, &kernels)?;
    println!("Recorded in benches/baselines/ for {}", fingerprint.file_name());
    Ok(ExitCode::SUCCESS)
}

fn packet_section(harness: &Harness, base: &mut Base<'_>) -> Outcome<Section> {
    let (baseline, about, against) = if base.asked_for.is_none() {
        let about = "Compared with the committed counts.".to_owned();
        (baseline::packet_counts()?, about, Against::Baseline)
    } else {
        (base.harness()?.count_packets()?, base.about()?, Against::Commit)
    };
    let lines = compare::packet_counts(&baseline, &harness.count_packets()?);
    Ok(Section { title: "Packet path, exact counts", about, lines, against, checked: true })
}

/// Instruction counts, and their ceilings.
fn kernel_sections(harness: &Harness, base: &mut Base<'_>, waivers: &Waivers) -> Outcome<Vec<Section>> {
    let title = "Instructions per operation";
    let Some(fingerprint) = Fingerprint::here(&harness.kernels)? else {
        let about = format!("NOT CHECKED: {}.", callgrind::INSTALL);
        let against = Against::Baseline;
        return Ok(vec![Section { title, about, lines: Vec::new(), against, checked: false }]);
    };
    let surroundings = fingerprint.file_name();
    let stored = if base.asked_for.is_some() { None } else { baseline::kernel_counts(&fingerprint)? };
    let (baseline, about, against) = match stored {
        Some(stored) => {
            let about = format!("Compared with the committed counts for {surroundings}.");
            (stored, about, Against::Baseline)
        }
        None => {
            let earlier = base.harness()?;
            let counts = earlier.count_instructions(&earlier.kernel_names()?)?;
            let about = format!("No committed counts are used for {surroundings}. {}", base.about()?);
            (counts, about, Against::Commit)
        }
    };
    let measured = harness.count_instructions(&harness.kernel_names()?)?;
    let mut lines = compare::kernel_counts(&baseline, &measured);
    waivers.apply(&mut lines);
    let relative = Section { title, about, lines, against, checked: true };

    let about = "Compared with benches/baselines/ceilings.json.".to_owned();
    let lines = ceilings::compare(&fingerprint, &measured)?;
    let title = "Ceilings";
    Ok(vec![relative, Section { title, about, lines, against: Against::Ceilings, checked: true }])
}

/// The earlier commit, built when first needed.
struct Base<'a> {
    asked_for: Option<&'a str>,
    target: &'a Path,
    built: Option<(Harness, String)>,
}

impl Base<'_> {
    fn harness(&mut self) -> Outcome<&Harness> {
        Ok(&self.build()?.0)
    }

    fn about(&mut self) -> Outcome<String> {
        Ok(format!("Compared with commit {}, built and measured here.", self.build()?.1))
    }

    fn build(&mut self) -> Outcome<&(Harness, String)> {
        let built = match self.built.take() {
            Some(built) => built,
            None => {
                let commit = base::commit(self.asked_for)?;
                (base::build(&commit, self.target)?, commit)
            }
        };
        Ok(self.built.insert(built))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compare::{Line, Verdict};

    fn advice(against: Against) -> String {
        let name = "path/gain/instructions".to_owned();
        let line = Line { name, baseline: None, measured: None, verdict: Verdict::Worse, grown: Vec::new() };
        let (about, lines) = (String::new(), vec![line]);
        judge(&[Section { title: "", about, lines, against, checked: true }]).unwrap_err()
    }

    #[test]
    fn blessing_is_advised_only_where_it_would_record_something() {
        assert!(advice(Against::Baseline).contains("--bless"));
        assert!(!advice(Against::Commit).contains("--bless"));
        assert!(!advice(Against::Ceilings).contains("--bless"));
    }
}
