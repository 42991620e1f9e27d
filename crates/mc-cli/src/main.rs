#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod audio;
mod call_spec;
mod capture;
mod commands;
mod cost;
mod demo;
mod failure;
mod output;
mod plot;
mod processing;
mod stats;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use mc_testkit::alloc::CountingAllocator;

use crate::failure::Failure;

/// Counts allocations per thread, so that the demo can say how many a packet costs.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Media plane for Voice over IP: relay calls, process audio, see what it does
#[derive(Parser)]
#[command(name = "mc", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hold a call between two built-in endpoints and show what became of it
    Demo(commands::demo::DemoArgs),
    /// Carry calls between peers until Ctrl-C
    Relay(Box<commands::relay::RelayArgs>),
    /// Run all voice processors over a recording or a capture of RTP
    Process(commands::process::ProcessArgs),
    /// Play a recording whose packets arrive late, twice or never
    Playout(commands::playout::PlayoutArgs),
    /// Remove the echo of a loudspeaker's file from a microphone's
    Aec(commands::aec::AecArgs),
    /// Find the speech in a file
    Vad(commands::vad::VadArgs),
    /// Bring the speech in a file to a level
    Agc(commands::agc::AgcArgs),
    /// Convert raw 16-bit audio to mu-law or A-law and back
    G711(commands::g711::G711Args),
    /// Time kernels and packets on this machine
    Bench(commands::bench::BenchArgs),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // `--help` and `--version` are answers; whether anybody reads them to the end is their business.
        Err(answer) if !answer.use_stderr() => {
            let _closed = answer.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&error.into()),
    };
    match run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => commands::demo::run(args),
        Command::Relay(args) => commands::relay::run(args),
        Command::Process(args) => commands::process::run(args),
        Command::Playout(args) => commands::playout::run(args),
        Command::Aec(args) => commands::aec::run(args),
        Command::Vad(args) => commands::vad::run(args),
        Command::Agc(args) => commands::agc::run(args),
        Command::G711(args) => commands::g711::run(args),
        Command::Bench(args) => commands::bench::run(args),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    if let Some(message) = failure.message() {
        output::error_line(format_args!("{message}"));
    }
    failure.exit_code()
}
