//! Echo cancelled on a relayed leg whose packets are lost, doubled and reordered on the way.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{FRAME, decode, encode, packet, packets, send, session};
use mc_engine::{AecConfig, AudioProcessingConfig, NoClock};
use mc_testkit::measure::erle_db;
use mc_testkit::scene::{self, EchoScene};

fn simple() -> AudioProcessingConfig {
    AudioProcessingConfig::default().with_echo_cancellation(AecConfig::default())
}

fn advanced() -> AudioProcessingConfig {
    AudioProcessingConfig::default().with_use_advanced_aec(true)
}

/// Echo taken out of what arrives of the last two thirds of `scene`, in dB, when `near(n)` and `far(n)` say which
/// packet comes in the place of packet n, if any.
fn reduction_db(
    processing: AudioProcessingConfig,
    scene: &EchoScene,
    near: impl Fn(usize) -> Option<usize>,
    far: impl Fn(usize) -> Option<usize>,
) -> f32 {
    let (mut leg, mut other_leg) = (session(processing), session(AudioProcessingConfig::default()));
    let near_end = packets(0, &scene.microphone);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for n in 0..near_end.len() {
        if let Some(n) = far(n) {
            let mut heard = packet(n as u16, &encode(&scene.far_end[n * FRAME..(n + 1) * FRAME]));
            leg.render_egress(&other_leg.process_packet(&mut heard, &NoClock).unwrap());
        }
        let Some(n) = near(n).filter(|&n| n < near_end.len()) else { continue };
        let output = decode(&send(&mut leg, &near_end[n]).unwrap()[12..]);
        if n > near_end.len() / 3 {
            before.extend_from_slice(&scene.microphone[n * FRAME..(n + 1) * FRAME]);
            after.extend(output);
        }
    }
    erle_db(&before, &after)
}

/// All but one packet in 50.
fn most(n: usize) -> Option<usize> {
    (n % 50 != 7).then_some(n)
}

#[test]
fn lost_packets_do_not_cost_an_echo_canceller_its_reference() {
    let scene = scene::noise_far_end(3, 8_000);
    for (processing, sound, lossy) in [(simple(), 30.0, 16.0), (advanced(), 28.0, 20.0)] {
        let reduction = reduction_db(processing.clone(), &scene, Some, Some);
        assert!(reduction > sound, "{reduction} dB where nothing is lost");
        let reduction = reduction_db(processing.clone(), &scene, most, Some);
        assert!(reduction > lossy, "{reduction} dB where 2 % of the near end is lost");
    }
}

#[test]
fn packets_that_come_late_do_not_either() {
    let scene = scene::noise_far_end(3, 8_000);
    // Two neighbours change places now and then.
    let swapped = |n: usize| match n % 50 {
        7 => Some(n + 1),
        8 => Some(n - 1),
        _ => Some(n),
    };
    for (processing, lossy) in [(simple(), 11.0), (advanced(), 11.0)] {
        let reduction = reduction_db(processing, &scene, swapped, Some);
        assert!(reduction > lossy, "{reduction} dB");
    }
}

#[test]
fn what_is_lost_of_the_far_end_is_silence_and_no_shift() {
    // The echo comes by way of a network: 80 ms late. What the far end lost is heard in this room all the same, so some
    // echo stays; what follows is cancelled.
    let scene = scene::delayed_echo(3, 8_000, 80);
    let reduction = reduction_db(advanced(), &scene, Some, |n| (n % 200 != 9).then_some(n));
    assert!(reduction > 20.0, "{reduction} dB");
    let reduction = reduction_db(advanced(), &scene, most, |n| (n % 200 != 9).then_some(n));
    assert!(reduction > 12.0, "{reduction} dB with 2 % of the near end lost as well");
}
