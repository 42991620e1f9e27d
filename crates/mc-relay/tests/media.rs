//! Audio through calls over loopback sockets.

mod common;

use std::net::Ipv6Addr;

use common::{FRAME, Peer, connect, last_of_echo, relay, relay_with, stop, talk};
use mc_engine::{AecConfig, AgcConfig, AudioProcessingConfig, G711, Law, PayloadFormat, Stage, VadConfig};
use mc_relay::{LegId, MediaSessionController, RelayConfig};
use mc_testkit::measure::{erle_db, rms_dbfs};
use mc_testkit::room::Room;
use mc_testkit::signal::{Talker, white_noise};

/// A payload with every code, so that a changed one is noticed.
fn every_code() -> Vec<u8> {
    (0..=u8::MAX).collect()
}

#[test]
fn without_processing_the_payload_is_untouched_and_the_stream_is_ours() {
    let relay = relay();
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    connect(&relay, "plain", [&mut a, &mut b], |_| ());
    let mut previous: Option<common::Heard> = None;
    for _ in 0..50 {
        a.send(&every_code());
        let heard = b.hear();
        assert_eq!(heard.payload, every_code());
        assert_eq!(heard.payload_type, 0);
        if let Some(previous) = previous {
            assert_eq!(heard.ssrc, previous.ssrc);
            assert_eq!(heard.sequence, previous.sequence.wrapping_add(1));
            assert_eq!(heard.timestamp, previous.timestamp.wrapping_add(256));
        }
        previous = Some(heard);
        b.send(&[0x7F; FRAME]);
        assert_eq!(a.hear().payload, [0x7F; FRAME]);
    }
    let totals = stop(&relay, "plain");
    assert_eq!(totals.metrics.latency.count, 100);
    for leg in LegId::ALL {
        assert_eq!(totals.metrics.leg(leg).packets_sent, 50);
        assert_eq!(totals.metrics.leg(leg).media.performance.packets_out, 50);
    }
}

#[test]
fn the_two_directions_have_streams_of_their_own() {
    let relay = relay();
    let [mut a, mut b] = common::simple_call(&relay, "streams");
    assert_ne!(talk(&mut a, &b).ssrc, talk(&mut b, &a).ssrc);
}

#[test]
fn pcmu_becomes_pcma_and_back() {
    let relay = relay();
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMA));
    connect(&relay, "transcoded", [&mut a, &mut b], |_| ());
    let (mu, alaw) = (G711::new(Law::Mu), G711::new(Law::A));
    a.send(&every_code());
    let heard = b.hear();
    assert_eq!(heard.payload_type, 8);
    let expected: Vec<u8> =
        every_code().into_iter().map(|code| alaw.encode_sample(mu.decode_code(code))).collect();
    assert_eq!(heard.payload, expected);

    b.send(&every_code());
    let heard = a.hear();
    assert_eq!(heard.payload_type, 0);
    let expected: Vec<u8> =
        every_code().into_iter().map(|code| mu.encode_sample(alaw.decode_code(code))).collect();
    assert_eq!(heard.payload, expected);
}

#[test]
fn a_call_over_ipv6() {
    let relay = relay();
    let ip = Ipv6Addr::LOCALHOST.into();
    let (mut a, mut b) = (Peer::at(ip, PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    // One leg IPv6, the other IPv4: each has a socket of its own.
    let info = connect(&relay, "six", [&mut a, &mut b], |legs| {
        legs[0] = legs[0].clone().with_local_ip(ip);
    });
    assert!(info.local_address(LegId::A).is_ipv6() && info.local_address(LegId::B).is_ipv4());
    talk(&mut a, &b);
    talk(&mut b, &a);
    stop(&relay, "six");
}

#[test]
fn each_leg_has_its_own_processing() {
    let relay = relay();
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    connect(&relay, "levelled", [&mut a, &mut b], |legs| {
        let processing = AudioProcessingConfig::default()
            .with_voice_detection(VadConfig::default())
            .with_gain_control(AgcConfig::default());
        legs[0] = legs[0].clone().with_processing(processing);
    });
    let quiet = Talker::new(1, 8_000).say(6.0, -45.0).samples;
    let mut levelled = Vec::new();
    for frame in quiet.chunks_exact(FRAME) {
        a.send_audio(frame);
        levelled.extend(b.hear_audio());
        assert_eq!(talk(&mut b, &a).payload, [0x55; FRAME], "leg B has no processing");
    }
    let half = levelled.len() / 2;
    let raised_db = rms_dbfs(&levelled[half..]) - rms_dbfs(&quiet[half..levelled.len()]);
    assert!(raised_db > 6.0, "raised by {raised_db} dB");

    let totals = stop(&relay, "levelled");
    let timed = |leg, stage| totals.metrics.leg(leg).media.performance.stage(stage).count;
    assert!(timed(LegId::A, Stage::GainControl) > 0 && timed(LegId::A, Stage::VoiceDetect) > 0);
    assert_eq!(timed(LegId::B, Stage::GainControl), 0);
}

/// Leg A's telephone plays what it hears into a room and sends back what its microphone picks up.
/// Returns the ERLE that peer B experiences over the second half.
fn echo_in_a_call(relay: &MediaSessionController, b: PayloadFormat, cancel: bool) -> f32 {
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(b));
    connect(relay, "echo", [&mut a, &mut b], |legs| {
        if cancel {
            let processing = AudioProcessingConfig::default().with_echo_cancellation(AecConfig::default());
            legs[0] = legs[0].clone().with_processing(processing);
        }
    });
    let room = Room::new(3, 8_000, 32.0, 6.0);
    let (mut played, mut picked_up, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    for frame in white_noise(1, -26.0, 8_000 * 8).chunks_exact(FRAME) {
        b.send_audio(frame);
        played.extend(a.hear_audio());
        let echo = last_of_echo(&room, &played);
        a.send_audio(&echo);
        picked_up.extend(echo);
        returned.extend(b.hear_audio());
    }
    stop(relay, "echo");
    let half = picked_up.len() / 2;
    erle_db(&picked_up[half..], &returned[half..])
}

#[test]
fn echo_of_what_was_sent_to_a_leg_is_cancelled() {
    let relay = relay();
    for b in [PayloadFormat::PCMU, PayloadFormat::PCMA] {
        let without = echo_in_a_call(&relay, b, false);
        assert!(without.abs() < 1.0, "{without} dB without a canceller");
        let with = echo_in_a_call(&relay, b, true);
        assert!(with > 10.0, "{with} dB with a canceller");
    }
}

#[test]
fn packets_of_10_to_60_ms_and_mixed() {
    let relay = relay_with(RelayConfig::default().with_workers(2));
    let [mut a, b] = common::simple_call(&relay, "lengths");
    for samples in [80, 160, 240, 320, 480, 80, 1] {
        a.send(&vec![0x33; samples]);
        assert_eq!(b.hear().payload, vec![0x33; samples]);
    }
}
