//! What proxies ask of a call that runs: its figures, its end, its keys, its marks.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::time::Duration;

use common::proxy::{Proxy, phone, sdp};
use common::time::Time;
use common::{FRAME, eventually, localhost, talk};
use mc_engine::PayloadFormat;
use mc_relay::{LegId, NgConfig, RelayConfig};

fn pcmu() -> [common::Peer; 2] {
    [PayloadFormat::PCMU; 2].map(phone)
}

#[test]
fn figures_are_told_by_side_and_by_source() {
    let often = RelayConfig::default()
        .with_review_interval(Duration::from_millis(100))
        .with_media_timeout(Duration::from_secs(2));
    let mut proxy = Proxy::with(often, NgConfig::at(localhost()));
    let [mut a, mut b] = pcmu();
    proxy.connect("told", &mut a, &mut b, "label=desk");
    let mut query = String::new();
    eventually("the score that it has", || {
        talk(&mut a, &b);
        query = proxy.ask(&[("command", "query"), ("call-id", "told")]).0;
        let stream = proxy.relay.call_metrics(&"told/0".into()).unwrap().leg(LegId::A).stream;
        let tenths = stream.scores.mean().map(|mean| (mean * 10.0).round());
        let jitter = stream.jitter.as_millis();
        tenths.is_some_and(|tenths| {
            query.contains(&format!("11:average MOSd3:MOSi{tenths}e6:jitteri{jitter}e"))
        })
    });
    let ssrc = a.address().port().to_string();
    assert!(query.contains(&format!("{}:{ssrc}d", ssrc.len())), "the source of A is among {query}");
    assert!(query.contains(&format!("4:SSRCi{ssrc}e")), "A's stream is its source's: {query}");
    assert!(query.contains("5:label4:desk") && query.contains("16:in dialogue with1:b"), "{query}");
    assert!(query.contains("15:cumulative lossi0e"));
    eventually("people are content", || {
        talk(&mut a, &b);
        proxy.ask(&[("command", "statistics")]).0.contains("9:satisfiedi1e")
    });
    // The same is told when the call ends.
    let deleted = proxy.ask(&[("command", "delete"), ("call-id", "told"), ("from-tag", "a")]).0;
    assert!(deleted.contains("11:average MOSd") && deleted.contains("5:label4:desk"), "{deleted}");
}

#[test]
fn a_call_may_end_after_a_while_and_be_taken_up_again() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    proxy.connect("late", &mut a, &mut b, "");
    let delete = [("command", "delete"), ("call-id", "late"), ("from-tag", "a"), ("delete-delay", "30")];
    assert_eq!(proxy.ask(&delete).text("result"), "ok");
    proxy.now = Duration::from_secs(29);
    proxy.service.note_ended(proxy.now);
    talk(&mut a, &b);
    // An offer takes it up again; nobody ends it then.
    proxy.offer("late", &sdp(&a, ""), "");
    proxy.now = Duration::from_secs(31);
    proxy.service.note_ended(proxy.now);
    assert_eq!(proxy.service.calls(), 1);
    talk(&mut a, &b);

    assert_eq!(proxy.ask(&delete).text("result"), "ok");
    proxy.now = Duration::from_secs(61);
    assert_eq!(proxy.ask(&[("command", "ping")]).text("result"), "pong");
    assert_eq!((proxy.service.calls(), proxy.relay.dialogs().len()), (0, 0));
}

#[test]
fn keys_of_one_side_are_blocked_by_its_label() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    proxy.connect("keys", &mut a, &mut b, "label=desk");
    /// A key and audio behind it; what is heard first.
    fn press(a: &mut common::Peer, b: &common::Peer) -> u8 {
        a.format.payload_type = 101;
        a.send(&[5, 10, 0, 160]);
        a.format.payload_type = 0;
        talk(a, b).payload_type
    }
    assert_eq!(press(&mut a, &b), 101);
    assert_eq!(b.hear().payload_type, 0);
    let label = |command| [("command", command), ("call-id", "keys"), ("label", "desk")];
    assert_eq!(proxy.ask(&label("block DTMF")).text("result"), "ok");
    assert_eq!(press(&mut a, &b), 0);
    assert_eq!(proxy.ask(&label("unblock DTMF")).text("result"), "ok");
    assert_eq!(press(&mut a, &b), 101);
    let nobody = [("command", "block DTMF"), ("call-id", "keys"), ("label", "attic")];
    assert_eq!(proxy.ask(&nobody).text("result"), "error");
    let stranger = [("command", "block media"), ("call-id", "keys"), ("from-tag", "zzz")];
    assert_eq!(proxy.ask(&stranger).text("result"), "error");
}

