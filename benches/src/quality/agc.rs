//! Gain controls: how near they bring speech to their target, whether they clip, and what they do to noise.

use mc_dsp::GainControl;
use mc_dsp_v1::{AgcConfig, AutomaticGainControl};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
use mc_testkit::measure::{active_dbfs, peak, rms_dbfs};
use mc_testkit::scene;
use mc_testkit::signal::white_noise;

use super::{FRAME, Measure, RATE, worst_error};
use crate::Failure;

/// Levels at which people speak into telephones, in dBFS.
const LEVELS: [f32; 3] = [-44.0, -26.0, -10.0];

/// Frames that a gain control has to find its gain: half of the scene.
const SETTLED: usize = 1_000;

/// Target of both generations by default, in dBFS.
const TARGET_DBFS: f32 = -18.0;

/// Makes a gain control.
type Make = fn() -> Result<Box<dyn GainControl>, Failure>;

const VERSIONS: [(&str, Make); 2] = [
    ("v1", || Ok(Box::new(AutomaticGainControl::new(AgcConfig::default(), RATE)?))),
    ("v2", || Ok(Box::new(AdvancedAutomaticGainControl::new(AdvancedAgcConfig::default(), RATE)?))),
];

pub(super) fn measures() -> Result<Vec<Measure>, Failure> {
    let mut measures = Vec::new();
    for (version, make) in VERSIONS {
        for level in LEVELS {
            let name = |what: &str| format!("agc/{version}/speech_at_{level}_dbfs/{what}");
            measures.push((name("level_error_db"), worst_error(|seed| Ok(speech(make, seed, level)?.0))?));
            measures.push((name("peak"), worst_error(|seed| Ok(speech(make, seed, level)?.1))?));
        }
        let lift = worst_error(|seed| noise_lift(make, seed))?;
        measures.push((format!("agc/{version}/noise_at_-50_dbfs/lift_db"), lift));
    }
    Ok(measures)
}

/// How far settled speech lies from the target, in dB, and the largest magnitude of all.
fn speech(make: Make, seed: u64, level: f32) -> Result<(f32, f32), Failure> {
    let scene = scene::levels(seed, RATE.hz(), level);
    let output = process(make, &scene.samples)?;
    let per_label = scene.frame_samples();
    let labels = &scene.speech[SETTLED..output.len() / per_label];
    let settled = active_dbfs(&output[SETTLED * per_label..], labels, per_label);
    Ok(((settled - TARGET_DBFS).abs(), peak(&output)))
}

/// Gain in the second half of 20 s of noise alone, in dB.
fn noise_lift(make: Make, seed: u64) -> Result<f32, Failure> {
    let noise = white_noise(seed, -50.0, 2 * SETTLED * FRAME);
    let output = process(make, &noise)?;
    Ok(rms_dbfs(&output[SETTLED * FRAME..]) - rms_dbfs(&noise[SETTLED * FRAME..]))
}

/// The output, aligned with the input.
fn process(make: Make, input: &[f32]) -> Result<Vec<f32>, Failure> {
    let mut control = make()?;
    let mut output = input.to_vec();
    for frame in output.chunks_exact_mut(FRAME) {
        control.process(frame, None)?;
    }
    output.drain(..control.latency_samples());
    Ok(output)
}
