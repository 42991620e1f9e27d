//! The canceller rests where there is nothing to cancel, and is there when there is.
#![cfg(feature = "aec")]
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod aec_common;

use aec_common::{aec, cancel};
use mc_dsp::{EchoCanceller, Processor, SampleRate};
use mc_dsp_v2::aec::{AdvancedAcousticEchoCanceller, AdvancedAecConfig, FilterState};
use mc_testkit::measure::{erle_db, snr_db};
use mc_testkit::scene::{self, EchoScene};
use mc_testkit::signal::{add, white_noise};

const RATE: SampleRate = SampleRate::Hz8000;
const SECOND: usize = 8_000;
const FRAME: [usize; 1] = [160];

/// Far end and microphone of calls one after the other, without echo.
fn headset(calls: std::ops::Range<u64>) -> (Vec<f32>, Vec<f32>) {
    let calls: Vec<EchoScene> = calls.map(|seed| scene::no_echo(seed, RATE.hz())).collect();
    let joined = |of: fn(&EchoScene) -> &[f32]| calls.iter().flat_map(of).copied().collect();
    (joined(|call| &call.far_end), joined(|call| &call.microphone))
}

/// A canceller after a minute of a call without echo, in which it came to rest.
fn after_a_minute_without_echo() -> AdvancedAcousticEchoCanceller {
    let mut aec = aec(RATE);
    let (far, near) = headset(21..26);
    cancel(&mut aec, &far, &near, &FRAME);
    assert_eq!((aec.status().filter, aec.counters().wakes), (FilterState::Standby, 0));
    aec
}

/// What a canceller leaves of a call, in time with its microphone.
fn left_of(aec: &mut AdvancedAcousticEchoCanceller, far: &[f32], near: &[f32]) -> Vec<f32> {
    cancel(aec, far, near, &FRAME).split_off(aec.latency_samples())
}

#[test]
fn after_seconds_of_talk_without_echo_the_near_end_passes_as_it_is() {
    for seed in [31, 32] {
        let talk = |seed| scene::near_end_only(seed, RATE.hz()).microphone;
        let (far, mut near) = (talk(seed), talk(seed + 10));
        // So that something is heard whenever it comes to rest.
        let background = white_noise(seed, -40.0, near.len());
        add(&mut near, &background);
        let mut aec = aec(RATE);
        let out = left_of(&mut aec, &far, &near);
        assert_eq!((aec.status().filter, aec.counters().wakes), (FilterState::Standby, 0));
        let rest_from = near.len() - aec.counters().rested_ms as usize * SECOND / 1_000;
        assert!((4 * SECOND..7 * SECOND).contains(&rest_from), "rest from sample {rest_from}");
        // 40 ms in the midst of which it came to rest, and all after them: no click, no gap.
        let around = rest_from - SECOND / 50..rest_from + SECOND / 50;
        let largest_step = |signal: &[f32]| -> f32 {
            signal.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
        };
        let (before, after) = (largest_step(&near[around.clone()]), largest_step(&out[around.clone()]));
        assert!(after < 1.3 * before, "steps of {after} instead of {before}, seed {seed}");
        let blocks = near[around.clone()].chunks_exact(32).zip(out[around.clone()].chunks_exact(32));
        for (near, out) in blocks {
            let lost = erle_db(near, out);
            assert!(lost.abs() < 2.5, "{lost} dB lost, seed {seed}");
        }
        let passed = snr_db(&near[around.end..out.len()], &out[around.end..]);
        assert!(passed > 99.0, "{passed} dB at rest, seed {seed}");
    }
}

#[test]
fn an_echo_that_appears_after_a_minute_is_cancelled_as_soon_as_in_a_new_call() {
    for seed in [41, 42] {
        let scene = scene::delayed_echo(seed, RATE.hz(), 120);
        let (mut rested, mut new) = (after_a_minute_without_echo(), aec(RATE));
        let late = left_of(&mut rested, &scene.far_end, &scene.microphone);
        left_of(&mut new, &scene.far_end, &scene.microphone);
        assert_eq!(rested.counters().wakes, 1);
        let found = (rested.status().delay_ms.unwrap(), new.status().delay_ms.unwrap());
        assert!((found.0 - found.1).abs() < 2.0, "{found:?} ms");
        // The first speech of these calls comes within their first second.
        for (seconds, least) in [(2, 25.0), (4, 32.0)] {
            let part = seconds * SECOND..(seconds + 2) * SECOND;
            let erle = erle_db(&scene.microphone[part.clone()], &late[part]);
            assert!(erle > least, "{erle} dB from {seconds} s on, seed {seed}");
        }
    }
}

