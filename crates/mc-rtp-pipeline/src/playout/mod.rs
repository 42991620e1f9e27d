//! The receiver's end: packets in at any time, audio out at every tick of the player's clock.

mod clock;
mod level;
mod line;
mod pace;
mod patch;
mod player;
mod stats;
mod stretch;
mod supply;

pub use player::Playout;
pub use stats::PlayoutStats;
