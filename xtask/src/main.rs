//! Repository tasks, run as `cargo xtask NAME`. One file or folder per command.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what these commands are for")]

mod bound;
mod dag;
mod debian;
mod interop;
mod neon;
mod perf_check;
mod process;
mod quality_check;
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
    PerfCheck(perf_check::Arguments),
    QualityCheck(quality_check::Arguments),
    Interop(interop::Arguments),
    /// Run the tests of the crates with NEON kernels for aarch64, under qemu
    Neon,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Dag => dag::run().map(success),
        Command::Tidy => tidy::run(&command_names()).map(success),
        Command::PerfCheck(arguments) => perf_check::run(&arguments),
        Command::QualityCheck(arguments) => quality_check::run(&arguments).map(success),
        Command::Interop(arguments) => interop::run(&arguments).map(success),
        Command::Neon => neon::run().map(success),
    };
    match outcome {
        Ok(status) => status,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn success(_: ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// The names after `cargo xtask` that mean something.
fn command_names() -> Vec<String> {
    Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}
