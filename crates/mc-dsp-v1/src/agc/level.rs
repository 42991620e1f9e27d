//! How loud does this person talk?

use crate::speech::BLOCK_MS;

/// Follows the mean level of speech over blocks of 10 ms, in dB: slowly while the talker stays the same,
/// quickly once the level has clearly changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpeechLevel {
    attack: f32,
    release: f32,
    dbfs: f32,
    /// Blocks of speech so far, no longer counted from [`STEADY_BLOCKS`](Self::STEADY_BLOCKS) on.
    blocks: u16,
    /// Blocks of speech since one came near the level.
    faint_blocks: u16,
}

impl SpeechLevel {
    /// Memory while the talker stays the same: 3 s of speech. Syllables come and go 10 dB apart, and the
    /// gain must not follow them.
    const STEADY_BLOCKS: u16 = 300;
    /// Speech needed before there is an estimate: 100 ms.
    const FIRST_BLOCKS: u16 = 10;
    /// A block this much above the level is a louder talker, in dB.
    const LOUDER_DB: f32 = 10.0;
    /// After this much speech that never came as near to the level as that, it is a fainter talker.
    const FAINT_BLOCKS: u16 = 30;
    const FAINT_DB: f32 = -4.0;
    /// RMS level of speech less the mean level of its blocks, in dB.
    const CREST_DB: f32 = 3.6;

    pub(super) fn new(attack_ms: f32, release_ms: f32) -> Self {
        let share = |ms: f32| 1.0 - (-(BLOCK_MS as f32) / ms).exp();
        Self { attack: share(attack_ms), release: share(release_ms), dbfs: 0.0, blocks: 0, faint_blocks: 0 }
    }

    /// Takes the level of a block of speech.
    pub(super) fn follow(&mut self, dbfs: f32) {
        self.blocks = (self.blocks + 1).min(Self::STEADY_BLOCKS);
        let steady = 1.0 / f32::from(self.blocks);
        let difference = dbfs - self.dbfs;
        self.faint_blocks = if difference > Self::FAINT_DB { 0 } else { self.faint_blocks.saturating_add(1) };
        let share = if difference > Self::LOUDER_DB {
            self.attack.max(steady)
        } else if self.faint_blocks > Self::FAINT_BLOCKS {
            self.release.max(steady)
        } else {
            steady
        };
        self.dbfs += share * difference;
    }

    /// RMS level of the speech so far, in dBFS; `None` before there was enough.
    pub(super) fn dbfs(&self) -> Option<f32> {
        (self.blocks >= Self::FIRST_BLOCKS).then_some(self.dbfs + Self::CREST_DB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(levels: impl IntoIterator<Item = f32>) -> SpeechLevel {
        let mut level = SpeechLevel::new(150.0, 500.0);
        levels.into_iter().for_each(|l| level.follow(l));
        level
    }

    /// Syllables: half of the blocks 6 dB above the mean, half below.
    fn syllables(mean: f32, blocks: usize) -> impl Iterator<Item = f32> {
        (0..blocks).map(move |b| mean + if b % 20 < 10 { 6.0 } else { -6.0 })
    }

    #[test]
    fn there_is_no_level_before_there_is_speech() {
        assert_eq!(fed([-30.0; 9]).dbfs(), None);
        assert!(fed([-30.0; 10]).dbfs().is_some());
    }

    #[test]
    fn syllables_hardly_move_the_level() {
        let mut level = fed(syllables(-30.0, 600));
        for dbfs in syllables(-30.0, 100) {
            level.follow(dbfs);
            assert!((level.dbfs - -30.0).abs() < 0.5, "{}", level.dbfs);
        }
    }

    #[test]
    fn a_louder_and_a_fainter_talker_are_followed_within_a_second_or_two() {
        let before: Vec<f32> = syllables(-30.0, 600).collect();
        for (mean, seconds) in [(-8.0, 1), (-55.0, 2)] {
            let level = fed(before.iter().copied().chain(syllables(mean, seconds * 100)));
            assert!((level.dbfs - mean).abs() < 8.0, "{} for {mean}", level.dbfs);
        }
    }
}
