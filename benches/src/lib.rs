//! Benchmarks across crates, and the programs that `cargo xtask perf-check` and `quality-check` measure.
//!
//! The kernels are listed once, in [`kernels`]: Criterion times them, perf-check counts their instructions.
#![forbid(unsafe_code)]

pub mod call;
pub mod inject;
pub mod input;
pub mod kernels;
pub mod quality;
pub mod ratios;
pub mod run;
mod stage;

/// What a program of this package ends with when something is wrong.
pub type Failure = Box<dyn std::error::Error>;

/// The examples of the repository's front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;
