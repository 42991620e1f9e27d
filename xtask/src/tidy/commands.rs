//! Rules about documents: the commands and files that they name exist.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::{Metadata, TargetKind};

use super::File;
use crate::workspace;

/// Every name that a command in a document may use.
pub(super) struct Known<'a> {
    xtask_commands: &'a [String],
    packages: BTreeSet<String>,
    benches: BTreeSet<String>,
    examples: BTreeSet<String>,
    programs: BTreeSet<String>,
    tests: BTreeSet<String>,
}

impl<'a> Known<'a> {
    pub(super) fn new(metadata: &Metadata, xtask_commands: &'a [String]) -> Self {
        let targets = |kind: TargetKind| {
            let packages = metadata.workspace_packages();
            let all = packages.iter().flat_map(|package| &package.targets);
            all.filter(|target| target.kind.contains(&kind)).map(|target| target.name.clone()).collect()
        };
        Self {
            xtask_commands,
            packages: metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect(),
            benches: targets(TargetKind::Bench),
            examples: targets(TargetKind::Example),
            programs: targets(TargetKind::Bin),
            tests: targets(TargetKind::Test),
        }
    }

    /// Checks the cargo commands and the relative links of a Markdown file.
    pub(super) fn check(&self, file: &File) -> Vec<String> {
        let mut findings = Vec::new();
        for (number, line) in file.content.lines().enumerate() {
            let mut say = |what: String| findings.push(format!("{}:{}: {what}", file.path, number + 1));
            for (at, _) in line.match_indices("cargo ") {
                let command = line.get(at..).unwrap_or_default();
                // A command in running text ends at its closing backtick, one in a block at the line's end or comment.
                let end = command.find(['`', '#', '|', ';']).unwrap_or(command.len());
                self.check_cargo(command.get(..end).unwrap_or_default(), &mut say);
            }
            for link in links(line).filter(|link| is_relative(link)) {
                let folder = workspace::root().join(&file.path);
                let target = link.split('#').next().unwrap_or_default();
                if !folder.parent().unwrap_or(Path::new("")).join(target).exists() {
                    say(format!("links to {link}, which does not exist"));
                }
            }
        }
        findings
    }

    fn check_cargo(&self, command: &str, say: &mut impl FnMut(String)) {
        let words: Vec<&str> = command.split_whitespace().collect();
        if let [_, "xtask", name, ..] = words.as_slice()
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && !self.xtask_commands.iter().any(|known| known == name)
        {
            say(format!("`cargo xtask {name}` is no command"));
        }
        for pair in words.windows(2) {
            let [option, name] = *pair else { continue };
            let known = match option {
                "-p" | "--package" => &self.packages,
                "--bench" => &self.benches,
                "--example" => &self.examples,
                "--bin" => &self.programs,
                "--test" => &self.tests,
                _ => continue,
            };
            // Capitals stand for a name of the reader's choice.
            if name.starts_with(|c: char| c.is_ascii_lowercase()) && !known.contains(name) {
                say(format!("`{option} {name}`: the workspace has none of that name"));
            }
        }
    }
}

/// The targets of a line's Markdown links.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

fn is_relative(link: &str) -> bool {
    !link.is_empty()
        && !link.starts_with('#')
        && !link.contains("://")
        && !link.contains("::")
        && !link.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(content: &str) -> Vec<String> {
        let set = |name: &str| BTreeSet::from([name.to_owned()]);
        let xtask_commands = ["dag".to_owned()];
        let known = Known {
            xtask_commands: &xtask_commands,
            packages: set("mc-pool"),
            benches: set("frames"),
            examples: set("minimal"),
            programs: set("mc"),
            tests: set("soundness"),
        };
        known.check(&File { path: "README.md".to_owned(), content: content.to_owned() })
    }

    #[test]
    fn known_names_pass() {
        let fine = "`cargo xtask dag` and `cargo xtask NAME`\ncargo test -p mc-pool --test soundness # why\n\
            cargo bench -p mc-pool --bench frames\ncargo run --bin mc -- demo\n[us](xtask/src/main.rs#L1) [far](https://x.y/)\n";
        assert_eq!(findings(fine), Vec::<String>::new());
    }

    #[test]
    fn unknown_names_are_found() {
        for wrong in [
            "run `cargo xtask fly`",
            "cargo test -p mc-moon",
            "cargo bench -p mc-pool --bench slow",
            "cargo run --example maximal",
            "cargo run --bin mcx",
            "cargo test --test nothing",
            "[gone](docs/gone-for-ever.md)",
        ] {
            assert_eq!(findings(wrong).len(), 1, "{wrong}");
        }
    }
}
