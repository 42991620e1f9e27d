//! What the echo canceller must remove, measured on its output.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use mc_dsp::SampleRate;
use mc_testkit::measure::{erle_db, erle_per_segment, near_end_sdr_db};
use mc_testkit::scene::{self, EchoScene};

/// The rates that a test of many seconds is affordable at.
const RATES: [SampleRate; 2] = [SampleRate::Hz8000, SampleRate::Hz16000];
const SEEDS: [u64; 3] = [1, 2, 3];

fn seconds(scene: &EchoScene, seconds: usize) -> usize {
    seconds * scene.rate_hz as usize
}

fn each_scene(make: impl Fn(u64, u32) -> EchoScene, check: impl Fn(&EchoScene, &[f32], &str)) {
    for rate in RATES {
        for seed in SEEDS {
            let scene = make(seed, rate.hz());
            let mut aec = common::aec(rate);
            let ten_ms = rate.samples_in_ms(10);
            let out = common::cancel(&mut aec, &scene.far_end, &scene.microphone, &[ten_ms]);
            check(&scene, &out, &format!("seed {seed} at {} Hz", rate.hz()));
        }
    }
}

#[test]
fn speech_in_a_room_of_32_ms_loses_12_db_after_5_s() {
    each_scene(scene::single_talk, |scene, out, name| {
        let from = seconds(scene, 5);
        let erle = erle_db(&scene.microphone[from..], &out[from..]);
        assert!(erle >= 12.0, "{erle} dB, {name}");
    });
}

#[test]
fn white_noise_in_a_room_of_32_ms_loses_20_db_after_5_s() {
    each_scene(scene::noise_far_end, |scene, out, name| {
        let from = seconds(scene, 5);
        let erle = erle_db(&scene.microphone[from..], &out[from..]);
        assert!(erle >= 20.0, "{erle} dB, {name}");
    });
}

#[test]
fn the_near_end_comes_through_while_both_talk() {
    each_scene(scene::double_talk, |scene, out, name| {
        let from = scene.near_end_from;
        let before = near_end_sdr_db(&scene.near_end[from..], &scene.microphone[from..]);
        let after = near_end_sdr_db(&scene.near_end[from..], &out[from..]);
        assert!(after - before >= 8.0, "{before} to {after} dB, {name}");
    });
}

#[test]
fn the_near_end_alone_is_left_as_it_is() {
    each_scene(scene::near_end_only, |scene, out, name| {
        assert!(scene.microphone == out, "{name}");
    });
}

#[test]
fn a_changed_room_is_learnt_again() {
    each_scene(scene::path_change, |scene, out, name| {
        let from = scene.change_at.unwrap() + seconds(scene, 3);
        let erle = erle_db(&scene.microphone[from..], &out[from..]);
        assert!(erle >= 10.0, "{erle} dB, {name}");
    });
}

/// No half second in which there is echo gets louder by more than the noise of the measurement, but for the
/// one in which the room changes: that has to be noticed first.
#[test]
fn the_output_is_never_louder_than_the_microphone_for_long() {
    let later_than_the_tail = |seed, rate| scene::delayed_echo(seed, rate, 300);
    let makers = [scene::single_talk, scene::double_talk, scene::path_change, later_than_the_tail];
    for make in makers {
        each_scene(make, |scene, out, name| {
            let half = seconds(scene, 1) / 2;
            for (n, erle) in erle_per_segment(&scene.microphone, out, half, -60.0).iter().enumerate() {
                if let Some(erle) = erle {
                    let changes = scene.change_at.is_some_and(|at| at / half == n);
                    assert!(
                        *erle > if changes { -1.5 } else { -0.5 },
                        "{erle} dB in half second {n}, {name}"
                    );
                }
            }
        });
    }
}
