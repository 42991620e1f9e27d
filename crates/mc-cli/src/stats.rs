//! `--stats`: what a processor did to a file, as JSON.

use std::fs::File;
use std::path::Path;

use mc_dsp::rms_dbfs;
use serde::Serialize;

use crate::cost::Cost;
use crate::failure::Failure;

/// The file of `--stats`; `S` is what the command has to say about its own processor.
#[derive(Serialize)]
pub(crate) struct Stats<S> {
    #[serde(flatten)]
    pub(crate) cost: Cost,
    #[serde(flatten)]
    pub(crate) summary: S,
    /// `None` for a processor that only listens.
    #[serde(flatten)]
    pub(crate) levels: Option<Levels>,
}

/// How loud the file was, and is.
#[derive(Serialize)]
pub(crate) struct Levels {
    /// Level of the whole file before, in dBFS.
    input_dbfs: f32,
    /// Level of the whole file after, in dBFS.
    output_dbfs: f32,
}

impl Levels {
    pub(crate) fn of(input: &[f32], output: &[f32]) -> Self {
        Self { input_dbfs: rms_dbfs(input), output_dbfs: rms_dbfs(output) }
    }
}

/// Writes `stats` to the file that was asked for.
pub(crate) fn write(path: &Path, stats: &impl Serialize) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| Failure::file(path, error))?;
    serde_json::to_writer_pretty(file, stats).map_err(|error| Failure::file(path, error))
}
