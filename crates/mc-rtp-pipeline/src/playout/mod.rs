//! The receiver's end: packets in at any time, audio out at every tick of the player's clock.

mod level;
mod line;
mod pace;
mod player;
mod stats;

pub use player::Playout;
pub use stats::PlayoutStats;
