//! Instruction counts: a program run under valgrind's callgrind, and what its output file says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::{Outcome, process};

pub(super) const INSTALL: &str = "valgrind is missing, so instructions are not counted (Debian: apt-get install valgrind; Fedora: dnf install valgrind)";

/// What one run under callgrind cost.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Profile {
    /// Instructions executed.
    pub(super) instructions: u64,
    /// Calls of the C library's `memcpy` and `memmove`.
    pub(super) copies: u64,
    /// Instructions by function, without those of the functions it calls.
    pub(super) functions: BTreeMap<String, u64>,
}

/// The installed valgrind's version, as `valgrind-3.19.0`; `None` without valgrind.
pub(super) fn version() -> Option<String> {
    let line = process::read(Command::new("valgrind").arg("--version")).ok()?;
    Some(line.trim_end().to_owned())
}

/// `program` as valgrind runs it, with settings of the C library that would change counts taken away.
pub(super) fn under_valgrind(tool: &[&str], program: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.arg("--quiet").args(tool).arg(program);
    for variable in ["GLIBC_TUNABLES", "LD_PRELOAD", "LD_BIND_NOW"] {
        command.env_remove(variable);
    }
    command
}

/// `program` under callgrind, which writes to `file`; arguments may follow.
pub(super) fn command(program: &Path, file: &Path) -> Command {
    let out = format!("--callgrind-out-file={}", file.display());
    // Names in full and costs by function keep the file readable by `parse`.
    let tool = ["--tool=callgrind", "--compress-strings=no", "--compress-pos=no", "--dump-line=no", &out];
    under_valgrind(&tool, program)
}

/// Runs a [`command`]; returns what it printed and what it cost.
pub(super) fn profile(command: &mut Command, file: &Path) -> Outcome<(String, Profile)> {
    let printed = process::read(command)?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((printed, parse(&text)?))
}

/// Reads callgrind's profile format (Callgrind Format Specification 1): `fn=` begins a function, a line of
/// numbers is its own cost, and the line after `calls=` is the cost of the function called.
fn parse(text: &str) -> Outcome<Profile> {
    let mut profile = Profile::default();
    let mut function = String::new();
    let mut callee_copies = false;
    let mut is_callee_cost = false;
    let mut total = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            function = without_hash(name);
        } else if let Some(name) = line.strip_prefix("cfn=") {
            callee_copies = name.contains("memcpy") || name.contains("memmove");
        } else if let Some(calls) = line.strip_prefix("calls=") {
            if callee_copies {
                profile.copies += number(calls.split(' ').next())?;
            }
            is_callee_cost = true;
        } else if let Some(sum) = line.strip_prefix("totals: ") {
            total = Some(number(Some(sum))?);
        } else if line.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-' || c == '*') {
            if !is_callee_cost {
                *profile.functions.entry(function.clone()).or_default() += number(line.split(' ').nth(1))?;
            }
            is_callee_cost = false;
        }
    }
    profile.instructions = total.ok_or("callgrind's output has no line of totals")?;
    Ok(profile)
}

fn number(word: Option<&str>) -> Outcome<u64> {
    let word = word.unwrap_or_default().trim();
    word.parse().map_err(|_| format!("callgrind's output has `{word}` where a number should be"))
}

/// A Rust symbol without the hash that changes from one build to the next, and without recursion marks.
fn without_hash(name: &str) -> String {
    let name = name.split('\'').next().unwrap_or(name);
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()) => {
            path.to_owned()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
version: 1
events: Ir

ob=/bin/kernels
fl=main.rs
fn=mc::run::h0123456789abcdef
0 20
cob=/lib/libc.so.6
cfn=__memmove_avx_unaligned_erms
calls=3 0
0 60
0 7
cfn=mc::other
calls=1 0
0 5

fn=__memmove_avx_unaligned_erms
0 60

fn=mc::other
0 5
totals: 92
";

    #[test]
    fn costs_and_copies_are_read() {
        let profile = parse(FILE).unwrap();
        assert_eq!(profile.instructions, 92);
        assert_eq!(profile.copies, 3);
        assert_eq!(profile.functions["mc::run"], 27);
        assert_eq!(profile.functions.values().sum::<u64>(), profile.instructions);
    }

    #[test]
    fn a_file_without_totals_or_with_words_for_numbers_is_refused() {
        assert!(parse("fn=a\n0 20\n").is_err());
        assert!(parse("fn=a\n0 many\ntotals: 20\n").is_err());
    }
}
