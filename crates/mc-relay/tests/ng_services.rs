//! What proxies ask the relay to do beside carrying a call: record it, play to it.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::sync::Arc;

use common::proxy::{Proxy, phone, sdp};
use common::{FRAME, Peer, talk};
use mc_engine::PayloadFormat;

/// A WAV file: mono, 16-bit PCM at 8 kHz, of these samples.
fn wav(path: &std::path::Path, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|&sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
}

#[test]
fn media_is_played_to_the_side_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tone.wav");
    wav(&file, &[8_031; 2 * FRAME]);
    let file = file.to_str().unwrap();
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("play", &mut a, &mut b, "");
    let play = [("command", "play media"), ("call-id", "play")];
    let answer = proxy.ask(&[&play[..], &[("from-tag", "b"), ("file", file)]].concat());
    assert!(answer.0.contains("8:durationi40e"), "{}", answer.0);
    let code = mc_engine::G711::new(mc_engine::Law::Mu).encode_sample(8_031);
    assert_eq!(talk(&mut a, &b).payload, [code; FRAME], "B hears the file");
    assert_eq!(talk(&mut b, &a).payload, [0x55; FRAME], "A hears B");
    let stop = [("command", "stop media"), ("call-id", "play"), ("from-tag", "b")];
    let stopped = proxy.ask(&stop);
    assert!(stopped.0.contains("14:last-frame-posi160e"), "{}", stopped.0);
    assert!(!proxy.ask(&stop).0.contains("last-frame-pos"), "nothing is played any more");
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    // From the second packet on, then from the first: three packets in all.
    let rest = [("from-tag", "b"), ("file", file), ("start-pos", "160"), ("repeat-duration", "60")];
    assert_eq!(proxy.ask(&[&play[..], &rest].concat()).text("result"), "ok");
    for _ in 0..3 {
        assert_eq!(talk(&mut a, &b).payload, [code; FRAME]);
    }
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    for (rest, reason) in [
        (&[("from-tag", "b")][..], "\"file\""),
        (&[("from-tag", "b"), ("db-id", "7")], "database"),
        (&[("from-tag", "b"), ("file", file), ("start-pos", "-1")], "start-pos"),
        (&[("file", file)], "\"from-tag\""),
        (&[("file", file), ("from-tag", "c")], "tags"),
        (&[("file", "/no/such.wav"), ("flags", "all")], "/no/such.wav"),
        (&[("blob", "RIFF"), ("flags", "all")], "WAV"),
        (&[("file", file), ("from-tag", "a"), ("repeat-times", "often")], "repeat-times"),
    ] {
        let answer = proxy.ask(&[&play[..], rest].concat());
        assert!(answer.text("error-reason").contains(reason), "{}", answer.0);
    }
}

#[test]
fn what_cannot_be_made_here_is_not_played_to() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    let gsm = |peer: &Peer| sdp(peer, "").replace("RTP/AVP 0 101", "RTP/AVP 3 101");
    b.relay = proxy.offer("gsm", &gsm(&a), "").relay();
    a.relay = proxy.answer("gsm", &gsm(&b)).relay();
    let answer = proxy.ask(&[
        ("command", "play media"),
        ("call-id", "gsm"),
        ("from-tag", "a"),
        ("blob", "irrelevant"),
    ]);
    assert!(answer.text("error-reason").contains("G.711"), "{}", answer.0);
}

#[test]
fn calls_are_recorded_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut proxy = Proxy::new();
    let request = |command, call| [("command", command), ("call-id", call)];
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("plain", &mut a, &mut b, "record-call");
    let refused = proxy.ask(&request("start recording", "plain"));
    assert!(refused.text("error-reason").contains("folder"), "{}", refused.0);

    let recorder = Arc::new(mc_relay::Recorder::new(Arc::clone(&proxy.relay), folder.path()).unwrap());
    proxy.service = proxy.service.with_recorder(Arc::clone(&recorder));
    let named = [&request("start recording", "plain")[..], &[("output-destination", "/etc/named")]].concat();
    assert_eq!(proxy.ask(&named).text("result"), "ok");
    talk(&mut a, &b);
    assert_eq!(proxy.ask(&request("stop recording", "plain")).text("result"), "ok");
    let request_as = |method| {
        [
            &request("start recording", "plain")[..],
            &[("output-destination", "seen"), ("recording-method", method)],
        ]
        .concat()
    };
    assert_eq!(proxy.ask(&request_as("pcap")).text("result"), "ok");
    talk(&mut a, &b);
    proxy.ask(&request("stop recording", "plain"));
    assert!(proxy.ask(&request_as("mp3")).text("error-reason").contains("recording-method"));
    // An offer may ask for it.
    let [mut c, mut d] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("asked", &mut c, &mut d, "record-call");
    talk(&mut c, &d);
    proxy.ask(&request("delete", "asked"));
    assert!(proxy.ask(&request("start recording", "asked")).text("error-reason").contains("unknown call-id"));
    drop((proxy, recorder));
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0] == "_etc_named.wav" && names[1].starts_with("asked_0-"), "{names:?}");
    for name in &names[..2] {
        assert_eq!(hound::WavReader::open(folder.path().join(name)).unwrap().duration(), FRAME as u32);
    }
    assert_eq!(names[2], "seen.pcap");
    // The file's head, and a packet behind the heads of its record, IPv4, UDP and RTP.
    let length = std::fs::metadata(folder.path().join("seen.pcap")).unwrap().len();
    assert_eq!(length, 24 + 16 + 20 + 8 + 12 + FRAME as u64);
}

