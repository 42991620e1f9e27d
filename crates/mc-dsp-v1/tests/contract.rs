//! What holds for every processor, whatever it is fed: frames of any cut, bad samples, reset, memory.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use mc_dsp::{EchoCanceller, GainControl, ProcessError, Processor, SampleRate, VoiceDetector};
use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};
use mc_testkit::scene;
use mc_testkit::signal::{Talker, white_noise};
use proptest::prelude::*;

/// Legal frame lengths at 8 kHz: 2.5 to 60 ms.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(20usize..=480, 1..6)
}

/// Samples as they should not be.
fn hostile() -> impl Strategy<Value = Vec<f32>> {
    let sample = prop_oneof![
        4 => -1.0f32..1.0,
        1 => prop::num::f32::ANY,
        1 => Just(f32::NAN),
        1 => Just(f32::INFINITY),
        1 => Just(1e-39),
        1 => Just(-40_000.0),
    ];
    prop::collection::vec(sample, 2_000..4_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_cut_into_frames_does_not_change_the_audio(lengths in lengths(), seed in 0u64..100) {
        let rate = SampleRate::Hz8000;
        let far = Talker::new(seed, 8_000).say(2.0, -20.0).samples;
        let near = Talker::new(seed + 1, 8_000).say(2.0, -26.0).samples;
        let microphone: Vec<f32> = near.iter().zip(&far).map(|(n, f)| n + 0.5 * f).collect();
        // The last frames of the two cuts may end at different samples.
        let common_part = 16_000 - rate.max_frame_samples();

        let cancel = |lengths: &[usize]| common::cancel(&mut common::aec(rate), &far, &microphone, lengths);
        prop_assert_eq!(&cancel(&lengths)[..common_part], &cancel(&[80])[..common_part]);
        let level = |lengths: &[usize]| common::level(&mut common::agc(rate), &microphone, lengths);
        prop_assert_eq!(&level(&lengths)[..common_part], &level(&[80])[..common_part]);

        // The detector's opinion at the end of a frame is that on the last 10 ms completed.
        let by_block = common::detect(&mut common::vad(rate), &microphone, &[80]);
        let cut = common::frames(rate, microphone.len(), &lengths);
        for (frame, heard) in cut.iter().zip(common::detect(&mut common::vad(rate), &microphone, &lengths)) {
            if let Some(last) = (frame.end / 80).checked_sub(1) {
                prop_assert_eq!(heard, by_block[last]);
            }
        }
    }

    #[test]
    fn no_input_makes_the_output_unusable(far in hostile(), near in hostile(), lengths in lengths()) {
        let rate = SampleRate::Hz8000;
        let samples = far.len().min(near.len());
        let (far, near) = (&far[..samples], &near[..samples]);
        let (mut aec, mut agc, mut vad) = (common::aec(rate), common::agc(rate), common::vad(rate));
        let fed = common::frames(rate, samples, &lengths).last().map_or(0, |f| f.end);

        let cancelled = common::cancel(&mut aec, far, near, &lengths);
        prop_assert!(cancelled[..fed].iter().all(|s| s.is_finite()));
        let levelled = common::level(&mut agc, near, &lengths);
        prop_assert!(levelled[..fed].iter().all(|s| s.abs() <= 1.0));
        let heard = common::detect(&mut vad, near, &lengths);
        prop_assert!(heard.iter().all(|(p, _)| (0.0..=1.0).contains(p)));

        let unusable = |part: &[f32]| part.iter().filter(|s| s.is_nan() || s.abs() > 65_536.0).count() as u64;
        prop_assert_eq!(aec.counters().replaced_samples, unusable(&far[..fed]) + unusable(&near[..fed]));
        prop_assert_eq!(agc.replaced_samples(), unusable(&near[..fed]));
        prop_assert_eq!(vad.replaced_samples(), unusable(&near[..fed]));

        // And all of them work afterwards as if nothing had been.
        let good = white_noise(1, -30.0, 8_000);
        let after = common::cancel(&mut aec, &vec![0.0; 8_000], &good, &[80]);
        prop_assert!(after[4_000..].iter().zip(&good[4_000..]).all(|(a, b)| (a - b).abs() < 1e-3));
    }

    #[test]
    fn reset_is_a_new_start(seed in 0u64..100) {
        let scene = scene::double_talk(seed, 8_000);
        let (far, near) = (&scene.far_end[..24_000], &scene.microphone[..24_000]);
        let rate = SampleRate::Hz8000;
        let (mut aec, mut agc, mut vad) = (common::aec(rate), common::agc(rate), common::vad(rate));
        let mut run = || {
            let cancelled = common::cancel(&mut aec, far, near, &[160]);
            let levelled = common::level(&mut agc, near, &[160]);
            let heard = common::detect(&mut vad, near, &[160]);
            aec.reset();
            agc.reset();
            vad.reset();
            (cancelled, levelled, heard)
        };
        prop_assert!(run() == run());
    }
}

#[test]
fn silence_and_dc_stay_what_they_are() {
    for rate in SampleRate::ALL {
        for value in [0.0, 0.25] {
            let constant = vec![value; rate.samples_in_ms(1_000)];
            let frame = [rate.samples_in_ms(20)];
            let silence = vec![0.0; constant.len()];
            assert_eq!(common::cancel(&mut common::aec(rate), &silence, &constant, &frame), constant);
            let levelled = common::level(&mut common::agc(rate), &constant, &frame);
            assert!(levelled.iter().all(|s| (s - value).abs() < 0.01));
            assert!(common::detect(&mut common::vad(rate), &constant, &frame)[10..].iter().all(|h| !h.1));
        }
    }
}

#[test]
fn frames_of_other_lengths_are_refused_and_left_alone() {
    let rate = SampleRate::Hz8000;
    for samples in [0, 19, 481] {
        let mut frame = vec![0.5; samples];
        let error = ProcessError::FrameLength { samples, min: 20, max: 480 };
        let mut aec = common::aec(rate);
        assert_eq!(aec.render(&frame), Err(error));
        assert_eq!(aec.process(&mut frame), Err(error));
        assert_eq!(common::agc(rate).process(&mut frame, None), Err(error));
        assert_eq!(common::vad(rate).process(&frame), Err(error));
        assert!(frame.iter().all(|s| *s == 0.5));
    }
}

#[test]
fn refused_configurations_name_their_field() {
    let rate = SampleRate::Hz8000;
    for (config, field) in [
        (AecConfig::default().with_tail_ms(7), "tail_ms"),
        (AecConfig::default().with_tail_ms(257), "tail_ms"),
        (AecConfig::default().with_step_size(0.0), "step_size"),
        (AecConfig::default().with_step_size(f32::NAN), "step_size"),
    ] {
        assert_eq!(AcousticEchoCanceller::new(config, rate).unwrap_err().field(), field);
    }
    for (config, field) in [
        (AgcConfig::default().with_target_dbfs(-41.0), "target_dbfs"),
        (AgcConfig::default().with_max_gain_db(61.0), "max_gain_db"),
        (AgcConfig::default().with_max_attenuation_db(-1.0), "max_attenuation_db"),
        (AgcConfig::default().with_attack_ms(9.0), "attack_ms"),
        (AgcConfig::default().with_release_ms(f32::INFINITY), "release_ms"),
        (AgcConfig::default().with_ceiling_dbfs(0.1), "ceiling_dbfs"),
    ] {
        assert_eq!(AutomaticGainControl::new(config, rate).unwrap_err().field(), field);
    }
    for (config, field) in [
        (VadConfig::default().with_threshold(1.0), "threshold"),
        (VadConfig::default().with_hangover_ms(1_001), "hangover_ms"),
    ] {
        assert_eq!(VoiceActivityDetector::new(config, rate).unwrap_err().field(), field);
    }
}

#[test]
fn render_and_process_need_not_alternate() {
    let scene = scene::single_talk(1, 8_000);
    let mut aec = common::aec(SampleRate::Hz8000);
    let mut out = scene.microphone.clone();
    // 60 ms come at once for every three times 20 ms.
    for (far, near) in scene.far_end.chunks_exact(480).zip(out.chunks_exact_mut(480)) {
        aec.render(far).unwrap();
        for part in near.chunks_exact_mut(160) {
            aec.process(part).unwrap();
        }
    }
    let alternating =
        common::cancel(&mut common::aec(SampleRate::Hz8000), &scene.far_end, &scene.microphone, &[160]);
    assert_eq!(out, alternating);
    assert_eq!(aec.counters(), common::aec(SampleRate::Hz8000).counters());
}

#[test]
fn a_reference_that_is_missing_or_too_much_is_counted() {
    let mut aec = common::aec(SampleRate::Hz8000);
    let mut frame = [0.1; 160];
    aec.process(&mut frame).unwrap();
    assert_eq!(frame, [0.1; 160]);
    assert_eq!(aec.counters().missing_reference, 160);
    // The queue holds 120 ms.
    (0..7).for_each(|_| aec.render(&[0.1; 160]).unwrap());
    assert_eq!(aec.counters().dropped_reference, 160);
    aec.reset();
    assert_eq!(aec.counters(), common::aec(SampleRate::Hz8000).counters());
}
