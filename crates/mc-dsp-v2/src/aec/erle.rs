//! How much echo is removed, measured on the audio.

use mc_dsp::power_to_dbfs;

/// Share of a block in the smoothed powers: 1 s of blocks.
const SMOOTHING: f32 = 0.004;
/// Limit in dB, either way.
const LIMIT_DB: f32 = 60.0;

/// Echo return loss enhancement of the last second of far-end talk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ErleMeter {
    powers: Option<(f32, f32)>,
}

impl ErleMeter {
    /// Takes the energies, before and after, of a block with far-end audio and no near-end talk.
    pub(super) fn add(&mut self, before: f32, after: f32) {
        let (old_before, old_after) = self.powers.unwrap_or((before, after));
        let follow = |old: f32, new: f32| old + SMOOTHING * (new - old);
        self.powers = Some((follow(old_before, before), follow(old_after, after)));
    }

    /// In dB; `None` before the first block.
    pub(super) fn db(&self) -> Option<f32> {
        let (before, after) = self.powers?;
        Some((power_to_dbfs(before) - power_to_dbfs(after)).clamp(-LIMIT_DB, LIMIT_DB))
    }
}