#[test]
fn what_was_wished_for_reaches_the_call() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    let marked = [("command", "offer"), ("call-id", "wishes"), ("from-tag", "a"), ("TOS", "184")];
    let description = sdp(&a, "");
    let offer: Vec<_> =
        marked.into_iter().chain([("sdp", description.as_str()), ("flags", "generate-RTCP")]).collect();
    b.relay = proxy.ask(&offer).relay();
    a.relay = proxy.answer("wishes", &sdp(&b, "").replace("101", "96")).relay();
    let media = proxy.relay.media_config(&"wishes/0".into()).unwrap();
    assert_eq!((media.tos, media.reports), (184, true));
    // Each presses keys under the number that the other has asked for.
    let keys = media.legs.map(|leg| leg.telephone_event);
    assert_eq!(keys, [Some(96), Some(101)]);
    talk(&mut a, &b);
}

#[test]
fn each_side_is_given_what_it_likes_best() {
    let mut proxy = Proxy::new();
    let (mut a, mut b) = (phone(PayloadFormat::PCMU), phone(PayloadFormat::PCMA));
    let both = |peer: &common::Peer, formats: &str| {
        let own = format!("{} 101", peer.format.payload_type);
        sdp(peer, "").replace(&own, formats)
    };
    b.relay = proxy.offer("best", &both(&a, "0 8 101"), "always-transcode").relay();
    a.relay = proxy.answer("best", &both(&b, "8 0 101")).relay();
    let heard = talk(&mut a, &b);
    assert_eq!(heard.payload_type, 8);
    assert_ne!(heard.payload, [0x55; FRAME]);
    assert_eq!(talk(&mut b, &a).payload_type, 0);
    assert_eq!(proxy.relay.media_config(&"best/0".into()).unwrap().legs[LegId::B.index()].clock_rate, 8_000);
}

#[test]
fn no_call_takes_more_than_its_share_of_the_ports() {
    let mut proxy = Proxy::with(RelayConfig::default(), NgConfig::at(localhost()).with_max_streams(2));
    let [a, _] = pcmu();
    let with = |more: usize| sdp(&a, &"m=audio 5000 RTP/AVP 0\r\n".repeat(more));
    assert_eq!(proxy.offer("modest", &with(1), "").text("result"), "ok");
    let refused = proxy.offer("greedy", &with(2), "");
    assert_eq!(refused.text("error-reason"), "more than 2 streams in one call");
    // A call that runs is not lost by it.
    assert_eq!(proxy.offer("modest", &with(2), "").text("result"), "error");
    assert_eq!((proxy.service.calls(), proxy.relay.global_metrics().port_pairs_taken), (1, 4));
}

#[test]
fn a_stream_is_rated_by_its_codec_and_by_its_next_one() {
    let time = Time::starting_at(Duration::from_secs(100));
    let mut proxy = Proxy::with(RelayConfig::default().with_clock(time.clock()), NgConfig::at(localhost()));
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    // ITU-T G.113 Appendix I: nothing, 11 and 15 off 93.2; and what is not known costs nothing.
    for (payload_type, mos) in [(0, 4.41), (18, 4.10), (4, 3.95), (3, 4.41)] {
        (a.format.payload_type, b.format.payload_type) = (payload_type, payload_type);
        proxy.connect("rated", &mut a, &mut b, "");
        // More than five seconds.
        for _ in 0..260 {
            talk(&mut a, &b);
            time.pass(&proxy.relay, Duration::from_millis(20));
        }
        let metrics = proxy.relay.call_metrics(&"rated/0".into()).unwrap();
        assert_eq!(metrics.leg(LegId::A).stream.mos, Some(mos), "payload type {payload_type}");
    }
}

#[test]
fn a_list_is_as_long_as_asked_for() {
    let mut proxy = Proxy::new();
    let a = phone(PayloadFormat::PCMU);
    for call in ["one", "two", "three"] {
        proxy.offer(call, &sdp(&a, ""), "");
    }
    for (limit, expected) in [("", 3), ("5:limiti2e", 2), ("5:limiti0e", 0), ("5:limiti9e", 3)] {
        let request = format!("{expected}{} d7:command4:list{limit}e", limit.len());
        let answer = proxy.service.handle(request.as_bytes(), Duration::ZERO).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let listed = ["3:one", "3:two", "5:three"].iter().filter(|call| answer.contains(**call)).count();
        assert_eq!(listed, expected, "{answer}");
    }
}

#[test]
fn a_line_that_is_turned_off_ends_and_gives_its_ports_back() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = pcmu();
    proxy.connect("off", &mut a, &mut b, "");
    talk(&mut a, &b);
    assert_eq!(proxy.relay.global_metrics().port_pairs_taken, 2);
    let off = sdp(&a, "").replace(&format!("m=audio {}", a.address().port()), "m=audio 0");
    let answer = proxy.offer("off", &off, "");
    assert!(answer.text("sdp").contains("m=audio 0 "), "{}", answer.0);
    let metrics = proxy.relay.global_metrics();
    assert_eq!((metrics.active_calls, metrics.stopped_calls, metrics.port_pairs_taken), (0, 1, 0));
}
