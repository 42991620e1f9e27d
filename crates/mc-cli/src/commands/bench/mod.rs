//! `mc bench`: what kernels and packets cost on this machine, and which kernels are the fastest here.

mod case;
mod codec;
mod frames;
mod kernels;
mod packets;
mod pool;
mod report;

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use mc_engine::SimdProcessor;
use mc_simd::SelectionPlan;

use crate::failure::Failure;
use crate::output;
use report::Report;

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// How long to measure; a longer time gives steadier medians
    #[arg(long, value_name = "S", default_value = "3", value_parser = duration)]
    seconds: Duration,
    /// Where the report goes as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn duration(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("seconds are a number from 0.01 to 600".to_owned()),
    }
}

/// The fastest strategies on this machine.
fn plan() -> SelectionPlan {
    /// Suffices, by the docs of [`SimdProcessor::calibrate`].
    const BUDGET: Duration = Duration::from_millis(20);
    let start = Instant::now();
    SimdProcessor::new().calibrate(&mut || start.elapsed().as_nanos() as u64, BUDGET.as_nanos() as u64)
}

/// Measures and reports.
pub(crate) fn run(args: &BenchArgs) -> Result<(), Failure> {
    // Made first: whoever waited for the figures should get them.
    let json = match &args.json {
        Some(path) => Some((path, File::create(path).map_err(|error| Failure::file(path, error))?)),
        None => None,
    };
    let cases = [codec::cases()?, kernels::cases()?, pool::cases()?, packets::cases()?];
    let timings = case::time(cases.into_iter().flatten().collect(), args.seconds)?;
    let report = Report::new(timings, &plan());
    if let Some((path, file)) = json {
        serde_json::to_writer_pretty(file, &report).map_err(|error| Failure::writing(path, &error.into()))?;
    }
    output::text(format_args!("{report}"))
}
