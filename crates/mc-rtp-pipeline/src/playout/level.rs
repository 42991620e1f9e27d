//! How loud the talker is, so that pauses can be told from speech.

/// How fast the talker's level is forgotten, per second: half in 2 s.
const FORGET_PER_S: f32 = 0.35;

/// A piece this far below the talker's level counts as a pause: 26 dB, in energy.
const PAUSE: f32 = 2.5e-3;

/// Mean energy per sample below which everything is a pause: -66 dBFS.
const SILENT: f32 = 2.5e-7;

/// Tracks the level of the loudest recent audio.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SpeechLevel {
    energy: f32,
}

impl SpeechLevel {
    /// Hears `samples` at a rate of `rate_hz`.
    pub(crate) fn hear(&mut self, samples: &[f32], rate_hz: u32) {
        let seconds = samples.len() as f32 / rate_hz as f32;
        let kept = self.energy * (1.0 - FORGET_PER_S * seconds);
        self.energy = mean_energy(samples).max(kept);
    }

    /// Whether `samples` are a pause.
    pub(crate) fn is_pause(&self, samples: &[f32]) -> bool {
        mean_energy(samples) < SILENT.max(self.energy * PAUSE)
    }
}

fn mean_energy(samples: &[f32]) -> f32 {
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    sum / samples.len().max(1) as f32
}
