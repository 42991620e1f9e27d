//! `mc demo`: a call to look at and listen to.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::demo::{self, Report};
use crate::failure::Failure;
use crate::output::{self, Progress};
use crate::version::VersionArg;

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Length of the call; the conversation begins again every 20 s
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Folder for the picture and the audio
    #[arg(long, value_name = "DIR", default_value = "mc-demo")]
    out: PathBuf,
    /// Where the report goes as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    version: VersionArg,
    /// Say nothing but errors
    #[arg(long)]
    quiet: bool,
}

/// Holds the call and reports.
pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    // Made first: a call takes its time, and should not be held in vain.
    let json = match &args.json {
        Some(path) => Some((path, File::create(path).map_err(|error| Failure::file(path, error))?)),
        None => None,
    };
    let progress = Progress::new(args.quiet);
    let total = args.seconds;
    let report = demo::run(args.seconds, args.version.of_both(), &args.out, |seconds| {
        let done = (seconds / f64::from(total) * 40.0) as usize;
        progress.show(format_args!("calling [{:<40}] {seconds:>5.1} of {total} s", "=".repeat(done)));
    })?;
    drop(progress);
    if let Some((path, file)) = json {
        write_json(path, file, &report)?;
    }
    if args.quiet { Ok(()) } else { output::text(format_args!("{report}")) }
}

fn write_json(path: &Path, file: File, report: &Report) -> Result<(), Failure> {
    serde_json::to_writer_pretty(file, report).map_err(|error| Failure::writing(path, &error.into()))
}
