//! How much echo is removed, measured on the audio that goes out.

use mc_dsp::{SILENCE_DBFS, power_to_dbfs};

use super::level::follow;

/// Echo return loss enhancement of the last seconds of far-end talk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ErleMeter {
    near: f32,
    out: f32,
    any: bool,
}

impl ErleMeter {
    /// Smoothing over blocks of 5 ms: 1 s.
    const SMOOTHING: f32 = 0.005;

    /// Takes the powers of a block with far-end audio and no near-end talk.
    pub(super) fn add(&mut self, near: f32, out: f32) {
        if !self.any {
            (self.near, self.out, self.any) = (near, out, true);
        }
        follow(&mut self.near, near, Self::SMOOTHING);
        follow(&mut self.out, out, Self::SMOOTHING);
    }

    /// In dB; `None` before the first block.
    pub(super) fn db(&self) -> Option<f32> {
        self.any.then(|| power_to_dbfs(self.near / self.out).clamp(SILENCE_DBFS, -SILENCE_DBFS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_of_powers_is_followed() {
        let mut meter = ErleMeter::default();
        assert_eq!(meter.db(), None);
        meter.add(1.0, 1.0);
        assert!(meter.db().unwrap().abs() < 1e-3);
        (0..4_000).for_each(|_| meter.add(1.0, 0.01));
        assert!((meter.db().unwrap() - 20.0).abs() < 0.1);
    }
}