#[test]
fn an_echo_40_db_down_keeps_it_at_work_and_wakes_it() {
    let scene = scene::delayed_echo(51, RATE.hz(), 60);
    // Echo comes back 6 dB down already.
    let faint: Vec<f32> = scene.echo.iter().map(|sample| 0.02 * sample).collect();
    let mut near: Vec<f32> = faint.clone();
    let noise: Vec<f32> = scene.microphone.iter().zip(&scene.echo).map(|(m, e)| 0.1 * (m - e)).collect();
    add(&mut near, &noise);
    for (mut aec, wakes) in [(aec(RATE), 0), (after_a_minute_without_echo(), 1)] {
        let rested_before = aec.counters().rested_ms;
        let out = left_of(&mut aec, &scene.far_end, &near);
        let rested = aec.counters().rested_ms - rested_before;
        assert!(rested < 2_500, "rested for {rested} ms");
        assert_eq!(aec.counters().wakes, wakes);
        let erle = erle_db(&near[5 * SECOND..out.len()], &out[5 * SECOND..]);
        assert!(erle > 8.0, "{erle} dB, {wakes} wakes");
    }
}

#[test]
fn a_microphone_that_is_muted_costs_nothing_until_it_hears() {
    let scene = scene::single_talk(61, RATE.hz());
    let muted = vec![0.0; scene.far_end.len()];
    let mut aec = aec(RATE);
    let out = left_of(&mut aec, &scene.far_end, &muted);
    assert!(out[5 * SECOND..].iter().all(|sample| *sample == 0.0));
    assert_eq!(aec.status().filter, FilterState::Standby);
    let out = left_of(&mut aec, &scene.far_end, &scene.microphone);
    let erle = erle_db(&scene.microphone[2 * SECOND..out.len()], &out[2 * SECOND..]);
    assert!(erle > 30.0 && aec.counters().wakes == 1, "{erle} dB");
}

/// The far end talks, is silent until the canceller rests, and talks again; the near end is all that is heard.
#[test]
fn a_far_end_that_talks_again_leaves_no_gap_in_the_near_end() {
    let talk = scene::near_end_only(81, RATE.hz()).near_end;
    let onset = talk.iter().position(|sample| *sample != 0.0).unwrap();
    let far: Vec<f32> =
        [&talk[onset..onset + SECOND], &[0.0; 3 * SECOND][..], &talk[onset..onset + SECOND]].concat();
    let near = white_noise(81, -40.0, far.len());
    let mut aec = aec(RATE);
    let out = left_of(&mut aec, &far, &near);
    assert!((1_000..1_300).contains(&aec.counters().rested_ms), "{} ms", aec.counters().rested_ms);
    // The last block of rest overlaps with the first of work, which may suppress.
    let around = 4 * SECOND - SECOND / 20..4 * SECOND;
    for (near, out) in near[around.clone()].chunks_exact(16).zip(out[around].chunks_exact(16)) {
        let lost = erle_db(near, out);
        assert!(lost.abs() < 4.0, "{lost} dB lost");
    }
}

#[test]
fn without_standby_it_never_rests() {
    let config = AdvancedAecConfig::default().with_standby(false);
    let mut always = AdvancedAcousticEchoCanceller::new(config, RATE).unwrap();
    let (far, near) = headset(71..72);
    cancel(&mut always, &far, &near, &FRAME);
    cancel(&mut always, &vec![0.0; 3 * SECOND], &near[..3 * SECOND], &FRAME);
    assert_eq!(always.counters().rested_ms, 0);
    assert_ne!(always.status().filter, FilterState::Standby);
}

#[test]
fn rest_is_told_and_ends_with_reset() {
    let mut aec = after_a_minute_without_echo();
    assert!(aec.counters().rested_ms > 48_000, "{} ms", aec.counters().rested_ms);
    assert_eq!((aec.status().near_end_probability, aec.status().delay_ms), (1.0, None));
    let report = aec.process(&mut [0.0; 160]).unwrap();
    assert!(report.standby && report.erle_db.is_none());
    aec.reset();
    assert_eq!((aec.status().filter, aec.counters().rested_ms), (FilterState::Idle, 0));
}
