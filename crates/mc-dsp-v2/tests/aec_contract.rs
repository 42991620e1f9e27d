//! What the echo canceller promises about frames, bad input and its own state.
#![cfg(feature = "aec")]
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod aec_common;

use aec_common::{aec, cancel};
use mc_dsp::{EchoCanceller, ProcessError, Processor, SampleRate};
use mc_dsp_v2::aec::{
    AdvancedAcousticEchoCanceller, AdvancedAecConfig, AdvancedAecCounters, FilterState, Suppression,
};
use mc_testkit::measure::snr_db;
use mc_testkit::scene;
use mc_testkit::signal::white_noise;
use proptest::prelude::*;

const RATE: SampleRate = SampleRate::Hz8000;

/// Samples as they should not be.
fn hostile() -> impl Strategy<Value = Vec<f32>> {
    let sample = prop_oneof![
        4 => -1.0f32..1.0,
        1 => prop::num::f32::ANY,
        1 => Just(f32::NAN),
        1 => Just(f32::NEG_INFINITY),
        1 => Just(1e-39),
        1 => Just(-40_000.0),
    ];
    prop::collection::vec(sample, 2_000..4_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_cut_into_frames_does_not_change_the_audio(
        lengths in prop::collection::vec(20usize..=480, 1..6), seed in 0u64..100
    ) {
        let scene = scene::double_talk(seed, 8_000);
        let (far, near) = (&scene.far_end[..24_000], &scene.microphone[..24_000]);
        // The last frames of the two cuts may end at different samples.
        let common_part = 24_000 - RATE.max_frame_samples();
        let one = cancel(&mut aec(RATE), far, near, &lengths);
        let other = cancel(&mut aec(RATE), far, near, &[80]);
        prop_assert_eq!(&one[..common_part], &other[..common_part]);
    }

    #[test]
    fn no_input_makes_the_output_unusable(far in hostile(), near in hostile()) {
        let samples = far.len().min(near.len()) / 80 * 80;
        let mut aec = aec(RATE);
        let out = cancel(&mut aec, &far[..samples], &near[..samples], &[80]);
        prop_assert!(out.iter().all(|s| s.is_finite()));
        let unusable = |part: &[f32]| part.iter().filter(|s| s.is_nan() || s.abs() > 4.0).count() as u64;
        let expected = unusable(&far[..samples]) + unusable(&near[..samples]);
        prop_assert_eq!(aec.counters().replaced_samples, expected);

        // And it works afterwards: a near end without far end passes.
        let good = white_noise(1, -30.0, 16_000);
        let after = cancel(&mut aec, &vec![0.0; 16_000], &good, &[80]);
        let delay = aec.latency_samples();
        let snr = snr_db(&good[8_000..16_000 - delay], &after[8_000 + delay..]);
        prop_assert!(snr > 20.0, "{} dB", snr);
    }
}

#[test]
fn reset_is_a_new_start() {
    for rate in [SampleRate::Hz8000, SampleRate::Hz48000] {
        let scene = scene::double_talk(1, rate.hz());
        let samples = rate.samples_in_ms(8_000);
        let (far, near) = (&scene.far_end[..samples], &scene.microphone[..samples]);
        let mut aec = aec(rate);
        let first = cancel(&mut aec, far, near, &[rate.samples_in_ms(10)]);
        aec.reset();
        assert!(first == cancel(&mut aec, far, near, &[rate.samples_in_ms(10)]), "{rate:?}");
    }
}

#[test]
fn silence_stays_silence_and_dc_stays_dc() {
    for rate in SampleRate::ALL {
        let silence = vec![0.0; rate.samples_in_ms(2_000)];
        let frame = [rate.samples_in_ms(20)];
        assert_eq!(cancel(&mut aec(rate), &silence, &silence, &frame), silence);
        let constant = vec![0.25; silence.len()];
        let out = cancel(&mut aec(rate), &silence, &constant, &frame);
        assert!(out[rate.samples_in_ms(100)..].iter().all(|s| (s - 0.25).abs() < 1e-3));
    }
}

#[test]
fn frames_of_other_lengths_are_refused_and_left_alone() {
    for samples in [0, 19, 481] {
        let mut frame = vec![0.5; samples];
        let error = ProcessError::FrameLength { samples, min: 20, max: 480 };
        assert_eq!(aec(RATE).render(&frame), Err(error));
        assert_eq!(aec(RATE).process(&mut frame), Err(error));
        assert!(frame.iter().all(|s| *s == 0.5));
    }
}

#[test]
fn refused_configurations_name_their_field() {
    let config = AdvancedAecConfig::default();
    for (config, field) in [
        (config.with_tail_ms(31), "tail_ms"),
        (config.with_tail_ms(401), "tail_ms"),
        (config.with_max_delay_ms(1_001), "max_delay_ms"),
        (config.with_floor_db(-61.0), "floor_db"),
        (config.with_floor_db(f32::NAN), "floor_db"),
    ] {
        assert_eq!(AdvancedAcousticEchoCanceller::new(config, RATE).err().unwrap().field(), field);
    }
    for tail_ms in [32, 100, 400] {
        for max_delay_ms in [0, 1, 1_000] {
            let config = config.with_tail_ms(tail_ms).with_max_delay_ms(max_delay_ms);
            let mut aec = AdvancedAcousticEchoCanceller::new(config, RATE).unwrap();
            let scene = scene::single_talk(1, 8_000);
            let out = cancel(&mut aec, &scene.far_end, &scene.microphone, &[160]);
            assert!(out.iter().all(|s| s.is_finite()));
        }
    }
}

#[test]
fn without_suppression_the_delay_is_one_block() {
    let config = AdvancedAecConfig::default().with_suppression(Suppression::Off);
    let linear = AdvancedAcousticEchoCanceller::new(config, RATE).unwrap();
    assert_eq!((linear.latency_samples(), aec(RATE).latency_samples()), (32, 64));
    assert_eq!(aec(SampleRate::Hz16000).latency_samples(), 128);
}

#[test]
fn a_reference_that_is_missing_or_too_much_is_counted() {
    let mut aec = aec(RATE);
    aec.process(&mut [0.1; 160]).unwrap();
    assert_eq!(aec.counters().missing_reference, 160);
    // The queue holds 120 ms.
    (0..7).for_each(|_| aec.render(&[0.1; 160]).unwrap());
    assert_eq!(aec.counters().dropped_reference, 160);
    aec.reset();
    assert_eq!(aec.counters(), AdvancedAecCounters::default());
}

#[test]
fn the_status_tells_silence_from_echo_and_near_end() {
    let scene = scene::double_talk(1, 8_000);
    let mut aec = aec(RATE);
    assert_eq!(aec.status().filter, FilterState::Idle);
    cancel(&mut aec, &scene.far_end[..40_000], &scene.microphone[..40_000], &[80]);
    assert_eq!(aec.status().filter, FilterState::Converged);
    let talking = scene.near_end_from..scene.near_end_from + 8_000;
    let mut near = scene.microphone[talking.clone()].to_vec();
    let mut noticed = 0;
    for (far, near) in scene.far_end[talking].chunks_exact(80).zip(near.chunks_exact_mut(80)) {
        aec.render(far).unwrap();
        noticed += usize::from(aec.process(near).unwrap().near_end_active);
    }
    assert!(noticed > 30, "{noticed} of 100 frames");
}
