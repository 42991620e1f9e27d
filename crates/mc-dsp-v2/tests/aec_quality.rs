//! What the echo canceller must remove and what it must leave, measured on its output.
#![cfg(feature = "aec")]
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod aec_common;

use aec_common::{aec, assert_never_louder, cancel_in_time};
use mc_dsp::SampleRate;
use mc_testkit::measure::{erle_db, near_end_sdr_db, snr_db};
use mc_testkit::scene::{self, EchoScene};

const RATES: [SampleRate; 2] = [SampleRate::Hz8000, SampleRate::Hz16000];
const SEEDS: [u64; 2] = [1, 2];

fn each_scene(make: impl Fn(u64, u32) -> EchoScene, check: impl Fn(&EchoScene, &[f32], &str)) {
    for rate in RATES {
        for seed in SEEDS {
            let scene = make(seed, rate.hz());
            let out = cancel_in_time(&mut aec(rate), &scene.far_end, &scene.microphone);
            check(&scene, &out, &format!("seed {seed} at {} Hz", rate.hz()));
        }
    }
}

/// Both signals from `seconds` on, as far as there is output.
fn from<'a>(scene: &EchoScene, signal: &'a [f32], out: &'a [f32], seconds: usize) -> (&'a [f32], &'a [f32]) {
    let start = seconds * scene.rate_hz as usize;
    (&signal[start..out.len()], &out[start..])
}

#[test]
fn speech_in_a_room_loses_32_db_after_5_s() {
    each_scene(scene::single_talk, |scene, out, name| {
        let (microphone, out) = from(scene, &scene.microphone, out, 5);
        let erle = erle_db(microphone, out);
        assert!(erle >= 32.0, "{erle} dB, {name}");
    });
}

#[test]
fn a_delay_of_600_ms_is_found() {
    let late = |seed, rate| scene::delayed_echo(seed, rate, 600);
    each_scene(late, |scene, out, name| {
        let (microphone, out) = from(scene, &scene.microphone, out, 5);
        let erle = erle_db(microphone, out);
        assert!(erle >= 30.5, "{erle} dB, {name}");
    });
    let scene = scene::delayed_echo(3, 8_000, 600);
    let mut aec = aec(SampleRate::Hz8000);
    cancel_in_time(&mut aec, &scene.far_end, &scene.microphone);
    let found = aec.status().delay_ms.unwrap();
    assert!((598.0..606.0).contains(&found), "{found} ms");
}

#[test]
fn the_near_end_comes_through_while_both_talk() {
    each_scene(scene::double_talk, |scene, out, name| {
        let talk = scene.near_end_from..out.len();
        let sdr = near_end_sdr_db(&scene.near_end[talk.clone()], &out[talk]);
        assert!(sdr >= 18.0, "{sdr} dB, {name}");
    });
}

#[test]
fn the_near_end_alone_is_left_as_it_is() {
    for rate in SampleRate::ALL {
        let scene = scene::near_end_only(1, rate.hz());
        let out = cancel_in_time(&mut aec(rate), &scene.far_end, &scene.microphone);
        let snr = snr_db(&scene.microphone[..out.len()], &out);
        assert!(snr >= 99.0, "{snr} dB at {} Hz", rate.hz());
    }
}

#[test]
fn a_changed_room_is_learnt_again() {
    each_scene(scene::path_change, |scene, out, name| {
        let start = scene.change_at.unwrap() / scene.rate_hz as usize + 2;
        let (microphone, out) = from(scene, &scene.microphone, out, start);
        let erle = erle_db(microphone, out);
        assert!(erle >= 28.0, "{erle} dB, {name}");
    });
}

#[test]
fn the_higher_rates_lose_the_echo_too() {
    for rate in [SampleRate::Hz32000, SampleRate::Hz48000] {
        let scene = scene::single_talk(1, rate.hz());
        let out = cancel_in_time(&mut aec(rate), &scene.far_end, &scene.microphone);
        let (microphone, out) = from(&scene, &scene.microphone, &out, 5);
        let erle = erle_db(microphone, out);
        assert!(erle >= 27.0, "{erle} dB at {} Hz", rate.hz());
    }
}

/// Not even while nothing is known yet, or what was known is wrong.
#[test]
fn no_five_seconds_are_louder_than_the_microphone() {
    for make in [scene::single_talk, scene::path_change, scene::noise_far_end] {
        each_scene(make, |scene, out, name| {
            assert_never_louder(scene.rate_hz, &scene.microphone, out, name);
        });
    }
}
