//! Powers of the signals inside the canceller.

use std::ops::Deref;

/// Powers of one block, each a sum of squares of whitened signals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Powers {
    /// Microphone.
    pub(super) near: f32,
    /// Microphone less the foreground's echo.
    pub(super) foreground: f32,
    /// Microphone less the background's echo.
    pub(super) background: f32,
}

/// [`Powers`] with a memory.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SmoothPowers(Powers);

impl SmoothPowers {
    /// Moves the share `speed` (0 to 1) of the way towards `block`.
    pub(super) fn follow(&mut self, block: &Powers, speed: f32) {
        follow(&mut self.0.near, block.near, speed);
        follow(&mut self.0.foreground, block.foreground, speed);
        follow(&mut self.0.background, block.background, speed);
    }

    /// The background has become the foreground.
    pub(super) fn adopt_background(&mut self) {
        self.0.foreground = self.0.background;
    }

    /// The foreground has become the background.
    pub(super) fn restore_background(&mut self) {
        self.0.background = self.0.foreground;
    }
}

impl Deref for SmoothPowers {
    type Target = Powers;

    fn deref(&self) -> &Powers {
        &self.0
    }
}

/// Moves `average` the share `speed` of the way towards `power`, and never to 0: ratios stay finite and
/// silence does not end in denormal numbers.
pub(super) fn follow(average: &mut f32, power: f32, speed: f32) {
    *average = (*average + speed * (power - *average)).max(1e-20);
}
