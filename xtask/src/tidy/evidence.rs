//! A rule about the document that says what shows what: the tests that it names exist.

use std::collections::BTreeSet;

use super::File;

/// Its tables say in their last column what shows an item.
const DOCUMENT: &str = "docs/plan-coverage.md";

/// Stands for the rest of a name.
const REST: char = '…';

/// Checks that every test named in [`DOCUMENT`] is there: `a_name` or `a_na…` as a function, mc-crate/file as a file of
/// that crate's tests.
pub(super) fn check(files: &[File]) -> Vec<String> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else { return Vec::new() };
    let functions: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.ends_with(".rs"))
        .flat_map(|file| file.content.split("fn ").skip(1))
        .filter_map(|after| after.split(['(', '<']).next())
        .collect();
    let exists = |name: &str| match name.strip_suffix(REST) {
        Some(start) => functions.range(start..).next().is_some_and(|function| function.starts_with(start)),
        None => functions.contains(name),
    };
    let is_file = |path: &str| {
        path.split_once('/').is_some_and(|(krate, test)| {
            let folder = format!("crates/{krate}/tests/{test}");
            let places = [format!("{folder}.rs"), format!("{folder}/main.rs")];
            files.iter().any(|file| places.contains(&file.path))
        })
    };
    let mut findings = Vec::new();
    for (number, line) in document.content.lines().enumerate() {
        let Some(cell) = last_cell(line) else { continue };
        let mut say =
            |what: &str| findings.push(format!("{DOCUMENT}:{}: there is no test {what}", number + 1));
        let parts = cell.split('`').enumerate();
        for (place, part) in parts {
            if place % 2 == 1 {
                if is_name(part) && !exists(part) {
                    say(part);
                }
            } else {
                part.split([' ', ',', ';'])
                    .filter(|word| word.starts_with("mc-") && word.contains('/'))
                    .for_each(|word| {
                        if !is_file(word) {
                            say(word);
                        }
                    });
            }
        }
    }
    findings
}

/// The last column of a table's row.
fn last_cell(line: &str) -> Option<&str> {
    line.trim().strip_prefix('|')?.strip_suffix('|')?.rsplit('|').next()
}

/// Whether a word in backticks is a function's name, or the start of one.
fn is_name(word: &str) -> bool {
    let name = word.strip_suffix(REST).unwrap_or(word);
    name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_by_line() {
        let file = |path: &str, content: &str| File { path: path.to_owned(), content: content.to_owned() };
        let document = "text `not_looked_at`\n| a | b_c | mc-a/there, `a_test`, `a_te…` and `Type` |\n\
                        | a | mc-a/gone, `perf-check`; `no_test` |\n| a | `a_x…` |\n";
        let files =
            [file(DOCUMENT, document), file("crates/mc-a/tests/there/main.rs", "#[test]\nfn a_test() {}\n")];
        let expected =
            ["3: there is no test mc-a/gone", "3: there is no test no_test", "4: there is no test a_x…"];
        assert_eq!(check(&files), expected.map(|finding| format!("{DOCUMENT}:{finding}")));
        assert!(check(&files[1..]).is_empty());
    }
}
