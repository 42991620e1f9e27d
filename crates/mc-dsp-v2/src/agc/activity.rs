//! A light detector of speech, for streams that no voice detector listens to.

use super::meter::Block;

/// What the detector makes of one block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Activity {
    /// Whether the block rises above its surroundings as syllables do.
    pub(super) syllable: bool,
    /// Probability of speech, 0 to 1: of a syllable in a voice that changes its colour.
    pub(super) probability: f32,
    /// Lowest level of late, in dBFS: in noise the noise, in speech its gaps.
    pub(super) lowest_dbfs: f32,
}

/// Hears syllables and colours. Within half a second speech rises far above its own gaps, while noise, hum and tones
/// stay where they are, however loud they are and however suddenly they began. And from vowel to consonant the
/// spectrum of speech brightens and darkens, while a horn, a bell and a machine that comes and goes keep theirs.
#[derive(Clone, Debug)]
pub(super) struct SpeechDetector {
    smooth_db: f32,
    /// Smoothed levels of the last blocks, oldest overwritten first.
    levels_db: [f32; Self::WINDOW],
    next_level: usize,
    /// Brightness of the last blocks, not a number where they were not syllabic, oldest overwritten first.
    colours_db: [f32; Self::APART],
    next_colour: usize,
    /// Changes of brightness between syllabic blocks of late, oldest overwritten first.
    changes_db: [f32; Self::CHANGES],
    next_change: usize,
    changes: usize,
    quiet_blocks: usize,
}

impl SpeechDetector {
    /// Blocks of 10 ms in which speech has a gap: for syllables, and for what counts as background.
    const SYLLABLE: usize = 40;
    const WINDOW: usize = 60;
    const SMOOTHING: f32 = 0.6;
    /// Rise over the lowest of the window from which on a block is syllabic, in dB. White noise rises by 4 dB.
    const RISE_DB: f32 = 9.0;
    /// Colours are compared between blocks this far apart, as vowel and consonant are.
    const APART: usize = 8;
    /// Changes over which the mean is taken, and the fewest that are enough.
    const CHANGES: usize = 32;
    const FEWEST_CHANGES: usize = 12;
    /// The mean is taken with this many times no change: few changes must be larger to convince.
    const DOUBT: usize = 3;
    /// A change counts with no more than this, in dB: one sound that ends while another begins is one change.
    const CLIP_DB: f32 = 9.0;
    /// After this long without a syllable, what was heard before says nothing about what comes: 500 ms.
    const PAUSE: usize = 50;
    /// Mean change at which speech is as likely as not, in dB, and how far around it the probability goes from a
    /// quarter to three quarters. Nine tenths of speech have more than 2.7, of the sounds of streets a fiftieth.
    const EVEN_DB: f32 = 2.8;
    const SLOPE_DB: f32 = 0.2;

    pub(super) const fn new() -> Self {
        Self {
            smooth_db: f32::NAN,
            levels_db: [f32::INFINITY; Self::WINDOW],
            next_level: 0,
            colours_db: [f32::NAN; Self::APART],
            next_colour: 0,
            changes_db: [0.0; Self::CHANGES],
            next_change: 0,
            changes: 0,
            quiet_blocks: 0,
        }
    }

    pub(super) fn follow(&mut self, block: &Block) -> Activity {
        if self.smooth_db.is_nan() {
            self.smooth_db = block.dbfs;
        }
        self.smooth_db += Self::SMOOTHING * (block.dbfs - self.smooth_db);
        self.levels_db[self.next_level] = self.smooth_db;
        self.next_level = (self.next_level + 1) % Self::WINDOW;
        let lowest = |blocks: usize| {
            let first = self.next_level + Self::WINDOW - blocks;
            (first..first + blocks).map(|i| self.levels_db[i % Self::WINDOW]).fold(f32::INFINITY, f32::min)
        };
        let syllable = block.dbfs - lowest(Self::SYLLABLE) > Self::RISE_DB;
        let lowest_dbfs = lowest(Self::WINDOW);
        let colour = if syllable { block.brightness_db } else { f32::NAN };
        let before = std::mem::replace(&mut self.colours_db[self.next_colour], colour);
        self.next_colour = (self.next_colour + 1) % Self::APART;
        let change = (colour - before).abs();
        if !change.is_nan() {
            self.changes_db[self.next_change] = change.min(Self::CLIP_DB);
            self.next_change = (self.next_change + 1) % Self::CHANGES;
            self.changes = (self.changes + 1).min(Self::CHANGES);
        }
        self.quiet_blocks = if syllable { 0 } else { self.quiet_blocks.saturating_add(1) };
        if self.quiet_blocks > Self::PAUSE {
            self.changes = 0;
            self.next_change = 0;
        }
        let probability = if syllable { self.voice() } else { 0.0 };
        Activity { syllable, probability, lowest_dbfs }
    }

    /// Probability that the last syllabic blocks are of a voice.
    fn voice(&self) -> f32 {
        if self.changes < Self::FEWEST_CHANGES {
            return 0.0;
        }
        let sum = self.changes_db[..self.changes].iter().sum::<f32>();
        let mean = sum / (self.changes + Self::DOUBT) as f32;
        1.0 / (1.0 + ((Self::EVEN_DB - mean) / Self::SLOPE_DB).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 blocks loud, 10 blocks 25 dB below.
    fn syllables(block: u16) -> f32 {
        if block % 30 < 20 { -25.0 } else { -50.0 }
    }

    fn hear(detector: &mut SpeechDetector, dbfs: f32, brightness_db: f32) -> Activity {
        detector.follow(&Block { dbfs, brightness_db, bands_dbfs: [dbfs; 4] })
    }

    #[test]
    fn syllables_that_change_their_colour_are_speech_and_others_are_not() {
        for (change_db, speech) in [(8.0, true), (1.0, false)] {
            let mut detector = SpeechDetector::new();
            for block in 0..400u16 {
                let dbfs = syllables(block);
                let colour = if block / 7 % 2 == 0 { -10.0 } else { -10.0 + change_db };
                let heard = hear(&mut detector, dbfs, colour);
                if block >= 60 {
                    assert_eq!(heard.syllable, dbfs > -30.0);
                    assert_eq!(heard.probability > 0.5, speech && dbfs > -30.0, "at {block}");
                    assert!((heard.lowest_dbfs + 50.0).abs() < 1.0);
                }
            }
        }
    }

    #[test]
    fn what_stays_is_not_speech_after_half_a_second_however_loud() {
        let mut detector = SpeechDetector::new();
        (0..100).for_each(|_| _ = hear(&mut detector, -70.0, -10.0));
        for block in 0..200u16 {
            let heard = hear(&mut detector, -10.0 + f32::from(block % 4), f32::from(block % 5) * 4.0);
            assert!(block < 40 || !heard.syllable && heard.probability == 0.0);
            assert!(block < 66 || heard.lowest_dbfs > -12.0);
        }
    }
}
