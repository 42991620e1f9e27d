//! How the gain moves.

use mc_dsp::db_to_gain;

/// The gain, from one block of 10 ms to the next: a slow part that follows the talker, a gate for pauses, and a quick
/// relief for a voice that is suddenly far too loud, until the slow part has followed.
#[derive(Clone, Debug)]
pub(super) struct GainCurve {
    loudest_dbfs: f32,
    gate_depth_db: f32,
    gain_db: f32,
    gate_db: f32,
    relief_db: f32,
    pause_blocks: u16,
    /// Present amplitude factor, its change per sample, and for how many samples.
    gain: f32,
    slope: f32,
    gliding: usize,
}

impl GainCurve {
    /// Share of the way to its goal that the slow part goes in a block of speech, and the most that it rises and
    /// falls, in dB.
    const SHARE: f32 = 0.3;
    const RISE_DB: f32 = 4.0;
    const FALL_DB: f32 = 3.0;
    /// Above the target by this much, in dB, even the loudest block of a voice is too loud.
    const LOUDEST_DB: f32 = 5.0;
    /// Share of the relief that is left after a block without need.
    const RELIEF: f32 = 0.5;
    /// The gate closes after this many blocks without a syllable, by so many dB a block: too slowly to be heard.
    const GATE_AFTER: u16 = 30;
    const GATE_DB: f32 = 0.05;

    pub(super) fn new(target_dbfs: f32, gate_depth_db: f32) -> Self {
        Self {
            loudest_dbfs: target_dbfs + Self::LOUDEST_DB,
            gate_depth_db,
            gain_db: 0.0,
            gate_db: 0.0,
            relief_db: 0.0,
            pause_blocks: 0,
            gain: 1.0,
            slope: 0.0,
            gliding: 0,
        }
    }

    /// Amplitude factor of the next sample.
    #[inline]
    pub(super) fn step(&mut self) -> f32 {
        if self.gliding > 0 {
            self.gliding -= 1;
            self.gain += self.slope;
        }
        self.gain
    }

    /// Present amplitude factor.
    pub(super) const fn gain(&self) -> f32 {
        self.gain
    }

    /// A block of speech: the gain moves towards `goal_db`.
    pub(super) fn speech(&mut self, goal_db: f32) {
        self.gain_db += (Self::SHARE * (goal_db - self.gain_db)).clamp(-Self::FALL_DB, Self::RISE_DB);
    }

    /// A block without: the gain stays, or falls to `most_db`.
    pub(super) fn pause(&mut self, most_db: f32) {
        self.gain_db += (Self::SHARE * (most_db - self.gain_db)).clamp(-Self::FALL_DB, 0.0);
    }

    /// The gate opens at the first syllable and closes where there is none.
    pub(super) fn gate(&mut self, syllable: bool) {
        if syllable {
            (self.pause_blocks, self.gate_db) = (0, 0.0);
        } else if self.pause_blocks < Self::GATE_AFTER {
            self.pause_blocks += 1;
        } else {
            self.gate_db = (self.gate_db - Self::GATE_DB).max(-self.gate_depth_db);
        }
    }

    /// Chooses the gain after a block of `dbfs` at the input, and how it gets there within the `samples` of the next:
    /// down in a quarter of them, up in all.
    pub(super) fn glide(&mut self, dbfs: f32, samples: usize) {
        let too_loud = dbfs + self.gain_db - self.loudest_dbfs;
        self.relief_db = too_loud.max(Self::RELIEF * self.relief_db).max(0.0);
        let change = db_to_gain(self.gain_db + self.gate_db - self.relief_db) - self.gain;
        self.gliding = if change < 0.0 { samples / 4 } else { samples };
        self.slope = change / self.gliding as f32;
    }
}
