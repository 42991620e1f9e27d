//! How loud does this person talk?

use crate::speech::BLOCK_MS;

/// Follows the level of speech over blocks of 10 ms, in dB. Rising faster than it falls, it settles near
/// the louder syllables, which is where the RMS level of speech lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpeechLevel {
    rise: f32,
    fall: f32,
    dbfs: f32,
    blocks: u16,
}

impl SpeechLevel {
    /// Blocks of speech after which the first estimate is no longer a plain mean.
    const FIRST_BLOCKS: u16 = 10;
    /// RMS level of speech less what this estimate settles at, in dB.
    const BIAS_DB: f32 = 0.0;

    pub(super) fn new(attack_ms: f32, release_ms: f32) -> Self {
        let share = |ms: f32| 1.0 - (-(BLOCK_MS as f32) / ms).exp();
        Self { rise: share(attack_ms), fall: share(release_ms), dbfs: 0.0, blocks: 0 }
    }

    /// Takes the level of a block of speech.
    pub(super) fn follow(&mut self, dbfs: f32) {
        let difference = dbfs - self.dbfs;
        let share = if difference > 0.0 { self.rise } else { self.fall };
        if self.blocks < Self::FIRST_BLOCKS {
            self.blocks += 1;
            self.dbfs += difference * share.max(1.0 / f32::from(self.blocks));
        } else {
            self.dbfs += difference * share;
        }
    }

    /// RMS level of the speech so far, in dBFS; `None` before there was enough.
    pub(super) fn dbfs(&self) -> Option<f32> {
        (self.blocks >= Self::FIRST_BLOCKS).then_some(self.dbfs + Self::BIAS_DB)
    }
}
