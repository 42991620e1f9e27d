//! `--version`: which generation of processors a command runs.

use clap::{Args, ValueEnum};
use serde::Deserialize;

/// A generation of processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Version {
    /// The simple processors of mc-dsp-v1
    V1,
    /// The advanced processors of mc-dsp-v2
    #[default]
    V2,
}

/// `--version`, the same for every command that lets the user choose.
#[derive(Args)]
pub(crate) struct VersionArg {
    /// Generation of the processors; without it, the newest that there is
    #[arg(long, value_name = "VERSION")]
    version: Option<Version>,
}

impl VersionArg {
    /// The version asked for.
    pub(crate) fn of_both(&self) -> Version {
        self.version.unwrap_or_default()
    }
}
