//! Rules about lines: how many there are, and what none of them may hold.

use super::File;

/// A source file that is longer holds more than one idea.
const MAX_LINES: usize = 600;

/// What source code may not hold, and why. The needles are put together here so that this file is clean.
const UNFINISHED: &[(&str, &str)] = &[
    (concat!("todo", "!("), "unfinished work does not land"),
    (concat!("unimplemented", "!("), "unfinished work does not land"),
    (concat!("dbg", "!("), "a debugging aid"),
    (concat!("FIX", "ME"), "fix it, or write down the limit where users read it"),
    (concat!("XX", "X"), "fix it, or write down the limit where users read it"),
    (concat!("#[ign", "ore"), "a test that does not run proves nothing"),
];

/// Folders that exist on one machine only.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
];

pub(super) fn check(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    let is_source = file.path.ends_with(".rs") || file.path.ends_with(".sh") || file.path == ".ci/run";
    let lines = file.content.lines().count();
    if is_source && lines > MAX_LINES {
        findings.push(format!("{}: {lines} lines, more than {MAX_LINES}", file.path));
    }
    for (number, line) in file.content.lines().enumerate() {
        let mut say = |what: String| findings.push(format!("{}:{}: {what}", file.path, number + 1));
        if is_source {
            for (needle, reason) in UNFINISHED.iter().filter(|(needle, _)| line.contains(needle)) {
                say(format!("`{needle}`: {reason}"));
            }
        }
        for folder in MACHINE_FOLDERS.iter().filter(|folder| names_folder(line, folder)) {
            say(format!("`{folder}` exists on one machine only"));
        }
    }
    if !file.content.is_empty() && !file.content.ends_with('\n') {
        findings.push(format!("{}: no line end at the end", file.path));
    }
    findings
}

/// Whether an absolute path begins with `folder` in this line (not the middle of a longer path or address).
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/}~*$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, content: &str) -> Vec<String> {
        check(&File { path: path.to_owned(), content: content.to_owned() })
    }

    #[test]
    fn clean_source_has_no_findings() {
        assert_eq!(findings("a.rs", "fn main() {}\n"), Vec::<String>::new());
        assert_eq!(findings("a.md", "See docs/root/ and `target/tmp/x`.\n"), Vec::<String>::new());
    }

    #[test]
    fn every_unfinished_mark_is_found_in_source_and_left_alone_in_prose() {
        for (needle, _) in UNFINISHED {
            let line = format!("    {needle}\n");
            assert_eq!(findings("a.rs", &line).len(), 1, "{needle}");
            assert_eq!(findings("a.md", &line), Vec::<String>::new(), "{needle}");
        }
    }

    #[test]
    fn machine_folders_are_found_anywhere() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(findings("a.md", &format!("run {folder}me/mc\n")).len(), 1, "{folder}");
            assert_eq!(findings("a.toml", &format!("path = \"{folder}mc\"\n")).len(), 1, "{folder}");
        }
    }

    #[test]
    fn length_and_the_last_line_end_are_checked() {
        assert_eq!(findings("a.rs", &"//\n".repeat(MAX_LINES)), Vec::<String>::new());
        assert_eq!(findings("a.rs", &"//\n".repeat(MAX_LINES + 1)), ["a.rs: 601 lines, more than 600"]);
        assert_eq!(findings("a.toml", "x = 1"), ["a.toml: no line end at the end"]);
    }
}
