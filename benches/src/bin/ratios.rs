//! `ratios CONTEST LEVEL` prints how many times faster a kernel is than the plain way, and how far two
//! measurements of the plain way differ; or why it was skipped.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use mc_benches::{Failure, ratios};

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [contest, level] = arguments.as_slice() else {
        return Err("usage: ratios CONTEST LEVEL".into());
    };
    println!("{}", ratios::measure(contest, level)?);
    Ok(())
}
