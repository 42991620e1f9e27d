//! What the voice detector must hear.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use mc_dsp::SampleRate;
use mc_dsp_v1::{VadConfig, VoiceActivityDetector};
use mc_testkit::measure::{detection_rates, roc_area};
use mc_testkit::{scene, signal::white_noise};

#[test]
fn speech_is_told_from_noise() {
    for rate in SampleRate::ALL {
        for (snr_db, least_area, least_hits, most_false) in [(30.0, 0.95, 0.9, 0.3), (10.0, 0.9, 0.7, 0.1)] {
            for seed in 1..4 {
                let scene = scene::speech_in_noise(seed, rate.hz(), snr_db);
                let heard = common::detect(&mut common::vad(rate), &scene.samples, &[scene.frame_samples()]);
                let (scores, decisions): (Vec<f32>, Vec<bool>) = heard.into_iter().unzip();
                let area = roc_area(&scene.speech, &scores);
                let (hits, false_alarms) = detection_rates(&scene.speech, &decisions);
                let name = format!("{area} {hits} {false_alarms}: {snr_db} dB, seed {seed}, {rate:?}");
                assert!(area > least_area && hits > least_hits && false_alarms < most_false, "{name}");
                assert!(scores.iter().all(|p| (0.0..=1.0).contains(p)));
            }
        }
    }
}

#[test]
fn steady_noise_of_any_level_is_not_speech() {
    for dbfs in [-80.0, -60.0, -40.0, -20.0] {
        let noise = white_noise(1, dbfs, 160_000);
        let heard = common::detect(&mut common::vad(SampleRate::Hz8000), &noise, &[80]);
        let false_alarms = heard.iter().filter(|(_, speech)| *speech).count();
        assert!(false_alarms < 20, "{false_alarms} of 2000 at {dbfs} dBFS");
    }
}

#[test]
fn the_hangover_lasts_as_long_as_configured() {
    let mut signal = white_noise(1, -70.0, 24_000);
    for (sample, burst) in signal[8_000..16_000].iter_mut().zip(white_noise(2, -20.0, 8_000)) {
        *sample += burst;
    }
    for hangover_ms in [0, 50, 300] {
        let config = VadConfig::default().with_hangover_ms(hangover_ms);
        let mut vad = VoiceActivityDetector::new(config, SampleRate::Hz8000).unwrap();
        let heard = common::detect(&mut vad, &signal, &[80]);
        let last_likely = heard.iter().rposition(|(p, _)| *p >= 0.5).unwrap();
        let last_on = heard.iter().rposition(|(_, speech)| *speech).unwrap();
        assert_eq!(last_on - last_likely, hangover_ms as usize / 10);
    }
}
