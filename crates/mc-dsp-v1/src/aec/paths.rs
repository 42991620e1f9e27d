//! Two models of one echo path: a foreground that cancels and a background that learns.
//!
//! After Ochiai, Araseki, Ogihara: "Echo Canceler with Two Echo Path Models", IEEE Trans. Communications
//! 25 (1977). What the background learns while both ends talk is wrong, and nobody hears it: the foreground
//! takes over the background only after it has been clearly better for a while.

use super::level::{Powers, SmoothPowers};

/// Shares of power, background over foreground and over microphone, below which the background is better.
const BETTER_THAN_FOREGROUND: f32 = 0.8;
const BETTER_THAN_NOTHING: f32 = 0.4;
/// Background over foreground from which on the background has gone astray.
const ASTRAY: f32 = 2.0;
/// Foreground over microphone from which on the echo path is no longer what the foreground knows.
const OUTDATED: f32 = 1.2;
/// Blocks for which a state must last before it has consequences: 100 ms.
const BETTER_BLOCKS: u32 = 20;
const ASTRAY_BLOCKS: u32 = 20;
const OUTDATED_BLOCKS: u32 = 20;
/// Background over microphone at which the background has learnt the path: 7 dB removed.
const LEARNT: f32 = 0.2;

/// What is to be copied after a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    /// Nothing.
    None,
    /// The background becomes the foreground.
    Adopt,
    /// The foreground becomes the background.
    Restore,
}

/// Compares the two models, and says how far the background should move.
#[derive(Clone, Debug, Default)]
pub(super) struct PathControl {
    powers: SmoothPowers,
    better: u32,
    astray: u32,
    outdated: u32,
    /// Once the path has been learnt: part of the estimated echo's power that is still left, tracked.
    leakage: Option<f32>,
    /// Part of the foreground's error that is taken to be echo, 0 to 1.
    echo_share: f32,
}

impl PathControl {
    /// Smoothing of the powers over blocks of 5 ms: 30 ms.
    const SMOOTHING: f32 = 0.15;
    /// The leakage follows an improvement in 100 ms and a worsening, which may be double talk, in 10 s.
    const LEAKAGE_FALL: f32 = 0.05;
    const LEAKAGE_RISE: f32 = 0.0005;
    /// Lowest share: while the error is all near end, learning goes on at a twentieth, so that a change
    /// of the path that looks like double talk is learnt in the end.
    const LEAST_SHARE: f32 = 0.05;
    /// Below this share the near end is taken to be talking.
    const NEAR_END_SHARE: f32 = 0.25;

    pub(super) fn new() -> Self {
        Self { echo_share: 1.0, ..Self::default() }
    }

    /// Factor on the step size, 0 to 1: the part of the error that the filter can learn from, which is
    /// also the best step size (Mader, Puder, Schmidt: "Step-size control for acoustic echo cancellation
    /// filters", Signal Processing 80, 2000).
    pub(super) const fn step_factor(&self) -> f32 {
        self.echo_share
    }

    /// Whether the foreground has once removed much and its path has not changed since.
    pub(super) const fn learnt(&self) -> bool {
        self.leakage.is_some()
    }

    pub(super) fn near_end_active(&self) -> bool {
        self.echo_share < Self::NEAR_END_SHARE
    }

    /// Takes the powers of a block during which the far end was active.
    pub(super) fn end_block(&mut self, block: &Powers) -> Transfer {
        self.powers.follow(block, Self::SMOOTHING);
        let transfer = self.compare();
        self.estimate_echo_share();
        transfer
    }

    fn compare(&mut self) -> Transfer {
        let Powers { near, foreground, background, .. } = *self.powers;
        let lasts = |count: &mut u32, state: bool, blocks: u32| {
            *count = if state { *count + 1 } else { 0 };
            let lasted = *count >= blocks;
            *count *= u32::from(!lasted);
            lasted
        };
        let better =
            background < BETTER_THAN_FOREGROUND * foreground && background < BETTER_THAN_NOTHING * near;
        let better = lasts(&mut self.better, better, BETTER_BLOCKS);
        let astray = lasts(&mut self.astray, background > ASTRAY * foreground, ASTRAY_BLOCKS);
        let outdated = lasts(&mut self.outdated, foreground > OUTDATED * near, OUTDATED_BLOCKS);
        if outdated {
            self.leakage = None;
        } else if better && background < LEARNT * near {
            self.leakage.get_or_insert(1.0);
        }
        if better || (outdated && background < foreground) {
            self.powers.adopt_background();
            Transfer::Adopt
        } else if astray && foreground < near {
            self.powers.restore_background();
            Transfer::Restore
        } else {
            Transfer::None
        }
    }

    fn estimate_echo_share(&mut self) {
        let Powers { near, foreground, .. } = *self.powers;
        let Some(leakage) = &mut self.leakage else {
            self.echo_share = 1.0;
            return;
        };
        let left = (foreground / near).min(1.0);
        let speed = if left < *leakage { Self::LEAKAGE_FALL } else { Self::LEAKAGE_RISE };
        *leakage += speed * (left - *leakage);
        // The foreground's estimate has about the power that it took away from the microphone.
        let echo = near - foreground;
        self.echo_share =
            if echo < 0.0 { 1.0 } else { (*leakage * echo / foreground).clamp(Self::LEAST_SHARE, 1.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(near: f32, foreground: f32, background: f32) -> Powers {
        Powers { near, foreground, background }
    }

    fn run(control: &mut PathControl, blocks: usize, powers: &Powers) -> Vec<Transfer> {
        (0..blocks).map(|_| control.end_block(powers)).collect()
    }

    #[test]
    fn a_background_that_stays_better_is_adopted_and_a_lucky_block_is_not() {
        let mut control = PathControl::new();
        run(&mut control, 50, &block(1.0, 1.0, 1.0));
        assert_eq!(run(&mut control, 5, &block(1.0, 1.0, 0.01)), [Transfer::None; 5]);
        run(&mut control, 50, &block(1.0, 1.0, 1.0));
        let transfers = run(&mut control, 60, &block(1.0, 1.0, 0.1));
        assert!(transfers.contains(&Transfer::Adopt));
    }

    #[test]
    fn a_background_gone_astray_is_restored() {
        let mut control = PathControl::new();
        let transfers = run(&mut control, 60, &block(1.0, 0.1, 0.9));
        assert!(transfers.contains(&Transfer::Restore));
    }

    #[test]
    fn double_talk_slows_learning_and_a_changed_path_speeds_it_up() {
        let mut control = PathControl::new();
        assert_eq!(control.step_factor(), 1.0);
        run(&mut control, 60, &block(1.0, 1.0, 0.01));
        run(&mut control, 400, &block(1.0, 0.01, 0.01));
        assert!(!control.near_end_active());
        // The near end joins: the echo estimate stays, the error rises with the microphone.
        run(&mut control, 40, &block(2.0, 1.0, 1.0));
        assert!(control.near_end_active() && control.step_factor() < 0.1, "{}", control.step_factor());
        // Another path: subtracting makes it louder.
        run(&mut control, 60, &block(1.0, 2.0, 2.0));
        assert!(!control.near_end_active() && control.step_factor() > 0.99);
    }
}
