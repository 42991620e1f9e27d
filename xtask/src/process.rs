//! Other programs: run one, keep what it printed, say which one failed and how.

use std::process::{Command, Stdio};

use crate::Outcome;

/// Runs `command` with its output shown; an unsuccessful end is an error that names it.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", line_of(command))) }
}

/// Runs `command` and returns what it wrote to standard output; its standard error is shown only on failure.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}\n{}", line_of(command), output.status, said.trim_end()));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("{}: printed something other than UTF-8", line_of(command)))
}

/// Whether a program is there and ends well with these arguments; its output is not shown.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("{}: cannot start: {error}", line_of(command))
}

fn line_of(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
