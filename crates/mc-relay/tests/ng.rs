//! The NG service as a proxy sees it: datagrams in and out, media over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod common;

use std::time::Duration;

use common::proxy::{Proxy, phone, sdp};
use common::{FRAME, eventually, localhost, talk};
use mc_engine::PayloadFormat;
use mc_relay::{MediaSessionController, NgConfig, RelayConfig};

#[test]
fn a_ping_is_answered_and_garbage_is_not() {
    let mut proxy = Proxy::new();
    assert_eq!(proxy.ask(&[("command", "ping")]).text("result"), "pong");
    assert_eq!(proxy.service.handle(b"garbage", Duration::ZERO), None);
    assert_eq!(proxy.service.metrics().malformed(), 1);
    let refused = proxy.service.handle(b"c d7:comm", Duration::ZERO).unwrap();
    assert!(refused.starts_with(b"c d12:error-reason"));
    for (pairs, reason) in [
        (&[("command", "dance")][..], "unknown command"),
        (&[("call-id", "x")], "\"command\""),
        (&[("command", "offer"), ("call-id", "x")], "\"from-tag\""),
        (&[("command", "query"), ("call-id", "x")], "unknown call-id"),
        (&[("command", "play media"), ("call-id", "x")], "unknown call-id"),
        (&[("command", "offer"), ("call-id", "x"), ("from-tag", "a"), ("sdp", "hello")], "SDP"),
    ] {
        let answer = proxy.ask(pairs);
        assert_eq!(answer.text("result"), "error");
        assert!(answer.text("error-reason").contains(reason), "{}", answer.0);
    }
    assert_eq!(proxy.service.calls(), 0);
    assert_eq!((proxy.service.metrics().requests(), proxy.service.metrics().refused()), (8, 7));
}

#[test]
fn a_call_is_offered_answered_carried_and_deleted() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    b.relay = proxy.offer("call", &sdp(&a, ""), "strict-source,trust-address").relay();
    // Nothing passes before the answer.
    b.send(&[0x11; FRAME]);
    let answer = proxy.answer("call", &sdp(&b, ""));
    a.relay = answer.relay();
    assert!(!answer.text("sdp").contains(&format!("m=audio {} ", b.address().port())));
    let packet = a.packet(&[0x55; FRAME]);
    a.send_raw(&packet);
    let mut heard = [0; 200];
    let (length, source) = b.socket.recv_from(&mut heard).unwrap();
    assert_eq!((&heard[..length], Some(source)), (&packet[..], b.relay), "not a bit differs");
    talk(&mut b, &a);

    assert_eq!(proxy.ask(&[("command", "query"), ("call-id", "call")]).text("result"), "ok");
    assert!(proxy.ask(&[("command", "list")]).0.contains("5:callsl4:calle"));
    assert!(proxy.ask(&[("command", "statistics")]).0.contains("13:sessionstotali1e"));
    let deleted = proxy.ask(&[("command", "delete"), ("call-id", "call"), ("from-tag", "a")]);
    // Two, or three if B's early packet was still waiting.
    assert!(deleted.0.contains("7:packetsi2e") || deleted.0.contains("7:packetsi3e"), "{}", deleted.0);
    assert_eq!((proxy.service.calls(), proxy.relay.dialogs().len()), (0, 0));
    assert!(!proxy.ask(&[("command", "delete"), ("call-id", "call")]).text("warning").is_empty());
}

#[test]
fn a_telephone_behind_a_nat_is_heard_from_where_it_signals() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    let inner = sdp(&a, "").replace(&localhost().to_string(), "10.0.0.7");
    let offer = [("command", "offer"), ("call-id", "nat"), ("from-tag", "a"), ("sdp", &inner)];
    b.relay = proxy.ask(&[&offer[..], &[("received-from", "127.0.0.1")]].concat()).relay();
    a.relay = proxy.answer("nat", &sdp(&b, "")).relay();
    talk(&mut a, &b);
    talk(&mut b, &a);
}

