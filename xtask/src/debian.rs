//! Programs and files from Debian's packages, where the machine can install or download them.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, process};

/// Makes sure that each `(command, package)` works: where a command fails, its package is installed as root
/// or through sudo; where that is not possible, the error says what to install.
pub(crate) fn need(commands: &[(&[&str], &str)]) -> Outcome {
    let works =
        |words: &[&str]| words.split_first().is_some_and(|(program, rest)| process::works(program, rest));
    let missing: Vec<&str> =
        commands.iter().filter(|(words, _)| !works(words)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let explain = |reason| format!("Debian packages to install: {}; {reason}", missing.join(" "));
    let install = [&["apt-get", "install", "-y", "-qq", "--no-remove"], missing.as_slice()].concat();
    update().and_then(|()| process::run(&mut as_root(&install))).map_err(explain)
}

/// Downloads a package, without installing it, into `folder`.
pub(crate) fn download(package: &str, folder: &Path) -> Outcome {
    let download =
        || process::read(Command::new("apt-get").args(["download", "-qq", package]).current_dir(folder));
    // A machine whose package lists were never fetched knows no package.
    download().or_else(|_| update().and_then(|()| download())).map(drop)
}

fn update() -> Outcome {
    process::run(&mut as_root(&["apt-get", "update", "-qq"]))
}

fn as_root(line: &[&str]) -> Command {
    let is_root = is_root();
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    command.args(if is_root { &[] } else { &["-n"][..] }).args(line);
    command
}

/// Whether what runs here may do anything.
pub(crate) fn is_root() -> bool {
    process::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_end() == "0")
}
