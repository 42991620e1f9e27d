//! Gain controls: how near they bring speech to their target, and whether they clip.

use mc_dsp::GainControl;
use mc_dsp_v1::{AgcConfig, AutomaticGainControl};
use mc_testkit::measure::{active_dbfs, peak};
use mc_testkit::scene;

use super::{FRAME, Measure, RATE, worst_error};
use crate::Failure;

/// Levels at which people speak into telephones, in dBFS.
const LEVELS: [f32; 3] = [-44.0, -26.0, -10.0];

/// Frames that a gain control has to find its gain: half of the scene.
const SETTLED: usize = 1_000;

pub(super) fn measures() -> Result<Vec<Measure>, Failure> {
    let mut measures = Vec::new();
    for level in LEVELS {
        let name = |what: &str| format!("agc/v1/speech_at_{level}_dbfs/{what}");
        measures.push((name("level_error_db"), worst_error(|seed| Ok(process(seed, level)?.0))?));
        measures.push((name("peak"), worst_error(|seed| Ok(process(seed, level)?.1))?));
    }
    Ok(measures)
}

/// How far settled speech lies from the target, in dB, and the largest magnitude of all.
fn process(seed: u64, level: f32) -> Result<(f32, f32), Failure> {
    let config = AgcConfig::default();
    let target = config.target_dbfs;
    let mut control = AutomaticGainControl::new(config, RATE)?;
    let scene = scene::levels(seed, RATE.hz(), level);
    let mut output = scene.samples.clone();
    for frame in output.chunks_exact_mut(FRAME) {
        control.process(frame, None)?;
    }
    let per_label = scene.frame_samples();
    let settled = active_dbfs(&output[SETTLED * per_label..], &scene.speech[SETTLED..], per_label);
    Ok(((settled - target).abs(), peak(&output)))
}
