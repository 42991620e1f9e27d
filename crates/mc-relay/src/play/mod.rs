//! Audio that is played to a leg's peer: announcements, music on hold, the voice of whoever listens at a fork.

mod clip;
mod control;
mod keys;
mod playback;
mod player;
mod tones;

pub use clip::{Clip, ClipError};
pub(crate) use clip::{MAX_BYTES, SharedClip};
pub use keys::KeyPress;
pub use playback::Playback;
pub(crate) use player::{LiveFrame, Player, Source};
