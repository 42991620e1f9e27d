//! Voice detectors: whether they tell speech from noise, and keep silent where nobody talks.

use mc_dsp::VoiceDetector;
use mc_dsp_v1::{VadConfig, VoiceActivityDetector};
use mc_dsp_v2::{AdvancedVadConfig, AdvancedVoiceActivityDetector, VadClassifier};
use mc_testkit::measure::{detection_rates, roc_area};
use mc_testkit::scene;
use mc_testkit::signal::{add, sine, white_noise};

use super::{FRAME, Measure, RATE, worst, worst_error};
use crate::Failure;

/// Distances of noise from speech, in dB: a quiet room, an office, a street.
const SNRS: [f32; 3] = [30.0, 15.0, 5.0];
/// Samples of a signal without speech: 10 s.
const SAMPLES: usize = 80_000;

/// Makes a new detector.
type Make = fn() -> Result<Box<dyn VoiceDetector>, Failure>;

const DETECTORS: [(&str, Make); 3] = [
    ("v1", || Ok(Box::new(VoiceActivityDetector::new(VadConfig::default(), RATE)?))),
    ("v2", || advanced(VadClassifier::Learned)),
    ("v2_likelihood_ratio", || advanced(VadClassifier::LikelihoodRatio)),
];

fn advanced(classifier: VadClassifier) -> Result<Box<dyn VoiceDetector>, Failure> {
    let config = AdvancedVadConfig::default().with_classifier(classifier);
    Ok(Box::new(AdvancedVoiceActivityDetector::new(config, RATE)?))
}

struct Detection {
    roc_area: f32,
    found: f32,
    false_alarms: f32,
}

pub(super) fn measures() -> Result<Vec<Measure>, Failure> {
    let mut measures = Vec::new();
    for (version, make) in DETECTORS {
        for snr in SNRS {
            let name = |what: &str| format!("vad/{version}/snr_{snr}_db/{what}");
            measures.push((name("roc_area"), worst(|seed| Ok(detect(make, seed, snr)?.roc_area))?));
            measures.push((name("speech_found"), worst(|seed| Ok(detect(make, seed, snr)?.found))?));
            measures
                .push((name("false_alarms"), worst_error(|seed| Ok(detect(make, seed, snr)?.false_alarms))?));
        }
    }
    for (sound, signal) in SOUNDS {
        let name = format!("vad/v2/{sound}/false_alarms");
        measures.push((name, worst_error(|seed| alarms(DETECTORS[1].1, &signal(seed)))?));
    }
    Ok(measures)
}

fn detect(make: Make, seed: u64, snr_db: f32) -> Result<Detection, Failure> {
    let mut detector = make()?;
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

/// Share of the frames of `signal`, which holds no speech, that are called speech.
fn alarms(make: Make, signal: &[f32]) -> Result<f32, Failure> {
    let mut detector = make()?;
    let (mut alarms, mut frames) = (0, 0);
    for frame in signal.chunks_exact(FRAME) {
        alarms += u32::from(detector.process(frame)?.is_speech);
        frames += 1;
    }
    Ok(alarms as f32 / frames as f32)
}

/// Makes a signal from a seed.
type Sound = fn(u64) -> Vec<f32>;

/// Sounds that are not speech.
const SOUNDS: [(&str, Sound); 4] = [
    ("white_noise", |seed| white_noise(seed, -30.0, SAMPLES)),
    ("mains_hum", |seed| {
        let mut hum = white_noise(seed, -60.0, SAMPLES);
        for harmonic in 1..12 {
            add(&mut hum, &sine(RATE.hz(), 50.0 * f64::from(harmonic), 0.1 / harmonic as f32, SAMPLES));
        }
        hum
    }),
    ("ringing", |seed| bursts(seed, 8_000, 32_000, &[425.0, 450.0])),
    ("chords", |seed| {
        let mut music = white_noise(seed, -70.0, SAMPLES);
        for (beat, notes) in music.chunks_mut(4_000).enumerate() {
            let root = 110.0 * 2f64.powf(((seed as usize * 5 + beat * 7) % 12) as f64 / 12.0);
            for (degree, ratio) in [1.0, 1.26, 1.498, 2.0, 3.0].into_iter().enumerate() {
                let mut note = sine(RATE.hz(), root * ratio, 0.1 / (1 + degree) as f32, notes.len());
                let length = note.len() as f32;
                note.iter_mut().enumerate().for_each(|(n, s)| *s *= (-3.0 * n as f32 / length).exp());
                add(notes, &note);
            }
        }
        music
    }),
];

/// Tones that are on for `on` samples in every `period`.
fn bursts(seed: u64, on: usize, period: usize, tones: &[f64]) -> Vec<f32> {
    let mut signal = vec![0.0; SAMPLES];
    for tone in tones {
        add(&mut signal, &sine(RATE.hz(), *tone, 0.1, SAMPLES));
    }
    signal.iter_mut().enumerate().filter(|(n, _)| n % period >= on).for_each(|(_, sample)| *sample = 0.0);
    add(&mut signal, &white_noise(seed, -70.0, SAMPLES));
    signal
}
