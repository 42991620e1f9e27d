//! `--version`: which generation of processors a command runs.

use clap::{Args, ValueEnum};

/// A generation of processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Version {
    /// The simple processors of mc-dsp-v1
    #[default]
    V1,
}

/// `--version`, the same for every command that lets the user choose.
#[derive(Args)]
pub(crate) struct VersionArg {
    /// Generation of the processors
    #[arg(long = "version", value_name = "VERSION", default_value = "v1")]
    pub(crate) version: Version,
}
