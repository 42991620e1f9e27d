//! An earlier commit, built and measured here and now: what to compare with where no committed counts fit.

use std::path::Path;
use std::process::Command;

use super::harness::Harness;
use crate::{Outcome, process, workspace};

/// The commit to compare with: `HEAD` if the files differ from it; else where this branch left the main
/// branch; else the commit before.
pub(super) fn commit(asked_for: Option<&str>) -> Outcome<String> {
    if let Some(revision) = asked_for {
        return revision_of(revision);
    }
    let head = revision_of("HEAD")?;
    if !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty() {
        return Ok(head);
    }
    for main in ["origin/main", "main"] {
        if let Ok(base) = git(&["merge-base", "HEAD", main])
            && base != head
        {
            return Ok(base);
        }
    }
    revision_of("HEAD~1")
}

/// Builds the harness of `commit` in a work tree of its own under `target`.
pub(super) fn build(commit: &str, target: &Path) -> Outcome<Harness> {
    let sources = target.join("perf-check").join("base-sources");
    let sources = sources.to_str().ok_or("the target folder's name is not UTF-8")?;
    // Left over from a run that was interrupted.
    drop(git(&["worktree", "remove", "--force", sources]));
    git(&["worktree", "add", "--detach", "--force", sources, commit])?;
    let harness = Harness::build(Path::new(sources), &target.join("perf-check").join("base-target"));
    git(&["worktree", "remove", "--force", sources])?;
    harness.map_err(|reason| format!("the harness of commit {commit} does not build: {reason}"))
}

fn revision_of(revision: &str) -> Outcome<String> {
    git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]).map_err(|_| {
        format!("perf-check: there is no commit {revision} to compare with; name one with --base")
    })
}

fn git(arguments: &[&str]) -> Outcome<String> {
    let printed = process::read(Command::new("git").args(arguments).current_dir(workspace::root()))?;
    Ok(printed.trim_end().to_owned())
}
