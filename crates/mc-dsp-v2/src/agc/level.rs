//! How loud does this person talk?

use mc_dsp::power_to_dbfs;

/// The active speech level: mean power over speech, gaps left out, after ITU-T P.56 (12/2011) in two ways. Like
/// its method B, what lies further than a margin below the level does not count; unlike it, the level follows.
///
/// A slow estimate is the mean over the last seconds of speech. A fast one is the last half second: when all of it
/// lies clearly below the slow one, or most of its end clearly above, someone else talks, and the slow estimate
/// begins anew there. A clap or a click is too short for either.
#[derive(Clone, Debug)]
pub(super) struct SpeechLevel {
    mean_power: f32,
    /// Blocks in the mean, no longer counted from [`MEMORY`](Self::MEMORY) on.
    blocks: u16,
    /// Levels of the last blocks of speech, oldest overwritten first.
    recent_dbfs: [f32; Self::RECENT],
    next: usize,
    /// Blocks in `recent_dbfs` that came since the last new beginning, at most its length.
    fresh: usize,
}

impl SpeechLevel {
    /// Memory while the talker stays the same, in blocks of 10 ms: 6 s of speech. Words come and go 6 dB apart,
    /// and the gain must not follow them.
    const MEMORY: u16 = 600;
    /// Speech needed before there is an estimate: 80 ms.
    const FIRST: u16 = 8;
    /// The fast estimate: no talker stays below his level for 400 ms of speech, of which a fainter one's level is
    /// taken from the last half.
    const RECENT: usize = 40;
    /// A talker is fainter when the loudest block of the fast estimate is this far below the level, in dB.
    const FAINTER_DB: f32 = 4.0;
    /// A talker is louder when this many of that many last blocks are that far above the level.
    const LOUDER_DB: f32 = 6.0;
    const LOUDER_BLOCKS: usize = 8;
    const LOUDER_OF: usize = 12;
    /// What lies further below the level is a gap: the margin of P.56, in dB.
    const MARGIN_DB: f32 = 15.9;
    /// A block counts with no more than this above the level, in dB: claps.
    const PEAK_DB: f32 = 9.0;

    pub(super) const fn new() -> Self {
        Self { mean_power: 0.0, blocks: 0, recent_dbfs: [0.0; Self::RECENT], next: 0, fresh: 0 }
    }

    /// Takes the level of a block that may be speech; what was heard counts when it is `sure` to be.
    pub(super) fn follow(&mut self, dbfs: f32, sure: bool) {
        self.recent_dbfs[self.next] = dbfs;
        self.next = (self.next + 1) % Self::RECENT;
        self.fresh = (self.fresh + 1).min(Self::RECENT);
        if !sure {
            return;
        }
        if self.blocks == 0 {
            return self.begin_anew(self.fresh.min(Self::RECENT / 2), f32::NEG_INFINITY);
        }
        let level = power_to_dbfs(self.mean_power);
        let louder = |dbfs: &&f32| **dbfs > level + Self::LOUDER_DB;
        if self.fresh >= Self::LOUDER_OF
            && self.latest(Self::LOUDER_OF).filter(louder).count() >= Self::LOUDER_BLOCKS
        {
            self.begin_anew(Self::LOUDER_OF, level + Self::LOUDER_DB);
        } else if self.fresh == Self::RECENT
            && self.recent_dbfs.iter().all(|dbfs| *dbfs < level - Self::FAINTER_DB)
        {
            self.begin_anew(Self::RECENT / 2, f32::NEG_INFINITY);
        } else if dbfs > level - Self::MARGIN_DB {
            self.count(dbfs.min(level + Self::PEAK_DB));
        }
    }

    /// Adds a block to the mean.
    fn count(&mut self, dbfs: f32) {
        self.blocks = (self.blocks + 1).min(Self::MEMORY);
        self.mean_power += (10f32.powf(dbfs / 10.0) - self.mean_power) / f32::from(self.blocks);
    }

    /// Makes the mean that of those of the last `blocks` that are above `floor_dbfs`.
    fn begin_anew(&mut self, blocks: usize, floor_dbfs: f32) {
        (self.mean_power, self.blocks, self.fresh) = (0.0, 0, 0);
        let first = self.next + Self::RECENT - blocks;
        for index in first..first + blocks {
            let dbfs = self.recent_dbfs[index % Self::RECENT];
            if dbfs > floor_dbfs {
                self.count(dbfs);
            }
        }
    }

    /// The last `blocks` levels.
    fn latest(&self, blocks: usize) -> impl Iterator<Item = &f32> {
        self.recent_dbfs.iter().cycle().skip(self.next + Self::RECENT - blocks).take(blocks)
    }

    /// Active speech level of the talker, in dBFS; `None` before there was enough speech.
    pub(super) fn dbfs(&self) -> Option<f32> {
        (self.blocks >= Self::FIRST).then(|| power_to_dbfs(self.mean_power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(levels: impl IntoIterator<Item = f32>) -> SpeechLevel {
        let mut level = SpeechLevel::new();
        levels.into_iter().for_each(|l| level.follow(l, true));
        level
    }

    /// Syllables: half of the blocks at `loud`, half 12 dB below; the mean power is 2.7 dB below `loud`.
    fn syllables(loud: f32, blocks: usize) -> impl Iterator<Item = f32> {
        (0..blocks).map(move |b| loud - if b % 20 < 10 { 0.0 } else { 12.0 })
    }

    #[test]
    fn there_is_no_level_before_there_is_speech() {
        assert_eq!(fed([-30.0; 7]).dbfs(), None);
        assert!((fed([-30.0; 8]).dbfs().unwrap() + 30.0).abs() < 0.01);
    }

    #[test]
    fn the_level_is_the_mean_power_without_gaps_and_hardly_moves() {
        let mut level = fed(syllables(-30.0, 600));
        for (block, dbfs) in syllables(-30.0, 600).enumerate() {
            level.follow(dbfs, true);
            if block % 7 == 0 {
                level.follow(-52.0, true);
            }
            assert!((level.dbfs().unwrap() + 32.7).abs() < 0.3, "{:?}", level.dbfs());
        }
    }

    #[test]
    fn another_talker_is_known_within_half_a_second_of_speech() {
        for (loud, blocks) in [(-10.0, 20), (-50.0, 45)] {
            let level = fed(syllables(-30.0, 600).chain(syllables(loud, blocks)));
            assert!((level.dbfs().unwrap() - loud + 2.7).abs() < 2.0, "{:?} for {loud}", level.dbfs());
        }
    }

    #[test]
    fn a_clap_does_not_count() {
        let mut level = fed(syllables(-40.0, 600));
        [-3.0, -12.0, -28.0].into_iter().for_each(|clap| level.follow(clap, true));
        assert!((level.dbfs().unwrap() + 42.7).abs() < 0.4, "{:?}", level.dbfs());
    }
}
