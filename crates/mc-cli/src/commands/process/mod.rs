//! `mc process`: the whole chain of voice processors over a recording or a capture.

mod file;
mod stream;
mod tally;
mod timeline;

use std::path::PathBuf;

use clap::Args;

use crate::capture;
use crate::failure::Failure;
use crate::processing::ProcessorName;
use crate::version::VersionArg;

#[derive(Args)]
pub(crate) struct ProcessArgs {
    /// A recording (WAV, mono 16-bit), or a capture of RTP with G.711 (pcap)
    input: PathBuf,
    /// The WAV to write; from a capture, the folder for one WAV of each stream, named by its SSRC
    output: PathBuf,
    /// What the loudspeaker played (WAV); without it there is no echo to cancel
    #[arg(long, value_name = "WAV")]
    far: Option<PathBuf>,
    /// The processors to run; all leaves out aec where there is no --far
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES", default_value = "all")]
    process: Vec<ProcessorName>,
    #[command(flatten)]
    version: VersionArg,
}

/// Processes the file.
pub(crate) fn run(args: &ProcessArgs) -> Result<(), Failure> {
    if args.far.is_none() && args.process.contains(&ProcessorName::Aec) {
        return Err(Failure::usage(
            "--process aec needs --far: without a far end there is no echo to cancel",
        ));
    }
    if !capture::is_capture(&args.input) {
        return file::run(args);
    }
    match &args.far {
        Some(far) => Err(Failure::file(far, "--far goes with a WAV, not with a capture")),
        None => stream::run(args),
    }
}
