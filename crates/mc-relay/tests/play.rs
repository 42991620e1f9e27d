//! What is played to a peer, as the peer hears it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::time::Duration;

use common::time::Time;
use common::{FRAME, Peer, connect, last_of_echo, relay, relay_with, simple_call, stop, talk};
use mc_engine::{AecConfig, AudioProcessingConfig, G711, Law, PayloadFormat, StreamIdentity};
use mc_relay::{Clip, DialogId, DropReason, LegId, MediaConfig, RelayConfig, RelayError};
use mc_testkit::measure::erle_db;
use mc_testkit::room::Room;
use mc_testkit::signal::white_noise;

const MU: fn() -> G711 = || G711::new(Law::Mu);

/// A clip whose every sample differs from silence, and its codes.
fn clip(frames: usize) -> (Clip, Vec<u8>) {
    let codes: Vec<u8> = (0..frames * FRAME).map(|n| (n % 100) as u8).collect();
    let mut samples = vec![0; codes.len()];
    MU().decode(&codes, &mut samples).unwrap();
    (Clip::new(samples), codes)
}

#[test]
fn while_the_other_side_talks_its_packets_carry_the_clip() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "over");
    let dialog = DialogId::from("over");
    let before = talk(&mut b, &a);
    let (clip, codes) = clip(3);
    relay.play_media(&dialog, LegId::A, &clip, 1).unwrap();
    let mut heard = Vec::new();
    for step in 1..=3u16 {
        let packet = talk(&mut b, &a);
        assert_eq!((packet.sequence, packet.ssrc), (before.sequence.wrapping_add(step), before.ssrc));
        heard.extend(packet.payload);
        assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME], "only A hears it");
    }
    assert_eq!(heard, codes);
    let after = talk(&mut b, &a);
    assert_eq!((after.sequence, after.payload), (before.sequence.wrapping_add(4), vec![0x55; FRAME]));
    assert_eq!(relay.global_metrics().services.plays, 1);
    assert_eq!(stop(&relay, "over").metrics.leg(LegId::A).packets_played, 0);
}

#[test]
fn while_the_other_side_is_silent_packets_come_by_themselves_and_numbers_run_on() {
    let relay = relay();
    for identity in [StreamIdentity::Own, StreamIdentity::Sender] {
        let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMA));
        let media = MediaConfig::new(a.leg(), b.leg()).with_identity(identity);
        let info = relay.start_media("hold", media).unwrap();
        (a.relay, b.relay) = (Some(info.local_address(LegId::A)), Some(info.local_address(LegId::B)));
        let before = talk(&mut b, &a);
        let (clip, codes) = clip(4);
        relay.play_media(&"hold".into(), LegId::A, &clip, 2).unwrap();
        let packets: Vec<_> = (0..8).map(|_| a.hear()).collect();
        let heard: Vec<u8> = packets.iter().flat_map(|packet| packet.payload.clone()).collect();
        assert_eq!(heard, [&codes[..], &codes[..]].concat());
        for pair in packets.windows(2) {
            assert_eq!(pair[1].ssrc, pair[0].ssrc);
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(160));
        }
        let after = talk(&mut b, &a);
        match identity {
            StreamIdentity::Own => {
                assert_eq!((packets[0].ssrc, after.ssrc), (before.ssrc, before.ssrc));
                assert_eq!(packets[0].sequence, before.sequence.wrapping_add(1));
                assert_eq!(after.sequence, packets[7].sequence.wrapping_add(1));
            }
            StreamIdentity::Sender => {
                assert_ne!(packets[0].ssrc, before.ssrc);
                assert_eq!((after.ssrc, after.sequence), (before.ssrc, before.sequence.wrapping_add(1)));
            }
        }
        assert_eq!(stop(&relay, "hold").metrics.leg(LegId::A).packets_played, 8);
    }
}

