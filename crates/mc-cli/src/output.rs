//! Writing to standard output and standard error without the panics of `println!`.

use std::fmt::Arguments;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::failure::Failure;

/// Writes one line to standard output.
///
/// # Errors
/// [`Failure::OutputClosed`] when the reader has left, [`Failure::Run`] for any other failure.
pub(crate) fn line(text: Arguments<'_>) -> Result<(), Failure> {
    self::text(format_args!("{text}\n"))
}

/// Writes `text` to standard output.
///
/// # Errors
/// As [`line()`].
pub(crate) fn text(text: Arguments<'_>) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_fmt(text)
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::writing(Path::new("standard output"), &error))
}

/// Writes one line to standard error. A closed standard error is nobody's concern.
pub(crate) fn error_line(text: Arguments<'_>) {
    let _closed = writeln!(io::stderr(), "mc: {text}");
}

/// A line about work in progress: rewritten in place on a terminal, not written anywhere else.
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    /// Progress on standard error when a person sits there and does not want it `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { shown: !quiet && io::stderr().is_terminal() }
    }

    /// Replaces the line.
    pub(crate) fn show(&self, text: Arguments<'_>) {
        if self.shown {
            let _closed = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show(format_args!(""));
    }
}
