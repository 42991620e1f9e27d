//! Benchmarks across crates, and the programs that perf-check counts.
#![forbid(unsafe_code)]