#[test]
fn two_laws_are_transcoded_and_events_pass() {
    let mut proxy = Proxy::new();
    let (mut a, mut b) = (phone(PayloadFormat::PCMU), phone(PayloadFormat::PCMA));
    let offered = proxy.offer("law", &sdp(&a, ""), "codec-mask-PCMU,codec-transcode-PCMA");
    assert!(offered.text("sdp").contains("RTP/AVP 8 101\r\n"), "{}", offered.text("sdp"));
    b.relay = offered.relay();
    let answer = proxy.answer("law", &sdp(&b, ""));
    assert!(answer.text("sdp").contains("RTP/AVP 0 101\r\n"), "{}", answer.text("sdp"));
    a.relay = answer.relay();
    let heard = talk(&mut a, &b);
    assert_eq!(heard.payload_type, 8);
    assert_ne!(heard.payload, [0x55; FRAME]);
    assert_eq!(talk(&mut b, &a).payload_type, 0);
    a.format.payload_type = 101;
    a.send(&[5, 10, 0, 160]);
    let event = b.hear();
    assert_eq!((event.payload_type, event.payload), (101, vec![5, 10, 0, 160]));
}

#[test]
fn a_repeated_request_gets_the_answer_it_had() {
    let mut proxy = Proxy::new();
    let a = phone(PayloadFormat::PCMU);
    let first = proxy.offer("twice", &sdp(&a, ""), "").0;
    proxy.cookie -= 1;
    assert_eq!(proxy.offer("twice", &sdp(&a, ""), "").0, first);
    assert_eq!(proxy.service.metrics().repeated(), 1);
}

#[test]
fn an_offer_in_the_call_changes_it() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("again", &mut a, &mut b, "");
    talk(&mut a, &b);
    // B moves: it is B that offers now, and the ports stay.
    let mut moved = phone(PayloadFormat::PCMU);
    let offered = proxy.ask(&[
        ("command", "offer"),
        ("call-id", "again"),
        ("from-tag", "b"),
        ("to-tag", "a"),
        ("sdp", &sdp(&moved, "")),
    ]);
    assert_eq!(offered.relay(), a.relay);
    let answer = proxy.ask(&[
        ("command", "answer"),
        ("call-id", "again"),
        ("from-tag", "b"),
        ("to-tag", "a"),
        ("sdp", &sdp(&a, "")),
    ]);
    moved.relay = answer.relay();
    assert_eq!(moved.relay, b.relay);
    talk(&mut a, &moved);
    talk(&mut moved, &a);
    // A third tag belongs to nobody.
    let answer =
        proxy.ask(&[("command", "offer"), ("call-id", "again"), ("from-tag", "c"), ("sdp", &sdp(&a, ""))]);
    assert!(answer.text("error-reason").contains("tags"));
    talk(&mut a, &moved);
}

#[test]
fn one_side_is_blocked_and_unblocked() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("block", &mut a, &mut b, "");
    proxy.ask(&[("command", "block media"), ("call-id", "block"), ("from-tag", "a")]);
    assert_eq!(talk(&mut a, &b).payload, [0xFF; FRAME]);
    assert_eq!(talk(&mut b, &a).payload, [0x55; FRAME]);
    proxy.ask(&[("command", "unblock media"), ("call-id", "block")]);
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
}

#[test]
fn what_cannot_be_relayed_is_refused_with_its_reason() {
    let mut proxy = Proxy::new();
    let a = phone(PayloadFormat::PCMU);
    let browser = sdp(&a, "").replace("RTP/AVP", "UDP/TLS/RTP/SAVPF");
    assert!(proxy.offer("browser", &browser, "").text("error-reason").contains("UDP/TLS/RTP/SAVPF"));
    assert_eq!(proxy.service.calls(), 0);
    // Beside a stream that can be, it is turned off.
    let both = sdp(&a, "m=video 5000 UDP/TLS/RTP/SAVPF 97\r\n");
    assert!(proxy.offer("both", &both, "").text("sdp").contains("m=video 0 UDP/TLS/RTP/SAVPF 97\r\n"));
    // Codecs that do not meet.
    let gsm = sdp(&a, "").replace("RTP/AVP 0 101", "RTP/AVP 3");
    assert!(proxy.answer("both", &gsm).text("error-reason").contains("codec"));
}

