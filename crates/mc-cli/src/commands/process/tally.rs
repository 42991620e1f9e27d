//! What the processors did over a whole recording.

use std::fmt;

use mc_dsp::power_to_dbfs;
use mc_engine::{BenchmarkResults, CaptureReport};

/// Sums up audio and reports, frame by frame.
#[derive(Default)]
pub(super) struct Tally {
    frames: u64,
    samples: u64,
    energy_in: f64,
    energy_out: f64,
    /// Frames on which the voice detector had an opinion, and those that it took for speech.
    heard: u64,
    speech: u64,
    /// Lowest and highest gain in dB.
    gain_db: Option<(f32, f32)>,
    /// The echo canceller's own measure at the end of each frame, in dB.
    erle_db: Vec<f64>,
}

impl Tally {
    /// Counts a frame as it came in.
    pub(super) fn before(&mut self, frame: &[f32]) {
        self.energy_in += energy(frame);
    }

    /// Counts the same frame as it went out, and what was done to it.
    pub(super) fn after(&mut self, frame: &[f32], report: &CaptureReport) {
        self.frames += 1;
        self.samples += frame.len() as u64;
        self.energy_out += energy(frame);
        if let Some(voice) = report.voice {
            self.heard += 1;
            self.speech += u64::from(voice.is_speech);
        }
        if let Some(gain) = report.gain {
            let (low, high) = self.gain_db.unwrap_or((gain.gain_db, gain.gain_db));
            self.gain_db = Some((low.min(gain.gain_db), high.max(gain.gain_db)));
        }
        self.erle_db.extend(report.echo.and_then(|echo| echo.erle_db).map(f64::from));
    }

    fn dbfs(&self, energy: f64) -> f32 {
        power_to_dbfs((energy / self.samples.max(1) as f64) as f32)
    }
}

fn energy(frame: &[f32]) -> f64 {
    frame.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.dbfs(self.energy_in), self.dbfs(self.energy_out));
        write!(f, "level {before:.1} -> {after:.1} dBFS")?;
        if let Some((low, high)) = self.gain_db {
            write!(f, ", gain {low:.1} to {high:.1} dB")?;
        }
        if self.heard > 0 {
            write!(f, ", speech {:.1} %", 100.0 * self.speech as f64 / self.heard as f64)?;
        }
        if let Ok(erle_db) = BenchmarkResults::from_samples(&self.erle_db) {
            write!(f, ", ERLE {:.1} dB in the median", erle_db.median)?;
        }
        Ok(())
    }
}
