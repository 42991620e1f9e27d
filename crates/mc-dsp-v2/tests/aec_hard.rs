//! What goes wrong in real calls: paths that are too simple, that jump or drift, clipped and missing signals.
#![cfg(feature = "aec")]
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod aec_common;

use aec_common::{aec, assert_never_louder, cancel, cancel_in_time, filters_alone};
use mc_dsp::{EchoCanceller, Processor, SampleRate};
use mc_testkit::measure::{erle_db, snr_db};
use mc_testkit::room::delayed;
use mc_testkit::scene::{self, EchoScene};
use mc_testkit::signal::white_noise;

const RATE: SampleRate = SampleRate::Hz8000;
const SECOND: usize = 8_000;

/// Echo return loss enhancement of a canceller's output, from `start` on, in dB.
fn erle_from(microphone: &[f32], out: &[f32], start: usize) -> f32 {
    erle_db(&microphone[start..out.len()], &out[start..])
}

/// The output of a new canceller, which is louder than the microphone over no 5 s.
fn cancelled(far_end: &[f32], microphone: &[f32]) -> Vec<f32> {
    let out = cancel_in_time(&mut aec(RATE), far_end, microphone);
    assert_never_louder(RATE.hz(), microphone, &out, "a hard call");
    out
}

fn assert_at_least(db: f32, least: f32, what: impl std::fmt::Display) {
    assert!(db >= least, "{db} dB instead of {least}, {what}");
}

#[test]
fn a_wire_and_a_delay_line_are_echo_paths_too() {
    let scene = scene::single_talk(11, 8_000);
    for (samples, least) in [(0, 64.5), (800, 69.5)] {
        let microphone = delayed(&scene.far_end, samples);
        let out = cancelled(&scene.far_end, &microphone);
        assert_at_least(erle_from(&microphone, &out, 4 * SECOND), least, samples);
    }
}

#[test]
fn without_echo_the_near_end_is_left_alone() {
    for seed in [11, 12] {
        let scene = scene::no_echo(seed, 8_000);
        let out = cancel_in_time(&mut aec(RATE), &scene.far_end, &scene.microphone);
        assert_at_least(snr_db(&scene.microphone[..out.len()], &out), 48.5, seed);
    }
}

#[test]
fn minutes_of_a_silent_far_end_change_nothing() {
    let scene = scene::single_talk(11, 8_000);
    let mut aec = aec(RATE);
    cancel(&mut aec, &scene.far_end, &scene.microphone, &[480]);
    let hum = white_noise(11, -50.0, 120 * SECOND);
    let out = cancel(&mut aec, &vec![0.0; hum.len()], &hum, &[480]);
    let delay = aec.latency_samples();
    assert_at_least(snr_db(&hum[SECOND..hum.len() - delay], &out[SECOND + delay..]), 99.0, "hum");
    // What was learnt before is still known.
    let out = cancel(&mut aec, &scene.far_end, &scene.microphone, &[480]).split_off(delay);
    assert_at_least(erle_from(&scene.microphone, &out, SECOND / 2), 40.0, "after the silence");
}

#[test]
fn clocks_that_differ_are_followed() {
    for ppm in [200.0, -200.0, 60.0] {
        let scene = scene::drifting_echo(11, 8_000, ppm);
        let mut aec = aec(RATE);
        let out = cancel_in_time(&mut aec, &scene.far_end, &scene.microphone);
        assert_at_least(erle_from(&scene.microphone, &out, 7 * SECOND), 41.0, ppm);
        let found = f64::from(aec.status().drift_ppm);
        assert!((found - ppm).abs() < 20.0, "{found} ppm instead of {ppm}");
    }
    let scene = scene::delayed_echo(11, 8_000, 40);
    let mut aec = aec(RATE);
    cancel_in_time(&mut aec, &scene.far_end, &scene.microphone);
    assert_eq!(aec.status().drift_ppm, 0.0);
}

#[test]
fn a_delay_that_jumps_is_found_again() {
    for (before, after) in [(150, 250), (150, 50)] {
        let scene = scene::delay_jump(11, 8_000, before, after);
        let out = cancelled(&scene.far_end, &scene.microphone);
        let start = scene.change_at.unwrap() + 3 * SECOND;
        assert_at_least(erle_from(&scene.microphone, &out, start), 35.5, after);
    }
}

