//! The voice detector from outside: what it hears, at every rate, however the audio is cut.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use mc_dsp::{Processor, SampleRate, VoiceDetector};
use mc_dsp_v2::{AdvancedVadConfig, AdvancedVoiceActivityDetector, VadClassifier};
use mc_testkit::alloc::{CountingAllocator, count_allocations};
use mc_testkit::measure::roc_area;
use mc_testkit::scene;
use mc_testkit::signal::{add, set_rms_dbfs, sine, white_noise};
use proptest::prelude::*;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const CLASSIFIERS: [VadClassifier; 2] = [VadClassifier::Learned, VadClassifier::LikelihoodRatio];

fn detector(classifier: VadClassifier, rate: SampleRate) -> AdvancedVoiceActivityDetector {
    let config = AdvancedVadConfig::default().with_classifier(classifier);
    AdvancedVoiceActivityDetector::new(config, rate).unwrap()
}

/// Probability and decision for each 10 ms.
fn listen(detector: &mut AdvancedVoiceActivityDetector, signal: &[f32]) -> Vec<(f32, bool)> {
    let hop = detector.sample_rate().samples_in_ms(10);
    signal
        .chunks_exact(hop)
        .map(|frame| {
            let opinion = detector.process(frame).unwrap();
            (opinion.probability, opinion.is_speech)
        })
        .collect()
}

fn speech_share(opinions: &[(f32, bool)]) -> f32 {
    opinions.iter().filter(|(_, is_speech)| *is_speech).count() as f32 / opinions.len() as f32
}

#[test]
fn hears_a_talker_in_noise_at_every_rate() {
    for rate in SampleRate::ALL {
        let scene = scene::speech_in_noise(3, rate.hz(), 15.0);
        for classifier in CLASSIFIERS {
            let opinions = listen(&mut detector(classifier, rate), &scene.samples);
            let probabilities: Vec<f32> = opinions.iter().map(|(p, _)| *p).collect();
            let area = roc_area(&scene.speech[..probabilities.len()], &probabilities);
            assert!(area > 0.9, "{classifier:?} at {} Hz: {area}", rate.hz());
        }
    }
}

/// Sines of these frequencies, each of this peak.
fn sines(rate_hz: u32, frequencies: &[f64], peak: f32, samples: usize) -> Vec<f32> {
    let mut mixed = vec![0.0; samples];
    frequencies.iter().for_each(|hz| add(&mut mixed, &sine(rate_hz, *hz, peak, samples)));
    mixed
}

/// White noise through a leaky integrator: 6 dB less per octave.
fn brown_noise(seed: u64, dbfs: f32, samples: usize) -> Vec<f32> {
    let mut state = 0.0;
    let mut noise: Vec<f32> = white_noise(seed, -20.0, samples)
        .into_iter()
        .map(|sample| {
            state = 0.98 * state + sample;
            state
        })
        .collect();
    set_rms_dbfs(&mut noise, dbfs);
    noise
}

#[test]
fn tones_hum_chords_offsets_and_silence_are_not_speech() {
    for rate in [SampleRate::Hz8000, SampleRate::Hz48000] {
        let hz = rate.hz();
        let samples = 10 * hz as usize;
        let steady = |frequencies: &[f64]| sines(hz, frequencies, 0.08, samples);
        let signals = [
            ("silence", vec![0.0; samples]),
            ("offset", vec![0.3; samples]),
            ("denormal numbers", vec![1e-40; samples]),
            ("tone", steady(&[1_000.0])),
            ("faint tone", sines(hz, &[440.0], 1e-4, samples)),
            ("loud tone", sines(hz, &[2_100.0], 0.9, samples)),
            ("dial tone", steady(&[350.0, 440.0])),
            ("hum", steady(&[50.0, 100.0, 150.0, 250.0])),
            ("chord", steady(&[220.0, 277.2, 329.6, 440.0])),
        ];
        for (name, signal) in signals {
            let share = speech_share(&listen(&mut detector(VadClassifier::Learned, rate), &signal));
            assert!(share < 0.02, "{name} at {hz} Hz: {share}");
        }
    }
}

#[test]
fn noise_at_any_level_is_not_speech() {
    for classifier in CLASSIFIERS {
        for dbfs in [-90.0, -75.0, -60.0, -45.0, -30.0, -15.0, -6.0] {
            for (colour, noise) in
                [("white", white_noise(1, dbfs, 40_000)), ("brown", brown_noise(2, dbfs, 40_000))]
            {
                let share = speech_share(&listen(&mut detector(classifier, SampleRate::Hz8000), &noise));
                assert!(share < 0.03, "{classifier:?}, {colour} at {dbfs} dBFS: {share}");
            }
        }
    }
}

