//! What proxies ask for in offers and answers, beside ports: packet times, who may answer, what is replaced.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::proxy::{Answer, Proxy, phone, sdp};
use common::{FRAME, Peer, talk};
use mc_engine::PayloadFormat;
use mc_relay::LegId;

fn pcmu() -> [Peer; 2] {
    [PayloadFormat::PCMU; 2].map(phone)
}

/// An answer by one of several telephones.
fn answer_as(proxy: &mut Proxy, call: &str, tag: &str, sdp: &str) -> Answer {
    proxy.ask(&[("command", "answer"), ("call-id", call), ("from-tag", "a"), ("to-tag", tag), ("sdp", sdp)])
}

#[test]
fn packets_are_joined_and_cut_to_the_length_asked_for() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    let offered = proxy.offer("ptime", &sdp(&a, "a=ptime:50\r\n"), "ptime=30");
    assert!(offered.text("sdp").ends_with("a=ptime:30\r\n"), "{}", offered.0);
    b.relay = offered.relay();
    let answered = proxy.answer("ptime", &sdp(&b, "a=ptime:30\r\n"));
    assert!(answered.text("sdp").ends_with("a=ptime:50\r\n"), "{}", answered.0);
    a.relay = answered.relay();
    // 20 ms each to 30 ms each, and 60 ms to 50.
    for _ in 0..3 {
        a.send(&[0x55; FRAME]);
    }
    let [first, second] = [b.hear(), b.hear()];
    assert_eq!((first.sequence, first.timestamp, first.payload.len()), (7, 70_000, 240));
    assert_eq!((second.sequence, second.timestamp, second.payload.len()), (8, 70_240, 240));
    assert_eq!(first.ssrc, u32::from(a.address().port()), "who sends is who sent");
    b.send(&[0x55; 480]);
    assert_eq!(a.hear().payload.len(), 400);
    // The rest of it goes on when the call is changed without touching this.
    proxy.offer("ptime", &sdp(&a, "a=ptime:50\r\n"), "ptime=30");
    proxy.answer("ptime", &sdp(&b, "a=ptime:30\r\n"));
    b.send(&[0x55; 320]);
    let heard = a.hear();
    assert_eq!((heard.sequence, heard.timestamp, heard.payload.len()), (8, 70_400, 400));
    assert_eq!(proxy.relay.media_config(&"ptime/0".into()).unwrap().legs[0].packet_ms, Some(50));
}

#[test]
fn who_sends_from_elsewhere_is_sent_to_where_it_asked_for() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    let mut ear = phone(PayloadFormat::PCMU);
    b.relay = proxy.offer("one way each", &sdp(&ear, ""), "asymmetric").relay();
    a.relay = proxy.answer("one way each", &sdp(&b, "")).relay();
    // At once: nobody waits whether the announced port speaks up.
    talk(&mut a, &b);
    talk(&mut b, &ear);
    talk(&mut a, &b);
    ear.relay = a.relay;
    assert_eq!(talk(&mut b, &ear).payload, [0x55; FRAME]);
}

#[test]
fn of_several_telephones_the_latest_to_answer_is_heard() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    let mut c = phone(PayloadFormat::PCMU);
    let to_called = proxy.offer("fork", &sdp(&a, ""), "").relay();
    (b.relay, c.relay) = (to_called, to_called);
    a.relay = answer_as(&mut proxy, "fork", "b", &sdp(&b, "")).relay();
    talk(&mut b, &a);
    // It rang with an announcement; another one takes the call.
    assert_eq!(answer_as(&mut proxy, "fork", "c", &sdp(&c, "")).relay(), a.relay);
    talk(&mut a, &c);
    talk(&mut c, &a);
    // That the first one is gone ends nothing.
    let delete = |tag| [("command", "delete"), ("call-id", "fork"), ("from-tag", "a"), ("to-tag", tag)];
    assert!(proxy.ask(&delete("b")).text("warning").contains("tags"));
    talk(&mut a, &c);
    // Another telephone takes the place of one in the dialog, and of nobody outside it.
    let mut d = phone(PayloadFormat::PCMU);
    let taken_over = [("command", "offer"), ("call-id", "fork"), ("from-tag", "d"), ("to-tag", "a")];
    let description = sdp(&d, "");
    let offered = proxy.ask(&[&taken_over[..], &[("sdp", &description)]].concat());
    assert_eq!(offered.relay(), a.relay);
    let answer = [("command", "answer"), ("call-id", "fork"), ("from-tag", "d"), ("to-tag", "a")];
    let description = sdp(&a, "");
    d.relay = proxy.ask(&[&answer[..], &[("sdp", &description)]].concat()).relay();
    talk(&mut a, &d);
    talk(&mut d, &a);
    assert_eq!(proxy.ask(&delete("d")).text("result"), "ok");
    assert_eq!(proxy.service.calls(), 0);
}

