//! Recordings: what both peers of a call say, as a WAV file with a channel for each.
//!
//! Workers copy packets into one bounded queue and never wait; one thread takes them out, puts them on a time
//! line by their timestamps, and writes.

mod file;
mod recorder;
mod timeline;
mod writer;

pub use recorder::Recorder;
