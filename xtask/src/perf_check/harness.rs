//! The two programs of `mc-benches` that are measured: how they are built and asked.
//!
//! `kernels --list`, `kernels --levels`, `kernels NAME OPERATIONS` (prints a digest of its output) and
//! `kernels --time NAME OPERATIONS` (prints nanoseconds);
//! `packet_counts` (prints `scenario/what NUMBER` lines). The variable [`INJECT`] makes either do more than
//! it should, which is how the gate is tested.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::callgrind::{self, Profile};
use super::counts::{KernelCount, KernelCounts, PacketCounts, thousandths};
use crate::{Outcome, process};

/// Names the regression that a program is to show; see `benches/src/inject.rs`.
const INJECT: &str = "MC_BENCHES_INJECT";

/// An allocation more per packet.
pub(super) const ALLOCATION: &str = "allocation";
/// A copy of the payload more per packet or operation.
pub(super) const COPY: &str = "copy";
/// 5 % more instructions.
pub(super) const INSTRUCTIONS: &str = "instructions";
/// Another output.
pub(super) const OUTPUT: &str = "output";
/// Kernels without SIMD.
pub(super) const SCALAR: &str = "scalar";

/// Operations of the two runs whose difference is the cost. What a run does once (loading, preparing,
/// digesting) is in both and cancels out. Multiples of the number of frames that kernels cycle through.
const FEW: u32 = 64;
const MANY: u32 = 320;

/// The programs, built.
pub(super) struct Harness {
    pub(super) kernels: PathBuf,
    packet_counts: PathBuf,
    /// Where callgrind's files go.
    scratch: PathBuf,
    injection: Option<&'static str>,
}

impl Harness {
    /// Builds the programs of the sources at `root` into `target`.
    pub(super) fn build(root: &Path, target: &Path) -> Outcome<Self> {
        let mut build = Command::new("cargo");
        build
            .current_dir(root)
            .args(["build", "--release", "--package", "mc-benches", "--bins", "--target-dir"])
            .arg(target)
            // Flags of the caller's environment would make other programs than the ones compared with.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        process::run(&mut build)?;
        let programs = target.join("release");
        let scratch = target.join("perf-check");
        std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
        Ok(Self {
            kernels: programs.join("kernels"),
            packet_counts: programs.join("packet_counts"),
            scratch,
            injection: None,
        })
    }

    /// The same programs, made to show a regression of this kind.
    pub(super) fn injecting(&self, injection: &'static str) -> Self {
        Self {
            kernels: self.kernels.clone(),
            packet_counts: self.packet_counts.clone(),
            scratch: self.scratch.clone(),
            injection: Some(injection),
        }
    }

    /// Counts what the packet path allocates, copies and misses.
    pub(super) fn count_packets(&self) -> Outcome<PacketCounts> {
        let mut command = Command::new(&self.packet_counts);
        self.inject(&mut command);
        let printed = process::read(&mut command)?;
        let mut counts = PacketCounts::new();
        for line in printed.lines() {
            let number = line.split_once(' ').and_then(|(name, n)| Some((name, n.parse().ok()?)));
            let (name, number) = number.ok_or_else(|| format!("packet_counts printed `{line}`"))?;
            counts.insert(name.to_owned(), number);
        }
        Ok(counts)
    }

    /// Another program of the package.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.kernels.with_file_name(name)
    }

    /// The kernels there are.
    pub(super) fn kernel_names(&self) -> Outcome<Vec<String>> {
        let printed = process::read(Command::new(&self.kernels).arg("--list"))?;
        Ok(printed.lines().map(str::to_owned).collect())
    }

    /// Nanoseconds that `operations` of a kernel take, this once.
    pub(super) fn time(&self, name: &str, operations: u64) -> Outcome<f64> {
        let mut command = Command::new(&self.kernels);
        self.inject(&mut command);
        let printed = process::read(command.args(["--time", name, &operations.to_string()]))?;
        let nanoseconds = printed.trim_end().parse();
        nanoseconds.map_err(|_| format!("kernels --time printed `{}`", printed.trim_end()))
    }

    /// Counts the instructions of one operation of each of these kernels.
    pub(super) fn count_instructions(&self, names: &[String]) -> Outcome<KernelCounts> {
        names.iter().map(|name| Ok((name.clone(), self.count_kernel(name)?))).collect()
    }

    fn count_kernel(&self, name: &str) -> Outcome<KernelCount> {
        let (_, few) = self.profile(name, FEW)?;
        let (checksum, many) = self.profile(name, MANY)?;
        let per_operation = |few: u64, many: u64| {
            let difference = many as f64 - few as f64;
            thousandths(difference / f64::from(MANY - FEW))
        };
        let instructions = per_operation(few.instructions, many.instructions);
        let functions = many.functions.iter().map(|(function, &cost)| {
            let before = few.functions.get(function).copied().unwrap_or(0);
            (function.clone(), per_operation(before, cost))
        });
        Ok(KernelCount {
            instructions,
            copies: per_operation(few.copies, many.copies),
            checksum: checksum.trim_end().to_owned(),
            functions: functions.filter(|(_, cost)| *cost >= instructions / 100.0).collect(),
        })
    }

    fn profile(&self, name: &str, operations: u32) -> Outcome<(String, Profile)> {
        let file = self.scratch.join("callgrind.out");
        let mut command = callgrind::command(&self.kernels, &file);
        // Equally long in both runs: the arguments' length decides where memory lies.
        command.args([name, &format!("{operations:04}")]);
        self.inject(&mut command);
        callgrind::profile(&mut command, &file)
    }

    fn inject(&self, command: &mut Command) {
        match self.injection {
            Some(injection) => command.env(INJECT, injection),
            None => command.env_remove(INJECT),
        };
    }
}
