//! Repository tasks, run as `cargo xtask NAME`. One file or folder per command.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what these commands are for")]

mod dag;
mod neon;
mod process;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// What a command ends with: a value, or the sentence that says what is wrong.
type Outcome<T = ()> = Result<T, String>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Repository tasks: the gates that CI runs, each usable by hand")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the arrows between crates against the list, and print the picture
    Dag,
    /// Check the house rules that a machine can check
    Tidy,
    /// Run the tests of the crates with NEON kernels for aarch64, under qemu
    Neon,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Dag => dag::run(),
        Command::Tidy => tidy::run(&command_names()),
        Command::Neon => neon::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// The names after `cargo xtask` that mean something.
fn command_names() -> Vec<String> {
    Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}
