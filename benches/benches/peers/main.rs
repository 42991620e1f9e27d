//! Our kernels beside other people's: `cargo bench -p mc-benches --features peers --bench peers`.
//!
//! Debian's package libspandsp-dev must be installed. Everyone works on the same frames, in turn, round after
//! round; a ratio is taken within a round, so that a busy machine slows both sides of it.

#![deny(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that reports")]

mod codecs;
mod comparison;
#[path = "../../../crates/mc-pool/benches/contest/mod.rs"]
mod contest;
mod frames;
mod pools;
mod spandsp;

use mc_benches::Failure;
use mc_g711::Law;

use comparison::Comparison;
use frames::Frames;

fn main() -> Result<(), Failure> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("peers are for `cargo bench`: an unoptimised build says nothing");
        return Ok(());
    }
    let mut comparisons = Vec::new();
    for law in [Law::Mu, Law::A] {
        let codecs = codecs::Contestants::new(law)?;
        let frames = Frames::new(law)?;
        codecs.print_differences();
        comparisons.push(codecs.encode(&frames)?);
        comparisons.push(codecs.decode(&frames)?);
    }
    for bytes in [320, 1920] {
        comparisons.push(pools::compare(bytes)?);
    }
    comparisons.iter().for_each(Comparison::print_times);
    println!("\nHow many times as long as ours (across) a peer (down) takes");
    comparisons.iter().for_each(Comparison::print_ratios);
    Ok(())
}
