//! `cargo xtask neon`: the tests of the crates with NEON kernels, built for aarch64 and run under qemu.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, process, workspace};

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const EMULATOR: &str = "qemu-aarch64-static";
/// The crates whose kernels have a form of their own on aarch64.
const CRATES: &[&str] = &["mc-g711", "mc-simd", "mc-pool"];
/// Where a distribution puts its compiler, whatever toolchain manager comes first on the path.
const SYSTEM_COMPILER: &str = "/usr/bin/rustc";

const INSTALL: &str = "On Debian: dpkg --add-architecture arm64 && apt-get update && apt-get install \
    rustc-web libstd-rust-web-dev:arm64 gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static";

pub(crate) fn run() -> Outcome {
    for tool in [LINKER, EMULATOR] {
        if !process::works(tool, &["--version"]) {
            return Err(format!("neon: {tool} is missing. {INSTALL}"));
        }
    }
    let compiler = ["rustc", SYSTEM_COMPILER]
        .into_iter()
        .find(|compiler| has_standard_library(compiler))
        .ok_or_else(|| format!("neon: no Rust compiler has the standard library of {TARGET}. {INSTALL}"))?;
    println!("neon: {} for {TARGET}", process::read(Command::new(compiler).arg("--version"))?.trim_end());

    let mut tests = Command::new("cargo");
    tests
        .current_dir(workspace::root())
        .args(["test", "--target", TARGET, "--lib", "--tests"])
        .args(CRATES.iter().flat_map(|name| ["-p", name]))
        .arg("--target-dir")
        .arg(workspace::target_dir()?.join("neon"))
        .env("RUSTC", compiler)
        // Static programs need no aarch64 libraries at run time.
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-C target-feature=+crt-static")
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", EMULATOR);
    process::run(&mut tests)
}

fn has_standard_library(compiler: &str) -> bool {
    let folder = process::read(Command::new(compiler).args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_ok_and(|folder| Path::new(folder.trim_end()).exists())
}
