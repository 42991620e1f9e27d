//! The jitter buffer: packets in any order in, packets in theirs out, and how long they should wait.

mod buffer;
mod bursts;
mod config;
mod delay;
mod histogram;
mod packet;
mod stats;

pub use buffer::{Insertion, JitterBuffer, WaitingPacket};
pub use config::JitterConfig;
pub use packet::MediaPacket;
pub use stats::JitterStats;
