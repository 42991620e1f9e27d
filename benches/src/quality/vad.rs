//! Voice detectors: whether they tell speech from noise.

use mc_dsp::VoiceDetector;
use mc_dsp_v1::{VadConfig, VoiceActivityDetector};
use mc_testkit::measure::{detection_rates, roc_area};
use mc_testkit::scene;

use super::{Measure, RATE, worst, worst_error};
use crate::Failure;

/// Distances of noise from speech, in dB: a quiet room, an office, a street.
const SNRS: [f32; 3] = [30.0, 15.0, 5.0];

struct Detection {
    roc_area: f32,
    found: f32,
    false_alarms: f32,
}

pub(super) fn measures() -> Result<Vec<Measure>, Failure> {
    let mut measures = Vec::new();
    for snr in SNRS {
        let name = |what: &str| format!("vad/v1/snr_{snr}_db/{what}");
        measures.push((name("roc_area"), worst(|seed| Ok(detect(seed, snr)?.roc_area))?));
        measures.push((name("speech_found"), worst(|seed| Ok(detect(seed, snr)?.found))?));
        measures.push((name("false_alarms"), worst_error(|seed| Ok(detect(seed, snr)?.false_alarms))?));
    }
    Ok(measures)
}

fn detect(seed: u64, snr_db: f32) -> Result<Detection, Failure> {
    let mut detector = VoiceActivityDetector::new(VadConfig::default(), RATE)?;
    let scene = scene::speech_in_noise(seed, RATE.hz(), snr_db);
    let (mut scores, mut decisions) = (Vec::new(), Vec::new());
    for frame in scene.samples.chunks_exact(scene.frame_samples()) {
        let activity = detector.process(frame)?;
        scores.push(activity.probability);
        decisions.push(activity.is_speech);
    }
    let (found, false_alarms) = detection_rates(&scene.speech, &decisions);
    Ok(Detection { roc_area: roc_area(&scene.speech, &scores), found, false_alarms })
}
