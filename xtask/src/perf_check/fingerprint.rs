//! What instruction counts depend on besides the source: counts compare only where all of it is equal.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::callgrind;
use crate::{Outcome, process, workspace};

/// The surroundings of a measurement.
///
/// Not part of it: the processor (valgrind presents one of its own; only the instruction sets it takes over
/// matter, and those are in `levels`), the kernel, and `Cargo.lock` (what a new version of a dependency costs
/// is exactly what should be seen).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    /// Compiler release and commit: it decides which instructions the source becomes.
    rustc: String,
    /// Target triple.
    target: String,
    /// valgrind's release: it decides which processor a program sees.
    valgrind: String,
    /// The C library's release: its copying, filling and allocating are counted too.
    libc: String,
    /// The instruction sets that the kernels choose under valgrind.
    levels: String,
}

impl Fingerprint {
    /// Of this machine, for a `harness` already built; `None` without valgrind.
    pub(super) fn here(harness: &Path) -> Outcome<Option<Self>> {
        let Some(valgrind) = callgrind::version() else { return Ok(None) };
        let rustc = process::read(Command::new("rustc").arg("-vV").current_dir(workspace::root()))?;
        let field = |name: &str| {
            let line = rustc.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim().to_owned()
        };
        let levels = process::read(callgrind::under_valgrind(&["--tool=none"], harness).arg("--levels"))?;
        Ok(Some(Self {
            rustc: format!("{} {}", field("release:"), field("commit-hash:")),
            target: field("host:"),
            valgrind,
            libc: libc(),
            levels: levels.trim_end().to_owned(),
        }))
    }

    /// Whether every kernel chooses this instruction set.
    pub(super) fn is_of_level(&self, level: &str) -> bool {
        self.levels.split(", ").all(|chosen| chosen.split_once(' ').is_some_and(|(_, name)| name == level))
    }

    /// A file name with everything that people change: target, compiler, valgrind, C library, instruction
    /// sets.
    pub(super) fn file_name(&self) -> String {
        let release = self.rustc.split(' ').next().unwrap_or_default();
        let target = self.target.split('-').next().unwrap_or_default();
        let name = format!("{target}-rustc-{release}-{}-{}-{}", self.valgrind, self.libc, self.levels);
        let clean =
            |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
        format!("{}.json", name.chars().map(clean).collect::<String>())
    }
}

/// The C library's name and upstream release. A distribution's patches are left out: they fix faults, and a
/// copying routine that they did change shows as a difference like any other.
fn libc() -> String {
    process::read(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .map_or_else(|_| "unknown libc".to_owned(), |line| line.trim_end().to_owned())
}
