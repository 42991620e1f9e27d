//! Which packets need not be sent.

use super::{NoiseDescription, NoiseEstimator};

/// Frames between descriptions of a noise that does not change: 1 s of 20 ms frames.
const REPEAT_FRAMES: u32 = 50;

/// Least number of frames between descriptions, and the change of level in dB that makes one worth sending.
const SPACING_FRAMES: u32 = 10;
const CHANGE_DB: u8 = 3;

/// What to send for a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transmission {
    /// The frame; `marker` says that it is the first after silence (RFC 3551 §4.1).
    Speech {
        /// To be the packet's marker bit.
        marker: bool,
    },
    /// A comfort noise packet instead.
    Noise(NoiseDescription),
    /// Nothing: sequence numbers stand still, timestamps run on.
    Nothing,
}

/// Leaves out what is no speech, by the decision of a voice detector with hangover of its own.
#[derive(Clone, Debug, Default)]
pub struct SilenceSuppressor {
    noise: NoiseEstimator,
    /// Frames since the last description, while silent.
    silent: Option<u32>,
    sent_level: u8,
    talked: bool,
}

impl SilenceSuppressor {
    /// A suppressor before the first frame.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides about a frame that holds speech or not.
    pub fn decide(&mut self, frame: &[f32], is_speech: bool) -> Transmission {
        if is_speech {
            let marker = !self.talked || self.silent.is_some();
            self.talked = true;
            self.silent = None;
            return Transmission::Speech { marker };
        }
        self.noise.hear(frame);
        let description = self.noise.describe();
        let due = match self.silent {
            None => true,
            Some(frames) if frames + 1 >= REPEAT_FRAMES => true,
            Some(frames) => {
                frames + 1 >= SPACING_FRAMES && description.level.abs_diff(self.sent_level) >= CHANGE_DB
            }
        };
        if due {
            self.silent = Some(0);
            self.sent_level = description.level;
            return Transmission::Noise(description);
        }
        self.silent = self.silent.map(|frames| frames + 1);
        Transmission::Nothing
    }
}