#[test]
fn the_echo_of_what_is_played_is_cancelled_like_any_other() {
    let time = Time::starting_at(Duration::from_secs(100));
    let relay = relay_with(RelayConfig::default().with_workers(1).with_clock(time.clock()));
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    connect(&relay, "echo", [&mut a, &mut b], |legs| {
        let processing = AudioProcessingConfig::default().with_echo_cancellation(AecConfig::default());
        legs[0] = legs[0].clone().with_processing(processing);
    });
    let noise: Vec<i16> =
        white_noise(1, -26.0, 8_000 * 8).iter().map(|sample| (sample * 32_767.0) as i16).collect();
    relay.play_media(&"echo".into(), LegId::A, &Clip::new(noise), 1).unwrap();
    time.pass(&relay, Duration::from_millis(60));
    let room = Room::new(3, 8_000, 32.0, 6.0);
    let (mut played, mut picked_up, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    while played.len() < 8_000 * 7 {
        // B says nothing: what A hears is made here, on the beat.
        played.extend(a.hear_audio());
        let echo = last_of_echo(&room, &played);
        a.send_audio(&echo);
        picked_up.extend(echo);
        returned.extend(b.hear_audio());
        time.pass(&relay, Duration::from_millis(20));
    }
    let half = picked_up.len() / 2;
    let erle = erle_db(&picked_up[half..], &returned[half..]);
    assert!(erle > 10.0, "{erle} dB");
}

#[test]
fn no_packets_are_made_while_those_of_the_other_side_come() {
    let time = Time::starting_at(Duration::from_secs(100));
    let relay = relay_with(RelayConfig::default().with_workers(1).with_clock(time.clock()));
    let [mut a, b] = simple_call(&relay, "paced");
    let (clip, codes) = clip(50);
    relay.play_media(&"paced".into(), LegId::B, &clip, 1).unwrap();
    let mut heard = Vec::new();
    for _ in 0..50 {
        heard.extend(talk(&mut a, &b).payload);
        time.pass(&relay, Duration::from_millis(20));
    }
    assert_eq!(heard, codes);
    assert_eq!(stop(&relay, "paced").metrics.leg(LegId::B).packets_played, 0);
}

#[test]
fn it_ends_when_told_and_with_the_call() {
    let relay = relay();
    let [mut a, b] = simple_call(&relay, "end");
    let (clip, codes) = clip(500);
    let dialog = DialogId::from("end");
    relay.play_media(&dialog, LegId::B, &clip, 1).unwrap();
    assert_eq!(talk(&mut a, &b).payload, codes[..FRAME]);
    // Another one takes its place.
    relay.play_media(&dialog, LegId::B, &clip, 1).unwrap();
    assert_eq!(talk(&mut a, &b).payload, codes[..FRAME]);
    relay.stop_playing(&dialog, LegId::B).unwrap();
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    relay.play_media(&dialog, LegId::B, &clip, 1).unwrap();
    stop(&relay, "end");
    for result in
        [relay.play_media(&dialog, LegId::B, &clip, 1), relay.stop_playing(&dialog, LegId::B).map(drop)]
    {
        assert!(matches!(result, Err(RelayError::UnknownDialog(_))), "{result:?}");
    }
}

#[test]
fn what_is_no_audio_does_not_get_between() {
    let relay = relay();
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    connect(&relay, "keys", [&mut a, &mut b], |legs| {
        legs[0].passed = legs[0].passed.with(101);
    });
    let (clip, codes) = clip(1);
    relay.play_media(&"keys".into(), LegId::B, &clip, 1).unwrap();
    let mut key = a.packet(&[5, 10, 0, 160]);
    key[1] = 101;
    a.send_raw(&key);
    assert_eq!(talk(&mut a, &b).payload, codes);
    a.send_raw(&key);
    assert_eq!(stop(&relay, "keys").metrics.leg(LegId::A).dropped(DropReason::PlayedOver), 1);
}
