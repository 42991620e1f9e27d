//! `cargo xtask perf-check`: no change makes the packet path or a kernel cost more without anybody saying so.
//!
//! Two deterministic measurements, the same on a busy machine as on an idle one: exact counts of what the
//! packet path allocates, copies and misses; instructions per operation under callgrind.

mod base;
mod baseline;
mod callgrind;
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
use report::Section;
use waivers::Waivers;

/// Exit status when nothing wrong was found but not everything could be checked.
const INCOMPLETE: u8 = 3;
/// Exit status when times were measured and the machine was too busy to say what they mean.
const INCONCLUSIVE: u8 = 4;

/// Count what the packet path and the kernels cost, and compare with benches/baselines/
///
/// Packet counts (allocations, copied bytes, pool misses) must be equal. Instruction counts under valgrind's
/// callgrind must lie within 1 % either way: what got cheaper is recorded with --bless, so that it stays so.
/// Committed instruction counts hold for one compiler, target, valgrind, C library and set of instruction
/// sets; anywhere else the parent commit (or --base) is built and measured too, and compared with instead.
/// Reports: target/perf-check/report.md and report.json.
///
/// Exit status: 0 all as committed; 1 something differs or failed; 3 nothing differs, but something could not
/// be checked (no valgrind).
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
        return ratios::run(&harness, &waivers);
    }
    let mut base = Base { asked_for: arguments.base.as_deref(), target: &target, built: None };
    if arguments.paired {
        println!("{}", base.about()?);
        return paired::run(base.harness()?, &harness);
    }
    let sections = [packet_section(&harness, &mut base)?, kernel_section(&harness, &mut base, &waivers)?];
    let folder = target.join("perf-check");
    report::write(&folder, &sections)?;
    for section in &sections {
        println!("{}", section.markdown(false));
    }
    println!("All numbers: {}", folder.join("report.md").display());
    let failing: usize = sections.iter().map(|section| section.failing().count()).sum();
    if failing > 0 {
        return Err(format!(
            "perf-check: {failing} value(s) differ from the baseline. If that is meant, `cargo xtask \
             perf-check --bless` records it; commit benches/baselines/ with the change and say why."
        ));
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
    let committed = base.asked_for.is_none();
    let (baseline, about) = if committed {
        (baseline::packet_counts()?, "Compared with the committed counts.".to_owned())
    } else {
        (base.harness()?.count_packets()?, base.about()?)
    };
    let lines = compare::packet_counts(&baseline, &harness.count_packets()?);
    Ok(Section { title: "Packet path, exact counts", about, lines, committed, checked: true })
}

fn kernel_section(harness: &Harness, base: &mut Base<'_>, waivers: &Waivers) -> Outcome<Section> {
    let title = "Instructions per operation";
    let Some(fingerprint) = Fingerprint::here(&harness.kernels)? else {
        let about = format!("NOT CHECKED: {}.", callgrind::INSTALL);
        return Ok(Section { title, about, lines: Vec::new(), committed: true, checked: false });
    };
    let surroundings = fingerprint.file_name();
    let stored = if base.asked_for.is_some() { None } else { baseline::kernel_counts(&fingerprint)? };
    let committed = stored.is_some();
    let (baseline, about) = match stored {
        Some(stored) => (stored, format!("Compared with the committed counts for {surroundings}.")),
        None => {
            let earlier = base.harness()?;
            let counts = earlier.count_instructions(&earlier.kernel_names()?)?;
            (counts, format!("No committed counts are used for {surroundings}. {}", base.about()?))
        }
    };
    let measured = harness.count_instructions(&harness.kernel_names()?)?;
    let mut lines = compare::kernel_counts(&baseline, &measured);
    waivers.apply(&mut lines);
    Ok(Section { title, about, lines, committed, checked: true })
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
