//! Who is heard, and who is speaking.

/// Share of a tick in a party's smoothed level.
const SMOOTHING: f32 = 0.3;
/// How much louder than one who is heard another must be to take the place: 3 dB, as power.
const ADVANTAGE: f32 = 2.0;

/// How loud a party has been of late.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loudness {
    /// Smoothed mean square; of speech only.
    power: f32,
}

impl Loudness {
    /// Takes the mean square of a tick; 0 for one without speech.
    pub(super) fn follow(&mut self, mean_square: f32) {
        self.power += SMOOTHING * (mean_square - self.power);
    }

    /// What it counts in a choice: whoever has a place keeps it for a while.
    pub(super) fn weight(self, has_place: bool) -> f32 {
        if has_place { self.power * ADVANTAGE } else { self.power }
    }
}

/// Finds the one who speaks, without jumping between those who do at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ActiveSpeaker {
    seat: Option<usize>,
}

impl ActiveSpeaker {
    pub(super) const fn party(self) -> Option<usize> {
        self.seat
    }

    pub(super) fn forget(&mut self, seat: usize) {
        if self.seat == Some(seat) {
            self.seat = None;
        }
    }

    /// Takes who speaks loudest in this tick. In a pause of all the last speaker stays.
    pub(super) const fn follow(&mut self, loudest: Option<usize>) {
        if loudest.is_some() {
            self.seat = loudest;
        }
    }
}