#[test]
fn who_calls_anew_before_the_answer_has_the_call() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    proxy.offer("anew", &sdp(&phone(PayloadFormat::PCMU), ""), "");
    let offer = [("command", "offer"), ("call-id", "anew"), ("from-tag", "a2"), ("sdp", &sdp(&a, ""))];
    b.relay = proxy.ask(&offer).relay();
    let description = sdp(&b, "");
    let answer = [("command", "answer"), ("call-id", "anew"), ("from-tag", "a2"), ("to-tag", "b")];
    a.relay = proxy.ask(&[&answer[..], &[("sdp", &description)]].concat()).relay();
    talk(&mut a, &b);
    talk(&mut b, &a);
}

#[test]
fn an_offer_that_nobody_answers_is_forgotten_at_last() {
    let mut proxy = Proxy::new();
    let [a, b] = pcmu();
    proxy.offer("rings", &sdp(&a, ""), "");
    proxy.offer("runs", &sdp(&a, ""), "");
    proxy.answer("runs", &sdp(&b, ""));
    proxy.now = Duration::from_secs(3_599);
    proxy.service.note_ended(proxy.now);
    assert_eq!(proxy.service.calls(), 2);
    proxy.now = Duration::from_secs(3_600);
    proxy.service.note_ended(proxy.now);
    assert_eq!((proxy.service.calls(), proxy.relay.dialogs().len()), (1, 1));
}

#[test]
fn the_time_of_a_call_is_a_time() {
    let mut proxy = Proxy::new();
    let [a, _] = pcmu();
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    proxy.offer("when", &sdp(&a, ""), "");
    let told = proxy.ask(&[("command", "query"), ("call-id", "when")]).0;
    let created = told.split("7:createdi").nth(1).unwrap().split('e').next().unwrap();
    assert!((before..=now()).contains(&created.parse().unwrap()), "{created}");
}

#[test]
fn a_description_that_comes_by_again_is_left_alone() {
    let mut proxy = Proxy::new();
    let [a, b] = pcmu();
    let changed = proxy.offer("loop", &sdp(&a, ""), "loop-protect").text("sdp").to_owned();
    assert!(changed.contains("\r\na=rtpengine:"));
    assert_eq!(proxy.offer("loop", &changed, "loop-protect").text("sdp"), changed);
    let of_another = changed.replace("a=rtpengine:", "a=rtpengine:0");
    let again = proxy.offer("loop", &of_another, "loop-protect").text("sdp").to_owned();
    assert_eq!(again.matches("a=rtpengine:").count(), 2, "{again}");
    let answered = proxy.offer("loop", &sdp(&b, ""), "loop-protect").text("sdp").to_owned();
    assert_eq!(proxy.answer("loop", &answered).text("result"), "ok");
}

#[test]
fn the_version_follows_the_changes() {
    let mut proxy = Proxy::new();
    let [a, _] = pcmu();
    let mut version = |sdp: &str| {
        let told = proxy.ask(&[
            ("command", "offer"),
            ("call-id", "version"),
            ("from-tag", "a"),
            ("sdp", sdp),
            ("replace", "SDP-version"),
        ]);
        told.text("sdp").split(' ').nth(2).unwrap().to_owned()
    };
    let description = sdp(&a, "");
    assert_eq!(version(&description), "1");
    assert_eq!(version(&description.replace("o=- 1 1", "o=- 1 5")), "1");
    assert_eq!(version(&description.replace("o=- 1 1", "o=- 1 9").replace("101", "100")), "2");
}

#[test]
fn what_is_blocked_stays_blocked_when_the_call_changes() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    let block = [("command", "block media"), ("call-id", "kept"), ("from-tag", "a")];
    b.relay = proxy.offer("kept", &sdp(&a, ""), "").relay();
    assert_eq!(proxy.ask(&block).text("result"), "ok", "before there is anything to block");
    a.relay = proxy.answer("kept", &sdp(&b, "")).relay();
    assert_ne!(talk(&mut a, &b).payload, [0x55; FRAME]);
    // Another codec is another session.
    b.format = PayloadFormat::PCMA;
    proxy.offer("kept", &sdp(&a, ""), "transcode-PCMA");
    proxy.answer("kept", &sdp(&b, ""));
    let silence = talk(&mut a, &b).payload;
    assert!(silence.iter().all(|code| *code == silence[0]) && silence[0] == 0xD5, "{:x}", silence[0]);
    assert!(proxy.relay.session(&"kept/0".into(), LegId::A).unwrap().is_muted());
}
