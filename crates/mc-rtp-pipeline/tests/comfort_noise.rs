//! Comfort noise: bytes against RFC 3389, and what is played against what was heard.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use mc_dsp::SampleRate;
use mc_rtp_pipeline::comfort_noise::{
    MAX_ORDER, NoiseDescription, NoiseEstimator, NoiseGenerator, SilenceSuppressor, Transmission,
};
use mc_testkit::measure::{energy, rms_dbfs};
use mc_testkit::signal::white_noise;

/// Correlation of neighbouring samples: near 1 for dull noise, negative for bright.
fn tilt(audio: &[f32]) -> f64 {
    let product: f64 = audio.windows(2).map(|pair| f64::from(pair[0]) * f64::from(pair[1])).sum();
    product / energy(audio)
}

fn dull_noise(dbfs: f32) -> Vec<f32> {
    let mut noise = white_noise(4, dbfs, 80_000);
    let mut low = 0.0;
    for sample in &mut noise {
        low += 0.3 * (*sample - low);
        *sample = low;
    }
    noise
}

fn described(audio: &[f32]) -> NoiseDescription {
    let mut estimator = NoiseEstimator::new();
    audio.chunks(160).for_each(|frame| estimator.hear(frame));
    estimator.describe()
}

#[test]
fn the_payload_has_the_bytes_of_the_rfc() {
    let mut reflections = [0.0; MAX_ORDER];
    reflections[..3].copy_from_slice(&[-0.5, 0.25, 1.0]);
    let description = NoiseDescription { level: 60, reflections };
    let mut payload = [0xFF; 20];
    assert_eq!(description.write(&mut payload), 11);
    // 127 + k * 32768 / 258.
    assert_eq!(payload[..5], [60, 63, 159, 254, 127]);
    assert_eq!(description.write(&mut payload[..2]), 2);

    let read = NoiseDescription::read(&payload[..11]).unwrap();
    assert_eq!(read.level, 60);
    for (sent, read) in reflections.iter().zip(read.reflections) {
        assert!((sent - read).abs() < 0.005, "{sent} and {read}");
    }
    assert_eq!(NoiseDescription::read(&[]), None);
    assert_eq!(NoiseDescription::read(&[0xFF]).unwrap().amplitude(), 0.0);
    // More coefficients than we keep.
    assert!(NoiseDescription::read(&[30; 40]).is_some());
}

#[test]
fn what_is_played_sounds_like_what_was_heard() {
    for (heard, dull) in [(white_noise(3, -50.0, 80_000), false), (dull_noise(-40.0), true)] {
        let mut payload = [0; 11];
        let length = described(&heard).write(&mut payload);
        let mut generator = NoiseGenerator::new(7);
        generator.describe(&NoiseDescription::read(&payload[..length]).unwrap());
        generator.restart();
        let mut played = vec![0.0; 80_000];
        generator.fill(&mut played);
        let (a, b) = (rms_dbfs(&heard), rms_dbfs(&played));
        assert!((a - b).abs() < 1.0, "{a} and {b} dBFS");
        let (a, b) = (tilt(&heard), tilt(&played));
        assert!((a - b).abs() < 0.05 && (a > 0.5) == dull, "{a} and {b}");
    }
}

#[test]
fn any_payload_makes_bounded_noise() {
    let mut generator = NoiseGenerator::new(0);
    let mut played = [0.0; 800];
    for byte in 0..=255u8 {
        for other in [0, 127, 254, 255] {
            generator.describe(&NoiseDescription::read(&[0, byte, other, byte, other, byte, other]).unwrap());
            generator.fill(&mut played);
            assert!(played.iter().all(|sample| sample.is_finite() && sample.abs() < 10.0), "{byte} {other}");
        }
    }
    generator.describe(&NoiseDescription::read(&[127]).unwrap());
    generator.restart();
    generator.fill(&mut played);
    assert!(played == [0.0; 800]);
}

#[test]
fn silence_is_described_when_it_begins_when_it_changes_and_once_a_second() {
    let mut suppressor = SilenceSuppressor::new(SampleRate::Hz8000);
    let (quiet, loud) = (white_noise(1, -60.0, 160), white_noise(2, -40.0, 160));
    assert_eq!(suppressor.decide(&loud, true), Transmission::Speech { marker: true });
    assert_eq!(suppressor.decide(&loud, true), Transmission::Speech { marker: false });
    let sent: Vec<bool> =
        (0..101).map(|_| matches!(suppressor.decide(&quiet, false), Transmission::Noise(_))).collect();
    let at: Vec<usize> = (0..sent.len()).filter(|&frame| sent[frame]).collect();
    assert_eq!(at, [0, 50, 100]);
    let until = (0..50).find(|_| suppressor.decide(&loud, false) != Transmission::Nothing);
    assert_eq!(until, Some(9), "the noise is 20 dB louder, but 200 ms must have passed");
    assert_eq!(suppressor.decide(&loud, true), Transmission::Speech { marker: true });
}
