//! How much gain the background bears.

/// Follows the usual lowest level of half a second: in noise the noise, in speech its gaps. It is not the lowest of
/// all, which a street falls to now and then, and it knows no speech from noise: a detector that errs does not
/// mislead it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Background {
    /// Not a number before there was any.
    dbfs: f32,
}

impl Background {
    /// Share of a new block that is louder, and of one that is fainter: time constants of 1 and 3 s. A noise that
    /// is over may come again.
    const RISE: f32 = 0.01;
    const FALL: f32 = 0.0035;
    /// Distance of speech from its background from which on it is lifted, in dB, and the gain that each dB more
    /// allows. Fluent speech is 17 to 30 dB above its gaps; what is taken for speech in noise, mostly less.
    const LEAST_DISTANCE_DB: f32 = 10.0;
    /// Distance from which on a block is not the background itself, in dB.
    const CLEAR_DB: f32 = 6.0;
    const GAIN_PER_DB: f32 = 4.0;

    pub(super) const fn new() -> Self {
        Self { dbfs: f32::NAN }
    }

    /// Takes the lowest level of the last half second, in dBFS.
    pub(super) fn follow(&mut self, lowest_dbfs: f32) {
        if self.dbfs.is_nan() {
            self.dbfs = lowest_dbfs;
        }
        let share = if lowest_dbfs > self.dbfs { Self::RISE } else { Self::FALL };
        self.dbfs += share * (lowest_dbfs - self.dbfs);
    }

    /// Whether a block of this level stands clear of the background.
    pub(super) fn is_below(&self, dbfs: f32) -> bool {
        dbfs - self.dbfs > Self::CLEAR_DB
    }

    /// Most gain for speech at `speech_dbfs`, in dB (0 or more): no more than lifts the background to `ceiling_dbfs`,
    /// and none for speech that hardly differs from it.
    pub(super) fn most_gain_db(&self, speech_dbfs: f32, ceiling_dbfs: f32) -> f32 {
        let distinct = Self::GAIN_PER_DB * (speech_dbfs - self.dbfs - Self::LEAST_DISTANCE_DB);
        distinct.min(ceiling_dbfs - self.dbfs).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_bounds_the_gain_by_its_level_and_by_how_far_speech_is_above_it() {
        let mut background = Background::new();
        (0..500).for_each(|_| background.follow(-60.0));
        for (speech, most) in [(-20.0, 25.0), (-47.0, 12.0), (-50.0, 0.0), (-70.0, 0.0)] {
            assert!((background.most_gain_db(speech, -35.0) - most).abs() < 0.1);
        }
        assert_eq!(background.most_gain_db(-20.0, -70.0), 0.0);
    }

    #[test]
    fn noise_that_begins_is_known_sooner_than_noise_that_ends_is_forgotten() {
        let mut background = Background::new();
        background.follow(-80.0);
        (0..200).for_each(|_| background.follow(-40.0));
        let known = (background.dbfs + 80.0) / 40.0;
        let at_its_end = background.dbfs;
        (0..200).for_each(|_| background.follow(-80.0));
        let forgotten = (at_its_end - background.dbfs) / (at_its_end + 80.0);
        assert!(known > 0.8 && forgotten < 0.6, "{known} {forgotten}");
    }
}
