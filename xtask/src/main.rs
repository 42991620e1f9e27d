//! Repository tasks: dag, perf-check, quality-check, interop, tidy.
#![forbid(unsafe_code)]
fn main() {}