#[test]
fn there_is_no_more_room_than_said() {
    let mut proxy = Proxy::with(
        RelayConfig::default().with_ports(15_700..=15_707),
        NgConfig::at(localhost()).with_max_calls(2),
    );
    let a = phone(PayloadFormat::PCMU);
    for call in ["1", "2"] {
        assert_eq!(proxy.offer(call, &sdp(&a, ""), "").text("result"), "ok");
    }
    assert_eq!(proxy.offer("3", &sdp(&a, ""), "").text("result"), "load limit");
    proxy.ask(&[("command", "delete"), ("call-id", "1")]);
    // The ports were given back with the call.
    assert_eq!(proxy.offer("3", &sdp(&a, ""), "").text("result"), "ok");
    proxy.service.drain();
    proxy.ask(&[("command", "delete"), ("call-id", "2")]);
    assert!(proxy.offer("4", &sdp(&a, ""), "").text("message").contains("shutting down"));
    // What runs goes on.
    assert_eq!(proxy.offer("3", &sdp(&a, ""), "").text("result"), "ok");
}

#[test]
fn ports_that_run_out_are_a_limit_too() {
    let mut proxy =
        Proxy::with(RelayConfig::default().with_ports(15_710..=15_713), NgConfig::at(localhost()));
    let a = phone(PayloadFormat::PCMU);
    assert_eq!(proxy.offer("1", &sdp(&a, ""), "").text("result"), "ok");
    assert_eq!(proxy.offer("2", &sdp(&a, ""), "").text("message"), "no ports left");
    assert_eq!(proxy.service.calls(), 1);
}

#[test]
fn what_was_promised_counts_as_load() {
    let config = RelayConfig::default().with_workers(1).with_max_load(Some(0.02));
    let mut proxy = Proxy::on(MediaSessionController::new(config).unwrap(), NgConfig::at(localhost()));
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("live", &mut a, &mut b, "");
    // A call costs something even before its media has been measured.
    let refused = (0..100).find_map(|call| {
        let answer = proxy.offer(&call.to_string(), &sdp(&a, ""), "");
        (answer.text("result") == "load limit").then_some((call, answer))
    });
    let (offered, answer) = refused.expect("an offer too many");
    assert_eq!(answer.text("message"), "the workers are busy");
    talk(&mut a, &b);
    for call in 0..offered {
        proxy.ask(&[("command", "delete"), ("call-id", &call.to_string())]);
    }
    eventually("room again", || proxy.offer("again", &sdp(&a, ""), "").text("result") == "ok");
}

#[test]
fn a_call_that_falls_silent_is_forgotten() {
    let mut proxy = Proxy::with(
        RelayConfig::default().with_media_timeout(Duration::from_millis(100)),
        NgConfig::at(localhost()),
    );
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("silent", &mut a, &mut b, "");
    assert_eq!(proxy.service.calls(), 1);
    eventually("forgotten", || {
        proxy.service.note_ended(Duration::ZERO);
        proxy.service.calls() == 0
    });
}

#[test]
fn unknown_flags_are_counted_and_ignored() {
    let mut proxy = Proxy::new();
    let a = phone(PayloadFormat::PCMU);
    assert_eq!(proxy.offer("odd", &sdp(&a, ""), "brew-coffee,codec-transcode-G729").text("result"), "ok");
    assert_eq!(proxy.service.metrics().unknown_options(), 2);
}
