//! When there is nothing to cancel: the canceller rests, and what makes it work again.
//!
//! Most legs of a relay give no echo at all. Two witnesses that share no assumption are heard before the filters are
//! left alone: the delay's search finds no lag at which far end and near end agree, and what the filters predict
//! explains nothing of the near end. One of them is enough to stay at work, and the search goes on at rest.

/// Power of the far end over the filters' reach from which an echo of it would be heard: -45 dBFS.
const FAR_TALKS: f32 = 3e-5;
/// So much far-end talk without a sign of echo lets the canceller rest, in milliseconds.
const WITHOUT_SIGN_MS: f32 = 4_000.0;
/// Share of the near end that the filters explain, from which that is a sign of echo. Without echo it stays within
/// ±0.03, and an echo 40 dB below the far end explains most of a near end that does not talk.
const EXPLAINED: f32 = 0.1;
/// Time constant of that share, in milliseconds of far-end talk.
const EXPLAINED_MEMORY_MS: f32 = 1_000.0;
/// Power of the near end that explains nothing, and of the far end that counts as sound: -90 dBFS.
const SILENCE: f32 = 1e-9;

/// What the canceller is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Working,
    /// The far end is silent, and so is all that could sound on of it.
    Silence,
    /// The far end talks, and nothing of it comes back.
    NoEcho,
}

/// What a block showed while the canceller worked.
pub(super) struct Shown<'a> {
    /// The microphone, and what the filters left of it.
    pub(super) near: &'a [f32],
    pub(super) error: &'a [f32],
    /// Power of the far end within the filters' reach.
    pub(super) far_power: f32,
    /// Whether the delay's search finds an echo at present.
    pub(super) echo_heard: bool,
}

/// Decides block by block whether to work.
pub(super) struct Standby {
    /// Whether to rest at all.
    wanted: bool,
    state: State,
    /// Blocks since the far end was last heard, up to those after which nothing of it can sound on.
    silent: u32,
    longest: u32,
    /// Smoothed share of the near end that the filters explain.
    explained: f32,
    smoothing: f32,
    /// Blocks of far-end talk since the last sign of echo, and how many are enough.
    without_sign: u32,
    enough: u32,
    rested: u64,
    wakes: u64,
}

