//! What a comparison is told in: Markdown for people, JSON for programs.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::Serialize;

use super::baseline;
use super::compare::{Line, Verdict};
use crate::Outcome;

/// What is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Against {
    /// Committed counts.
    Baseline,
    /// An earlier commit. What is new or got cheaper is no failure: there is no file to record it in.
    Commit,
    /// Bounds that nothing moves.
    Ceilings,
}

/// One comparison, or the reason for which there is none.
pub(super) struct Section {
    pub(super) title: &'static str,
    /// What was compared with what, or why nothing was.
    pub(super) about: String,
    pub(super) lines: Vec<Line>,
    pub(super) against: Against,
    /// Whether this section could be measured at all.
    pub(super) checked: bool,
}

impl Section {
    /// The lines that make the gate red.
    pub(super) fn failing(&self) -> impl Iterator<Item = &Line> {
        use Verdict::{Better, New, Waived};
        let tolerated: &[Verdict] = match self.against {
            Against::Baseline | Against::Ceilings => &[Waived],
            Against::Commit => &[Waived, New, Better],
        };
        self.differing().filter(|line| !tolerated.contains(&line.verdict))
    }

    fn differing(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.verdict != Verdict::Same)
    }

    /// As Markdown, with every line or only those that differ.
    pub(super) fn markdown(&self, every_line: bool) -> String {
        let mut text = format!("## {}\n{}\n\n", self.title, self.about);
        let shown: Vec<&Line> =
            if every_line { self.lines.iter().collect() } else { self.differing().collect() };
        if self.checked && shown.is_empty() {
            let word =
                if self.against == Against::Ceilings { "within their bounds" } else { "as in the baseline" };
            text.push_str(&format!("All {} {word}.\n\n", self.lines.len()));
        }
        if !shown.is_empty() {
            text.push_str("| | baseline | measured | change | |\n|---|---:|---:|---:|---|\n");
        }
        for line in &shown {
            let change = line.baseline.zip(line.measured).filter(|(old, _)| *old != 0.0);
            let change = change.map(|(old, new)| format!("{:+.2} %", (new / old - 1.0) * 100.0));
            let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                line.name,
                number(line.baseline),
                number(line.measured),
                change.unwrap_or_default(),
                line.verdict.word()
            );
        }
        for line in shown.iter().filter(|line| line.verdict == Verdict::Worse && !line.grown.is_empty()) {
            let _ = writeln!(text, "\n{}, functions whose own instructions grew:", line.name);
            for (function, more) in line.grown.iter().take(5) {
                let _ = writeln!(text, "- {more:+.1} `{function}`");
            }
        }
        text
    }
}

#[derive(Serialize)]
struct JsonSection<'a> {
    title: &'a str,
    about: &'a str,
    checked: bool,
    lines: Vec<JsonLine<'a>>,
}

#[derive(Serialize)]
struct JsonLine<'a> {
    name: &'a str,
    baseline: Option<f64>,
    measured: Option<f64>,
    verdict: &'a str,
    grown: &'a [(String, f64)],
}

/// Writes `report.md` and `report.json` into `folder`.
pub(super) fn write(folder: &Path, sections: &[Section]) -> Outcome {
    let json: Vec<JsonSection<'_>> = sections
        .iter()
        .map(|section| JsonSection {
            title: section.title,
            about: &section.about,
            checked: section.checked,
            lines: section.lines.iter().map(json_line).collect(),
        })
        .collect();
    baseline::write(&folder.join("report.json"), &json)?;
    let markdown: Vec<String> = sections.iter().map(|section| section.markdown(true)).collect();
    let file = folder.join("report.md");
    fs::write(&file, markdown.join("\n")).map_err(|error| format!("{}: {error}", file.display()))
}

fn json_line(line: &Line) -> JsonLine<'_> {
    JsonLine {
        name: &line.name,
        baseline: line.baseline,
        measured: line.measured,
        verdict: line.verdict.word(),
        grown: &line.grown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(verdict: Verdict, against: Against) -> usize {
        let line =
            Line { name: "gain".to_owned(), baseline: None, measured: None, verdict, grown: Vec::new() };
        let section = Section { title: "", about: String::new(), lines: vec![line], against, checked: true };
        section.failing().count()
    }

    #[test]
    fn against_committed_counts_every_difference_fails() {
        use Verdict::{Better, Changed, Gone, New, Same, Waived, Worse};
        for verdict in [Worse, Better, Changed, New, Gone] {
            assert_eq!(failing(verdict, Against::Baseline), 1, "{verdict:?}");
        }
        assert_eq!(failing(Same, Against::Baseline) + failing(Waived, Against::Baseline), 0);
    }

    #[test]
    fn against_an_earlier_commit_gains_and_news_do_not_fail() {
        use Verdict::{Better, Changed, Gone, New, Waived, Worse};
        for verdict in [Worse, Changed, Gone] {
            assert_eq!(failing(verdict, Against::Commit), 1, "{verdict:?}");
        }
        for verdict in [Better, New, Waived] {
            assert_eq!(failing(verdict, Against::Commit), 0, "{verdict:?}");
        }
    }
}
