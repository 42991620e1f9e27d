//! What the bench has to say, as data and as text.

use std::fmt;

use mc_engine::{G711, Law, SimdProcessor};
use mc_simd::SelectionPlan;
use serde::Serialize;

use super::case::Timing;
use super::frames::SAMPLES;

/// Widths of the text's columns.
const LABEL: usize = 26;
const COLUMN: usize = 13;

/// The whole report; its fields are the keys of `--json`.
#[derive(Serialize)]
pub(super) struct Report {
    /// Whether the program was built for speed; otherwise the figures say nothing.
    optimised: bool,
    samples_per_packet: usize,
    levels: Levels,
    timings: Vec<Row>,
    /// The fastest strategies, as [`SelectionPlan`] prints and reads them.
    plan: String,
}

/// The instruction sets that are used unless another is asked for.
#[derive(Serialize)]
struct Levels {
    g711: &'static str,
    samples: &'static str,
}

/// Times of one operation, in nanoseconds.
#[derive(Serialize)]
struct Row {
    group: &'static str,
    operation: &'static str,
    /// The instruction set; absent where the caller has no choice.
    level: Option<&'static str>,
    rounds: usize,
    min_ns: f64,
    median_ns: f64,
    p90_ns: f64,
}

impl From<Timing> for Row {
    fn from(Timing { name, ns }: Timing) -> Self {
        Self {
            group: name.group,
            operation: name.operation,
            level: name.level,
            rounds: ns.runs,
            min_ns: ns.min,
            median_ns: ns.median,
            p90_ns: ns.p90,
        }
    }
}

impl Report {
    pub(super) fn new(timings: Vec<Timing>, plan: &SelectionPlan) -> Self {
        Self {
            optimised: !cfg!(debug_assertions),
            samples_per_packet: SAMPLES,
            levels: Levels {
                g711: G711::new(Law::Mu).level().name(),
                samples: SimdProcessor::new().level().name(),
            },
            timings: timings.into_iter().map(Row::from).collect(),
            plan: plan.to_string(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.optimised {
            writeln!(f, "This program was built without optimisation: its times say nothing.\n")?;
        }
        let rounds = self.timings.first().map_or(0, |row| row.rounds);
        writeln!(
            f,
            "Nanoseconds for a packet of {SAMPLES} samples (20 ms at 8 kHz), median of {rounds} rounds"
        )?;
        let Levels { g711, samples } = self.levels;
        writeln!(f, "Chosen here: {g711} for G.711, {samples} for samples")?;
        for group in self.timings.chunk_by(|a, b| a.group == b.group) {
            write_group(f, group)?;
        }
        writeln!(f, "\nFastest strategies here, by samples in a frame\n")?;
        writeln!(f, "{}", self.plan)
    }
}

/// A table of one group: a line per operation, a column per instruction set.
fn write_group(f: &mut fmt::Formatter<'_>, group: &[Row]) -> fmt::Result {
    let Some(first) = group.first() else { return Ok(()) };
    // Every operation is timed at every level, so the first one's are the columns of all.
    let levels = group.iter().take_while(|row| row.operation == first.operation).filter_map(|row| row.level);
    let columns: String = levels.map(|level| format!("{level:>COLUMN$}")).collect();
    write!(f, "\n{}", format!("{:<LABEL$}{columns}", first.group).trim_end())?;
    for operation in group.chunk_by(|a, b| a.operation == b.operation) {
        let name = operation.first().map_or("", |row| row.operation);
        write!(f, "\n  {name:<0$}", LABEL - 2)?;
        for row in operation {
            write!(f, "{:>COLUMN$.1}", row.median_ns)?;
        }
    }
    writeln!(f)
}
