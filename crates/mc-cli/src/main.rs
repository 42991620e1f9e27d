//! The command `mc`: demo, relay, aec, agc, vad, process, g711.
#![forbid(unsafe_code)]
fn main() {}
