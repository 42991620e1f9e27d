//! What the gain control must reach, measured on its output.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use mc_dsp::{GainControl, SampleRate};
use mc_dsp_v1::{AgcConfig, AutomaticGainControl};
use mc_testkit::measure::{active_dbfs, peak, rms_dbfs};
use mc_testkit::scene;
use mc_testkit::signal::{amplitude, apply_db, white_noise};

#[test]
fn speech_of_every_level_comes_to_the_target() {
    for rate in [SampleRate::Hz8000, SampleRate::Hz48000] {
        for seed in 1..4 {
            for input in [-45.0, -35.0, -25.0, -15.0, -8.0] {
                let scene = scene::levels(seed, rate.hz(), input);
                let out = common::level(&mut common::agc(rate), &scene.samples, &[rate.samples_in_ms(10)]);
                let (labels, frame) = (scene.speech.len() / 2, scene.frame_samples());
                let settled = active_dbfs(&out[labels * frame..], &scene.speech[labels..], frame);
                assert!((settled + 18.0).abs() < 4.0, "{input} to {settled} dBFS, seed {seed}");
            }
        }
    }
}

#[test]
fn no_sample_exceeds_the_ceiling_even_when_the_talker_starts_to_shout() {
    let mut scene = scene::levels(1, 8_000, -40.0);
    apply_db(&mut scene.samples[80_000..], 38.0);
    for ceiling in [0.0, -3.0, -12.0] {
        let config = AgcConfig::default().with_ceiling_dbfs(ceiling);
        let mut agc = AutomaticGainControl::new(config, SampleRate::Hz8000).unwrap();
        let out = common::level(&mut agc, &scene.samples, &[160]);
        assert!(peak(&out) <= amplitude(ceiling), "{} at {ceiling} dBFS", peak(&out));
    }
}

#[test]
fn noise_alone_and_pauses_are_not_lifted() {
    let noise = white_noise(1, -55.0, 80_000);
    let out = common::level(&mut common::agc(SampleRate::Hz8000), &noise, &[160]);
    assert!(rms_dbfs(&out) - rms_dbfs(&noise) < 1.0);

    let mut call = scene::levels(2, 8_000, -30.0).samples;
    let pause = call.len();
    call.extend(white_noise(3, -70.0, 80_000));
    let out = common::level(&mut common::agc(SampleRate::Hz8000), &call, &[160]);
    let gain = |range: std::ops::Range<usize>| rms_dbfs(&out[range.clone()]) - rms_dbfs(&call[range]);
    let (first, last) = (gain(pause + 2_000..pause + 10_000), gain(pause + 70_000..pause + 80_000));
    assert!((last - first).abs() < 1.0, "{first} to {last} dB");
}

#[test]
fn the_caller_decides_what_is_speech() {
    let noise = white_noise(1, -40.0, 80_000);
    let gain_after = |probability| {
        let (mut agc, mut out) = (common::agc(SampleRate::Hz8000), noise.clone());
        out.chunks_exact_mut(160).map(|f| agc.process(f, Some(probability)).unwrap().gain_db).last().unwrap()
    };
    assert!(gain_after(0.0).abs() < 0.01);
    assert!(gain_after(1.0) > 15.0, "{}", gain_after(1.0));
}

#[test]
fn the_report_is_of_the_audio() {
    let mut agc = common::agc(SampleRate::Hz8000);
    let scene = scene::levels(4, 8_000, -30.0);
    for frame in scene.samples.chunks_exact(80) {
        let mut out = frame.to_vec();
        let report = agc.process(&mut out, None).unwrap();
        assert!((report.input_dbfs - rms_dbfs(frame)).abs() < 0.01);
        assert!((report.output_dbfs - rms_dbfs(&out)).abs() < 0.01);
        assert!((-20.0..=30.01).contains(&report.gain_db) && report.limited_db >= 0.0);
    }
}