/// The filters alone: the mask must not be what hides the distortion.
#[test]
fn the_curve_of_an_overdriven_loudspeaker_is_learnt() {
    for seed in [11, 12] {
        let scene = scene::overdriven(seed, 8_000);
        let mut filters = filters_alone(RATE);
        let out = cancel_in_time(&mut filters, &scene.far_end, &scene.microphone);
        assert_at_least(erle_from(&scene.microphone, &out, 8 * SECOND), 19.5, seed);
    }
}

#[test]
fn a_clipping_microphone_loses_what_it_can() {
    let scene = scene::single_talk(11, 8_000);
    let clipped: Vec<f32> = scene.microphone.iter().map(|s| (20.0 * s).clamp(-1.0, 1.0)).collect();
    let out = cancelled(&scene.far_end, &clipped);
    assert_at_least(erle_from(&clipped, &out, 5 * SECOND), 26.5, "clipped");
}

#[test]
fn a_constant_offset_does_not_disturb() {
    let scene = scene::single_talk(11, 8_000);
    let shifted: Vec<f32> = scene.microphone.iter().map(|s| s + 0.1).collect();
    let out = cancel_in_time(&mut aec(RATE), &scene.far_end, &shifted);
    let alternating: Vec<f32> = out.iter().map(|s| s - 0.1).collect();
    assert_at_least(erle_from(&scene.microphone, &alternating, 5 * SECOND), 21.0, "offset");
}

/// Nothing is played while nothing is rendered, so the echo pauses, too.
#[test]
fn a_far_end_that_is_missing_for_seconds_costs_little_afterwards() {
    let scene = scene::delayed_echo(11, 8_000, 40);
    let mut aec = aec(RATE);
    let cut = 6 * SECOND;
    cancel(&mut aec, &scene.far_end[..cut], &scene.microphone[..cut], &[80]);
    let mut noise = white_noise(11, -70.0, 3 * SECOND);
    noise.chunks_exact_mut(80).for_each(|frame| {
        aec.process(frame).unwrap();
    });
    assert_eq!(aec.counters().missing_reference, 3 * SECOND as u64);
    let microphone = &scene.microphone[cut..];
    let out = cancel(&mut aec, &scene.far_end[cut..], microphone, &[80]).split_off(aec.latency_samples());
    assert_at_least(erle_from(microphone, &out, SECOND / 2), 40.0, "after the gap");
}

/// Feeds frames of 10 ms in another order than one by one.
fn fed(scene: &EchoScene, order: impl Fn(usize) -> std::ops::Range<usize>) -> Vec<f32> {
    let (mut aec, mut out) = (aec(RATE), scene.microphone.clone());
    for (n, near) in out.chunks_exact_mut(80).enumerate() {
        for frame in order(n) {
            aec.render(&scene.far_end[80 * frame..80 * (frame + 1)]).unwrap();
        }
        aec.process(near).unwrap();
    }
    out.split_off(aec.latency_samples())
}

#[test]
fn the_far_end_may_come_in_bursts_or_late() {
    let scene = scene::delayed_echo(11, 8_000, 60);
    let bursts = fed(&scene, |n| if n % 6 == 0 { n..n + 6 } else { 0..0 });
    assert_at_least(erle_from(&scene.microphone, &bursts, 5 * SECOND), 40.5, "bursts");
    let late = fed(&scene, |n| n.saturating_sub(2)..n.saturating_sub(1));
    assert_at_least(erle_from(&scene.microphone, &late, 5 * SECOND), 40.5, "late");
}

/// A short form of the hour that the benchmark runs.
#[test]
fn a_long_call_ends_as_good_as_it_began() {
    let scene = scene::delayed_echo(11, 8_000, 40);
    let mut aec = aec(RATE);
    let erle = |out: &[f32]| erle_db(&scene.microphone[5 * SECOND..], &out[5 * SECOND..]);
    let first = erle(&cancel(&mut aec, &scene.far_end, &scene.microphone, &[480]));
    for _ in 0..4 {
        cancel(&mut aec, &scene.far_end, &scene.microphone, &[480]);
    }
    let last = erle(&cancel(&mut aec, &scene.far_end, &scene.microphone, &[480]));
    assert_at_least(last, first - 1.0, "the sixth time");
    assert_eq!(aec.counters().restarts, 0);
}