impl Standby {
    /// Where an echo sounds on for at most `longest_ms` after its sound was played.
    pub(super) fn new(wanted: bool, longest_ms: f32, block_ms: f32) -> Self {
        let blocks = |ms: f32| (ms / block_ms) as u32;
        let mut standby = Self {
            wanted,
            state: State::Working,
            silent: 0,
            longest: blocks(longest_ms),
            explained: 0.0,
            smoothing: 1.0 - (-block_ms / EXPLAINED_MEMORY_MS).exp(),
            without_sign: 0,
            enough: blocks(WITHOUT_SIGN_MS),
            rested: 0,
            wakes: 0,
        };
        standby.clear();
        standby
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    /// Blocks for which nothing was done.
    pub(super) const fn rested(&self) -> u64 {
        self.rested
    }

    /// How often echo appeared after there had been none.
    pub(super) const fn wakes(&self) -> u64 {
        self.wakes
    }

    /// Whether the far end was heard so lately that it may still sound.
    pub(super) const fn far_end_sounds(&self) -> bool {
        self.silent < self.longest
    }

    /// Takes the power of a far-end block before anything is done, and whether the delay's search finds an echo at
    /// present: the state for this block. What it was before is told where it changed.
    pub(super) fn begin(&mut self, far_power: f32, echo_heard: bool) -> Option<State> {
        self.silent = if far_power > SILENCE { 0 } else { (self.silent + 1).min(self.longest) };
        let before = self.state;
        let wakes = match before {
            State::Working => false,
            State::Silence => self.far_end_sounds(),
            State::NoEcho => echo_heard,
        };
        if !wakes {
            self.rested += u64::from(before != State::Working);
            return None;
        }
        self.wakes += u64::from(before == State::NoEcho);
        self.state = State::Working;
        self.without_sign = 0;
        Some(before)
    }

    /// Takes what a block showed; whether the canceller rests from the next one on.
    pub(super) fn end(&mut self, shown: &Shown<'_>) -> bool {
        if shown.far_power > FAR_TALKS {
            let floor = SILENCE * shown.near.len() as f32;
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let heard = dot(shown.near, shown.near);
            let share = (heard - dot(shown.near, shown.error)) / (heard + floor);
            self.explained += self.smoothing * (share.clamp(-1.0, 1.0) - self.explained);
            self.without_sign += 1;
        }
        if shown.echo_heard || self.explained > EXPLAINED {
            self.without_sign = 0;
        }
        if !self.wanted {
            return false;
        }
        if !self.far_end_sounds() {
            self.state = State::Silence;
        } else if self.without_sign >= self.enough {
            self.state = State::NoEcho;
        }
        self.state != State::Working
    }

    pub(super) fn clear(&mut self) {
        self.state = State::Working;
        self.silent = 0;
        self.explained = 0.0;
        self.without_sign = 0;
        (self.rested, self.wakes) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALK: f32 = 1e-3;
    const ENOUGH: usize = WITHOUT_SIGN_MS as usize / 4;

    fn standby() -> Standby {
        Standby::new(true, 400.0, 4.0)
    }

    /// After blocks of which the filters explain `share`; the blocks until it rested, if it did.
    fn rests_after(standby: &mut Standby, blocks: usize, far: f32, share: f32, heard: bool) -> Option<usize> {
        let near = [0.1; 32];
        let error = near.map(|sample| (1.0 - share) * sample);
        (0..blocks).find(|_| {
            standby.begin(far, heard);
            standby.end(&Shown { near: &near, error: &error, far_power: far, echo_heard: heard })
        })
    }

    #[test]
    fn talk_without_a_sign_lets_it_rest_and_each_witness_keeps_it_at_work() {
        assert_eq!(rests_after(&mut standby(), 2 * ENOUGH, TALK, 0.0, false), Some(ENOUGH - 1));
        assert_eq!(rests_after(&mut standby(), 2 * ENOUGH, TALK, -0.5, false), Some(ENOUGH - 1));
        assert_eq!(rests_after(&mut standby(), 10 * ENOUGH, TALK, 0.2, false), None);
        assert_eq!(rests_after(&mut standby(), 10 * ENOUGH, TALK, 0.0, true), None);
        // What is too faint to be heard again proves nothing.
        assert_eq!(rests_after(&mut standby(), 10 * ENOUGH, 1e-6, 0.0, false), None);
        let mut off = Standby::new(false, 400.0, 4.0);
        assert_eq!(rests_after(&mut off, 10 * ENOUGH, TALK, 0.0, false), None);
    }

    #[test]
    fn an_echo_that_is_heard_wakes_it_and_must_be_gone_as_long_as_at_first() {
        let mut standby = standby();
        rests_after(&mut standby, 2 * ENOUGH, TALK, 0.0, false);
        assert_eq!(standby.begin(TALK, false), None);
        assert_eq!((standby.begin(TALK, true), standby.wakes()), (Some(State::NoEcho), 1));
        assert_eq!(rests_after(&mut standby, 2 * ENOUGH, TALK, 0.0, false), Some(ENOUGH - 1));
    }

    #[test]
    fn silence_of_the_far_end_rests_once_nothing_can_sound_on_and_its_voice_wakes() {
        let mut standby = standby();
        assert_eq!(rests_after(&mut standby, 50, TALK, 0.9, true), None);
        assert_eq!(rests_after(&mut standby, 200, 0.0, 0.0, false), Some(99));
        assert_eq!(standby.begin(1e-10, false), None);
        assert_eq!((standby.begin(TALK, false), standby.wakes()), (Some(State::Silence), 0));
    }
}
