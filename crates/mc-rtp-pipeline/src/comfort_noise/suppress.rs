//! Which packets need not be sent.

use mc_dsp::SampleRate;

use super::{NoiseDescription, NoiseEstimator};

/// Time between descriptions of a noise that does not change, in milliseconds.
const REPEAT_MS: u32 = 1_000;

/// Least time between descriptions, in milliseconds, and the change of level in dB that makes one worth sending.
const SPACING_MS: u32 = 200;
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
#[derive(Clone, Debug)]
pub struct SilenceSuppressor {
    rate: SampleRate,
    noise: NoiseEstimator,
    /// Samples since the last description, its own frame included, while silent.
    silent: Option<usize>,
    sent_level: u8,
    talked: bool,
}

impl SilenceSuppressor {
    /// A suppressor before the first frame, for audio at `rate`.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        Self { rate, noise: NoiseEstimator::new(), silent: None, sent_level: 0, talked: false }
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
            Some(samples) if samples >= self.rate.samples_in_ms(REPEAT_MS) => true,
            Some(samples) => {
                let is_different = description.level.abs_diff(self.sent_level) >= CHANGE_DB;
                samples >= self.rate.samples_in_ms(SPACING_MS) && is_different
            }
        };
        if due {
            self.silent = Some(frame.len());
            self.sent_level = description.level;
            return Transmission::Noise(description);
        }
        self.silent = self.silent.map(|samples| samples + frame.len());
        Transmission::Nothing
    }
}
