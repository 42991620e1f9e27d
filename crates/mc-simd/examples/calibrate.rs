//! Prints which strategies are fastest on this machine, and how long it took to find out.

#![allow(clippy::print_stdout, reason = "the plan is the result")]

use std::time::Instant;

use mc_simd::SimdProcessor;

const BUDGET_NS: u64 = 20_000_000;

fn main() {
    let started = Instant::now();
    let plan = SimdProcessor::new().calibrate(&mut || started.elapsed().as_nanos() as u64, BUDGET_NS);
    println!("{plan}\n\nmeasured in {:.1?}", started.elapsed());
}
