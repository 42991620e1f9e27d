//! What holds for the gain control whatever it is fed: frames of any cut, bad samples, reset, configuration.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use mc_dsp::{GainControl, ProcessError, Processor, SampleRate};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
use mc_testkit::scene;
use mc_testkit::signal::sine;
use proptest::prelude::*;

fn agc(rate: SampleRate) -> AdvancedAutomaticGainControl {
    AdvancedAutomaticGainControl::new(AdvancedAgcConfig::default(), rate).unwrap()
}

/// The output for frames of these lengths in turn; what is left at the end and too short is not fed.
fn level(agc: &mut AdvancedAutomaticGainControl, signal: &[f32], lengths: &[usize]) -> Vec<f32> {
    let mut out = signal.to_vec();
    let mut rest = &mut out[..];
    for &length in lengths.iter().cycle() {
        if rest.len() < length {
            break;
        }
        let (frame, later) = rest.split_at_mut(length);
        agc.process(frame, None).unwrap();
        rest = later;
    }
    let left = rest.len();
    out.truncate(signal.len() - left);
    out
}

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
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_cut_into_frames_does_not_change_the_audio(lengths in lengths(), seed in 0u64..100) {
        let signal = &scene::levels(seed, 8_000, -35.0).samples[..32_000];
        let whole = level(&mut agc(SampleRate::Hz8000), signal, &[80]);
        let cut = level(&mut agc(SampleRate::Hz8000), signal, &lengths);
        prop_assert_eq!(&cut[..], &whole[..cut.len()]);
    }

    #[test]
    fn no_input_makes_the_output_unusable(signal in hostile(), lengths in lengths()) {
        let mut agc = agc(SampleRate::Hz8000);
        let out = level(&mut agc, &signal, &lengths);
        let ceiling = mc_dsp::db_to_gain(agc.config().ceiling_dbfs);
        prop_assert!(out.iter().all(|sample| sample.abs() <= ceiling));
        let unusable = signal[..out.len()].iter().filter(|s| s.is_nan() || s.abs() > 4.0).count();
        prop_assert_eq!(agc.replaced_samples(), unusable as u64);
        // And it works afterwards: silence is silent as soon as the filters have faded.
        let after = level(&mut agc, &[0.0; 8_000], &[80]);
        prop_assert!(after[2_000..].iter().all(|sample| sample.abs() < 1e-6));
        prop_assert!(after[6_000..].iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn reset_is_a_new_start(seed in 0u64..100) {
        let signal = &scene::levels(seed, 8_000, -30.0).samples[..24_000];
        let mut agc = agc(SampleRate::Hz8000);
        let first = level(&mut agc, signal, &[160]);
        level(&mut agc, &[f32::NAN, 0.7, -3.0, 5.0].repeat(101), &[101]);
        agc.reset();
        prop_assert_eq!(agc.replaced_samples(), 0);
        prop_assert_eq!(first, level(&mut agc, signal, &[160]));
    }
}

#[test]
fn silence_offset_hum_and_tones_are_not_lifted() {
    for rate in SampleRate::ALL {
        let second = rate.samples_in_ms(1_000);
        for (name, signal) in [
            ("silence", vec![0.0; 3 * second]),
            ("offset", vec![0.25; 3 * second]),
            ("hum", sine(rate.hz(), 50.0, 0.01, 3 * second)),
            ("tone", sine(rate.hz(), 440.0, 0.01, 3 * second)),
        ] {
            let out = level(&mut agc(rate), &signal, &[rate.samples_in_ms(20)]);
            let change = mc_dsp::rms_dbfs(&out[second..]) - mc_dsp::rms_dbfs(&signal[second..]);
            assert!(change.abs() < 0.2, "{change} dB for {name} at {rate:?}");
        }
    }
}

#[test]
fn the_gain_reported_is_the_gain_applied() {
    let rate = SampleRate::Hz16000;
    let config = AdvancedAgcConfig::default().with_tilt(1, 0.0).with_look_ahead_ms(0.0);
    let mut agc = AdvancedAutomaticGainControl::new(config, rate).unwrap();
    let signal = scene::levels(3, rate.hz(), -40.0).samples;
    let mut limited = 0;
    for frame in signal.chunks_exact(160) {
        let mut out = frame.to_vec();
        let report = agc.process(&mut out, None).unwrap();
        limited += usize::from(report.limited_db > 0.0);
        assert!((report.input_dbfs - mc_dsp::rms_dbfs(frame)).abs() < 1e-3);
        assert!((report.output_dbfs - mc_dsp::rms_dbfs(&out)).abs() < 1e-3);
        let (before, after) = (frame[159], out[159]);
        if report.limited_db == 0.0 && before.abs() > 1e-4 {
            assert!((mc_dsp::gain_to_db(after / before) - report.gain_db).abs() < 0.01);
        }
    }
    assert!(limited < 200, "{limited} of {} frames limited", signal.len() / 160);
}

#[test]
fn the_callers_probability_decides_where_it_is_given() {
    let rate = SampleRate::Hz8000;
    let signal = scene::levels(1, rate.hz(), -38.0).samples;
    let gain_with = |probability: f32| {
        let mut agc = agc(rate);
        let mut gain_db = 0.0;
        for frame in signal.chunks_exact(80) {
            gain_db = agc.process(&mut frame.to_vec(), Some(probability)).unwrap().gain_db;
            assert_eq!(agc.speech_probability(), probability);
        }
        gain_db
    };
    assert!(gain_with(0.0).abs() < 1e-3);
    assert!(gain_with(1.0) > 15.0);
}

#[test]
fn the_delay_is_the_look_ahead_that_was_asked_for() {
    for rate in SampleRate::ALL {
        for (bands, look_ahead_ms, delay_ms) in [(1, 0.0, 0.0), (1, 5.0, 5.0), (3, 5.0, 5.0), (4, 10.0, 10.0)]
        {
            let config = AdvancedAgcConfig::default().with_tilt(bands, 4.0).with_look_ahead_ms(look_ahead_ms);
            let agc = AdvancedAutomaticGainControl::new(config, rate).unwrap();
            assert!((rate.ms_of(agc.latency_samples()) - delay_ms).abs() <= rate.ms_of(1));
        }
    }
}

#[test]
fn frames_of_other_lengths_are_refused_and_left_alone() {
    for samples in [0, 19, 481] {
        let mut frame = vec![0.5; samples];
        let error = ProcessError::FrameLength { samples, min: 20, max: 480 };
        assert_eq!(agc(SampleRate::Hz8000).process(&mut frame, None), Err(error));
        assert!(frame.iter().all(|sample| *sample == 0.5));
    }
}

#[test]
fn each_field_out_of_range_is_named() {
    let default = AdvancedAgcConfig::default;
    assert_eq!(default().validate(), Ok(()));
    for (config, field) in [
        (default().with_target_dbfs(-41.0), "target_dbfs"),
        (default().with_target_dbfs(-5.0), "target_dbfs"),
        (default().with_target_dbfs(f32::NAN), "target_dbfs"),
        (default().with_gain_range_db(61.0, 20.0), "max_gain_db"),
        (default().with_gain_range_db(-1.0, 20.0), "max_gain_db"),
        (default().with_gain_range_db(36.0, f32::INFINITY), "max_attenuation_db"),
        (default().with_tilt(0, 4.0), "bands"),
        (default().with_tilt(5, 4.0), "bands"),
        (default().with_tilt(4, 4.1), "tilt_db"),
        (default().with_tilt(4, f32::NAN), "tilt_db"),
        (default().with_look_ahead_ms(-0.1), "look_ahead_ms"),
        (default().with_look_ahead_ms(10.1), "look_ahead_ms"),
        (default().with_ceiling_dbfs(0.1), "ceiling_dbfs"),
        (default().with_ceiling_dbfs(-20.1), "ceiling_dbfs"),
        (default().with_noise_ceiling_dbfs(-70.1), "noise_ceiling_dbfs"),
        (default().with_noise_ceiling_dbfs(-19.9), "noise_ceiling_dbfs"),
        (default().with_gate_db(-0.1), "gate_db"),
        (default().with_gate_db(20.1), "gate_db"),
    ] {
        let error = AdvancedAutomaticGainControl::new(config, SampleRate::Hz8000).unwrap_err();
        assert_eq!(error.field(), field);
    }
}
