//! How a command ends badly: one line for the user, and the exit status that scripts see.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong arguments, unreadable files or formats that are not taken: exit status 2.
    Usage(String),
    /// Something went wrong while running: exit status 1.
    Run(String),
    /// Whoever read standard output has left (`mc … | head`): nothing to say, exit status 0.
    OutputClosed,
}

impl Failure {
    /// The user's input cannot be used, because of `reason`.
    pub(crate) fn usage(reason: impl fmt::Display) -> Self {
        Self::Usage(reason.to_string())
    }

    /// The command could not go on, because of `reason`.
    pub(crate) fn run(reason: impl fmt::Display) -> Self {
        Self::Run(reason.to_string())
    }

    /// The file at `path` cannot be used, because of `reason`.
    pub(crate) fn file(path: &Path, reason: impl fmt::Display) -> Self {
        Self::usage(format_args!("{}: {reason}", path.display()))
    }

    /// Writing to the file at `path`, which was there to be written to, failed.
    pub(crate) fn writing(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::run(format_args!("{}: {error}", path.display())),
        }
    }

    /// The exit status of the command.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Run(_) => ExitCode::from(1),
            Self::OutputClosed => ExitCode::SUCCESS,
        }
    }

    /// The line for standard error, if there is something to say.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Usage(message) | Self::Run(message) => Some(message),
            Self::OutputClosed => None,
        }
    }
}

impl From<mc_dsp::ConfigError> for Failure {
    fn from(error: mc_dsp::ConfigError) -> Self {
        Self::usage(error)
    }
}

impl From<mc_dsp::ProcessError> for Failure {
    fn from(error: mc_dsp::ProcessError) -> Self {
        Self::run(error)
    }
}

impl From<clap::Error> for Failure {
    /// clap explains over several lines; the first paragraph says what is wrong.
    fn from(error: clap::Error) -> Self {
        if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::usage("a command is missing; --help lists them");
        }
        let text = error.to_string();
        let reason: Vec<&str> =
            text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
        let reason = reason.join(" ");
        Self::usage(reason.strip_prefix("error: ").unwrap_or(&reason))
    }
}
