//! `cargo xtask tidy`: the house rules that a machine can check, over every file git tracks.

mod commands;
mod evidence;
mod layout;
mod text;

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, process, workspace};

/// A tracked text file.
struct File {
    /// Relative to the root, with `/` between its parts.
    path: String,
    content: String,
}

pub(crate) fn run(xtask_commands: &[String]) -> Outcome {
    let metadata = workspace::metadata()?;
    let files = tracked_text_files()?;
    let mut findings = Vec::new();
    for file in &files {
        findings.extend(text::check(file));
        findings.extend(layout::check_unsafe_place(file));
    }
    for package in metadata.workspace_packages() {
        findings.extend(layout::check_package(package));
    }
    let known = commands::Known::new(&metadata, xtask_commands);
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        findings.extend(known.check(file));
    }
    findings.extend(evidence::check(&files));
    if !findings.is_empty() {
        return Err(format!("{}\ntidy: {} finding(s)", findings.join("\n"), findings.len()));
    }
    println!("tidy: {} files, nothing to say", files.len());
    Ok(())
}

/// What git tracks or would track (new files that are not ignored), apart from generated and binary files.
fn tracked_text_files() -> Outcome<Vec<File>> {
    let root = workspace::root();
    let list = process::read(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
            .current_dir(&root),
    )?;
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty() && *path != "Cargo.lock") {
        let full: PathBuf = root.join(path);
        // A path that git still lists but that is being deleted has nothing to check; nor has a binary file.
        let Ok(bytes) = std::fs::read(&full) else { continue };
        let Ok(content) = String::from_utf8(bytes) else { continue };
        files.push(File { path: path.to_owned(), content });
    }
    Ok(files)
}