/// Presses a key in the place of A while A talks; what B hears meanwhile, packet by packet.
fn pressed(proxy: &mut Proxy, call: &str, [a, b]: [&mut common::Peer; 2]) -> Vec<common::Heard> {
    let press = [("command", "play DTMF"), ("call-id", call), ("from-tag", "a"), ("volume", "-10")];
    let keys = [("code", "5"), ("duration", "60"), ("pause", "40")];
    assert_eq!(proxy.ask(&[&press[..], &keys].concat()).text("result"), "ok");
    (0..8).map(|_| talk(a, b)).collect()
}

#[test]
fn keys_are_pressed_as_events_where_they_are_known() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("events", &mut a, &mut b, "");
    let before = talk(&mut a, &b);
    let heard = pressed(&mut proxy, "events", [&mut a, &mut b]);
    let payloads: Vec<(u8, &[u8])> =
        heard.iter().map(|heard| (heard.payload_type, &heard.payload[..])).collect();
    let event = |ticks: u16, end: u8| [5, 10 | end, (ticks >> 8) as u8, ticks as u8];
    let expected = [event(160, 0), event(320, 0), event(480, 0x80), event(480, 0x80), event(480, 0x80)];
    for (payload, expected) in payloads.iter().zip(&expected) {
        assert_eq!(*payload, (101, &expected[..]));
    }
    let times: Vec<u32> = heard[..5].iter().map(|heard| heard.timestamp).collect();
    assert_eq!(times, [before.timestamp + 160; 5], "an event has one timestamp");
    assert_eq!(payloads[5], (0, &[0xFF; FRAME][..]), "silence behind it");
    assert_eq!(payloads[6].1, [0xFF; FRAME]);
    assert_eq!(payloads[7], (0, &[0x55; FRAME][..]), "and then it is A again");
    let sequences: Vec<u16> =
        heard.iter().map(|heard| heard.sequence.wrapping_sub(before.sequence)).collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5, 6, 7, 8], "whose numbers they all have");
}

#[test]
fn keys_are_pressed_as_tones_where_no_events_are_known() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    let voice =
        |peer: &common::Peer| sdp(peer, "").replace("0 101\r\na=rtpmap:101 telephone-event/8000", "0");
    b.relay = proxy.offer("tones", &voice(&a), "").relay();
    a.relay = proxy.answer("tones", &voice(&b)).relay();
    let heard = pressed(&mut proxy, "tones", [&mut a, &mut b]);
    assert!(heard.iter().all(|heard| heard.payload_type == 0));
    for (index, heard) in heard.iter().enumerate() {
        let is_silence = heard.payload.iter().all(|code| *code == 0xFF);
        let is_voice = heard.payload == [0x55; FRAME];
        let expected = match index {
            0..3 => (false, false),
            3..5 => (true, false),
            _ => (false, true),
        };
        assert_eq!((is_silence, is_voice), expected, "packet {index}");
    }
}

#[test]
fn keys_are_pressed_for_who_is_silent_and_one_after_the_other() {
    let mut proxy = Proxy::new();
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    proxy.connect("silent", &mut a, &mut b, "");
    talk(&mut a, &b);
    let press = |code| {
        [
            ("command", "play DTMF"),
            ("call-id", "silent"),
            ("from-tag", "a"),
            ("duration", "40"),
            ("pause", "40"),
            ("code", code),
        ]
    };
    proxy.ask(&press("1"));
    proxy.ask(&press("#"));
    let mut events = Vec::new();
    while events.len() < 8 {
        let heard = b.hear();
        if heard.payload_type == 101 {
            events.push(heard.payload[0]);
        }
    }
    assert_eq!(events, [1, 1, 1, 1, 11, 11, 11, 11]);
    for (code, reason) in [("x", "code"), ("", "code")] {
        assert!(proxy.ask(&press(code)).text("error-reason").contains(reason));
    }
    assert!(proxy.ask(&press("1")[..5]).text("error-reason").contains("code"));
}