#[test]
fn hears_a_talker_over_noise_of_any_colour_and_over_hum() {
    let scene = scene::speech_in_noise(9, 8_000, 40.0);
    let length = scene.samples.len();
    let backgrounds = [
        ("brown noise", brown_noise(3, -36.0, length)),
        ("hum", sines(8_000, &[50.0, 100.0, 150.0, 200.0, 300.0], 0.01, length)),
    ];
    for (name, background) in backgrounds {
        let mut mixed = scene.samples.clone();
        add(&mut mixed, &background);
        for classifier in CLASSIFIERS {
            let opinions = listen(&mut detector(classifier, SampleRate::Hz8000), &mixed);
            let probabilities: Vec<f32> = opinions.iter().map(|(p, _)| *p).collect();
            let area = roc_area(&scene.speech[..probabilities.len()], &probabilities);
            assert!(area > 0.9, "{classifier:?} over {name}: {area}");
        }
    }
}

#[test]
fn starts_over_after_a_reset() {
    let scene = scene::speech_in_noise(4, 8_000, 10.0);
    for classifier in CLASSIFIERS {
        let mut detector = detector(classifier, SampleRate::Hz8000);
        let first = listen(&mut detector, &scene.samples);
        detector.reset();
        assert_eq!(listen(&mut detector, &scene.samples), first);
    }
}

#[test]
fn what_is_not_finite_counts_as_silence() {
    let mut scene = scene::speech_in_noise(5, 16_000, 20.0);
    let mut detector = detector(VadClassifier::Learned, SampleRate::Hz16000);
    for (n, value) in [(1_000, f32::NAN), (2_000, f32::INFINITY), (3_000, f32::NEG_INFINITY)] {
        scene.samples[n] = value;
    }
    scene.samples[4_000] = f32::MAX;
    let opinions = listen(&mut detector, &scene.samples);
    assert_eq!(detector.replaced_samples(), 3);
    assert!(opinions.iter().all(|(p, _)| (0.0..=1.0).contains(p)));
}

#[test]
fn a_constant_offset_changes_little() {
    let scene = scene::speech_in_noise(6, 8_000, 15.0);
    let shifted: Vec<f32> = scene.samples.iter().map(|s| s + 0.2).collect();
    let plain = listen(&mut detector(VadClassifier::Learned, SampleRate::Hz8000), &scene.samples);
    let offset = listen(&mut detector(VadClassifier::Learned, SampleRate::Hz8000), &shifted);
    let differing = plain.iter().zip(&offset).filter(|(a, b)| a.1 != b.1).count();
    assert!(differing * 20 < plain.len(), "{differing} of {}", plain.len());
}

#[test]
fn allocates_nothing_after_construction() {
    let scene = scene::speech_in_noise(7, 16_000, 10.0);
    for classifier in CLASSIFIERS {
        let mut detector = detector(classifier, SampleRate::Hz16000);
        let (allocations, ()) = count_allocations(|| {
            for frame in scene.samples.chunks_exact(320) {
                let _opinion = detector.process(frame);
            }
        });
        assert_eq!(allocations, 0);
    }
}

#[test]
fn frames_outside_2_5_to_60_ms_are_refused() {
    let mut detector = detector(VadClassifier::Learned, SampleRate::Hz8000);
    assert!(detector.process(&[0.0; 19]).is_err());
    assert!(detector.process(&[0.0; 481]).is_err());
    assert!(detector.process(&[0.0; 20]).is_ok());
    assert!(detector.process(&[0.0; 480]).is_ok());
}

#[test]
fn features_tell_a_tone_from_noise() {
    let rate = SampleRate::Hz8000;
    let mut detector = detector(VadClassifier::Learned, rate);
    listen(&mut detector, &sine(8_000, 1_000.0, 0.3, 8_000));
    let tone = detector.features();
    assert!((tone.centroid_hz - 1_000.0).abs() < 60.0, "{tone:?}");
    assert!(tone.flatness < 0.05, "{tone:?}");
    // A tone in each of the parts that stability is the mean of.
    listen(&mut detector, &sines(8_000, &[300.0, 800.0, 1_300.0, 1_900.0, 2_700.0, 3_400.0], 0.1, 8_000));
    let chord = detector.features();
    assert!(chord.stability > 0.9, "{chord:?}");
    listen(&mut detector, &white_noise(8, -20.0, 8_000));
    let noise = detector.features();
    assert!(noise.flatness > 0.3 && noise.stability < 0.7, "{noise:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the audio is cut, each 10 ms that is complete gets the same opinion.
    #[test]
    fn any_cut_gives_the_same_opinions(cuts in prop::collection::vec(20usize..=480, 1..40), seed in 0u64..4) {
        let scene = scene::speech_in_noise(seed, 8_000, 10.0);
        let whole = listen(&mut detector(VadClassifier::Learned, SampleRate::Hz8000), &scene.samples);
        let mut cut = detector(VadClassifier::Learned, SampleRate::Hz8000);
        let mut at = 0;
        for length in cuts {
            let Some(frame) = scene.samples.get(at..at + length) else { break };
            let opinion = cut.process(frame).unwrap();
            at += length;
            if at >= 80 {
                prop_assert_eq!((opinion.probability, opinion.is_speech), whole[at / 80 - 1]);
            }
        }
    }
}
