//! Audio that is played to a leg's peer: announcements, music on hold, the voice of whoever listens at a fork.

mod clip;
mod control;
mod player;
mod tones;

pub use clip::{Clip, ClipError};
pub(crate) use clip::{MAX_BYTES, SharedClip, from_i16, to_i16};
pub(crate) use player::{LiveFrame, Player, Source};
