//! Offers and answers, read, brought together and rewritten.

#![allow(clippy::unwrap_used)]

use mc_ng::sdp::{self, Direction, Format, MediaStream, RelayPorts, Rewrite, StreamChange, agree};
use mc_ng::{CodecRules, MediaOptions};

const PORTS: RelayPorts = RelayPorts { rtp: 30_000, rtcp: 30_001, shared: false };

const fn change(formats: Option<&[Format]>) -> StreamChange<'_> {
    StreamChange { ports: PORTS, protocol: "RTP/AVP", formats, ptime_ms: Some(20), hold: None, crypto: &[] }
}

fn rewrite(address: &str, ask: impl FnOnce(&mut MediaOptions)) -> Rewrite {
    let mut options = MediaOptions::default();
    ask(&mut options);
    Rewrite::as_asked(address.parse().unwrap(), &options)
}

const PHONE: &str = "v=0\r\no=alice 1 2 IN IP4 192.0.2.1\r\ns=call\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
    a=group:BUNDLE 0\r\n\
    m=audio 4000 RTP/AVP 96 0 8 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
    a=fmtp:101 0-15\r\na=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\na=ptime:20\r\n\
    m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n";

fn audio(formats: &str, attributes: &str) -> MediaStream {
    let text = format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n\
         m=audio 5000 RTP/AVP {formats}\r\n{attributes}"
    );
    sdp::streams(&sdp::read(&text).unwrap(), None).remove(0)
}

fn rules(rules: &[(&str, &str)]) -> CodecRules {
    let mut all = CodecRules::default();
    for (rule, name) in rules {
        assert!(all.add(rule, name));
    }
    all
}

fn numbers(formats: &[sdp::Format]) -> Vec<u8> {
    formats.iter().map(|format| format.payload_type).collect()
}

#[test]
fn a_description_says_where_and_what() {
    let session = sdp::read(PHONE).unwrap();
    let [audio, video] = sdp::streams(&session, None).try_into().unwrap();
    assert_eq!((audio.kind.as_str(), audio.rtp), ("audio", "192.0.2.1:4000".parse().ok()));
    assert_eq!(audio.rtcp, "192.0.2.1:4001".parse().ok());
    assert_eq!(numbers(&audio.formats), [96, 0, 8, 101]);
    assert_eq!(audio.formats[0].rtpmap(), "96 opus/48000/2");
    assert_eq!((audio.ptime_ms, audio.direction), (Some(20), Direction::SendReceive));
    assert!(!audio.formats[3].is_voice());
    assert!(video.is_rejected && video.rtp.is_none());
    // The address that the SIP message came from takes the place of the stated one.
    let trusted = sdp::streams(&session, "203.0.113.9".parse().ok());
    assert_eq!(trusted[0].rtp, "203.0.113.9:4000".parse().ok());
}

#[test]
fn holding_is_understood_in_both_ways() {
    assert_eq!(audio("0", "a=sendonly\r\n").direction, Direction::SendOnly);
    assert_eq!(audio("0", "a=inactive\r\n").direction, Direction::Inactive);
    let old = audio("0", "c=IN IP4 0.0.0.0\r\n");
    assert_eq!((old.direction, old.rtp), (Direction::SendOnly, None));
    assert_eq!(audio("0", "c=IN IP4 0.0.0.0\r\na=recvonly\r\n").direction, Direction::Inactive);
}

#[test]
fn who_is_held_is_told_so_in_both_ways() {
    let held =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n";
    let rewritten = |text: &str, zero_address: bool| {
        let mut session = sdp::read(text).unwrap();
        let stream = sdp::streams(&session, None).remove(0);
        assert!(stream.is_zero_address && stream.ptime_ms.is_none());
        let rewrite = rewrite("2001:db8::5", |options| options.replace.zero_address = zero_address);
        let hold = Some(stream.direction);
        let change = StreamChange { ptime_ms: Some(30), hold, ..change(None) };
        rewrite.stream(&mut session.medias[0], &change).unwrap();
        rewrite.session(&mut session);
        sdp::write_like(&session, text).unwrap()
    };
    let stream = "m=audio 30000 RTP/AVP 0\r\na=sendonly\r\na=rtcp:30001\r\na=ptime:30\r\n";
    let begin = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
    assert_eq!(rewritten(held, false), format!("{begin}c=IN IP6 ::\r\n{stream}"));
    assert_eq!(rewritten(held, true), format!("{begin}c=IN IP6 2001:db8::5\r\n{stream}"));
    let own = held.replace(
        "c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n",
        "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n",
    );
    assert!(rewritten(&own, false).contains("RTP/AVP 0\r\nc=IN IP6 ::\r\na=sendonly\r\n"));
}

#[test]
fn of_a_stream_that_is_turned_off_little_is_left() {
    let text = PHONE.replace("RTP/AVP 97\r\n", "RTP/AVP 97\r\nc=IN IP4 192.0.2.66\r\na=mid:v\r\n");
    let mut session = sdp::read(&text).unwrap();
    let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
    rewrite.stream(&mut session.medias[0], &change(None)).unwrap();
    sdp::turn_off(&mut session.medias[1]);
    rewrite.session(&mut session);
    let text = sdp::write(&session).unwrap();
    assert!(text.ends_with("m=video 0 RTP/AVP 97\r\nc=IN IP4 198.51.100.1\r\na=mid:v\r\n"), "{text}");
}

#[test]
fn what_is_not_wanted_is_left_out() {
    let text = PHONE.replace("a=ptime:20", "a=extmap:1 urn:x\r\na=ptime:20");
    let mut session = sdp::read(&text).unwrap();
    let rewrite = rewrite("198.51.100.1", |options| {
        options.no_rtcp_attribute = true;
        options.strip_extensions = true;
    });
    rewrite.stream(&mut session.medias[0], &StreamChange { ptime_ms: None, ..change(None) }).unwrap();
    let text = sdp::write(&session).unwrap();
    for gone in ["a=rtcp:", "extmap", "ptime"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
}

#[test]
fn rtcp_has_its_own_port_or_shares_one() {
    assert_eq!(audio("0", "a=rtcp:5555\r\n").rtcp, "192.0.2.2:5555".parse().ok());
    let shared = audio("0", "a=rtcp-mux\r\n");
    assert!(shared.rtcp_mux);
    assert_eq!(audio("0", "").rtcp, "192.0.2.2:5001".parse().ok());
}

#[test]
fn what_is_no_description_is_refused() {
    for text in
        ["", "hello", "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\n", "m=audio 0 RTP/AVP 0\r\n"]
    {
        assert!(sdp::read(text).is_err(), "{text:?}");
    }
}

#[test]
fn numbers_without_a_meaning_are_passed_on() {
    let stream = audio("0 77 300 x", "");
    assert_eq!(numbers(&stream.formats), [0, 77]);
    assert_eq!(stream.formats[1].encoding, "");
}

#[test]
fn the_relay_takes_the_place_of_the_peer() {
    let mut session = sdp::read(PHONE).unwrap();
    let rewrite = rewrite("2001:db8::5", |options| options.replace.origin = true);
    rewrite.stream(&mut session.medias[0], &change(None)).unwrap();
    sdp::turn_off(&mut session.medias[1]);
    rewrite.session(&mut session);
    let text = sdp::write(&session).unwrap();
    assert!(text.contains("o=alice 1 2 IN IP6 2001:db8::5\r\n"), "{text}");
    assert!(text.contains("c=IN IP6 2001:db8::5\r\n") && text.contains("a=rtcp:30001\r\n"), "{text}");
    assert!(
        text.contains("m=audio 30000 RTP/AVP 96 0 8 101\r\n") && text.contains("a=ptime:20\r\n"),
        "{text}"
    );
    for gone in ["192.0.2.1", "candidate", "BUNDLE"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    // What it says now is what a peer reads.
    let streams = sdp::streams(&sdp::read(&text).unwrap(), None);
    assert_eq!(streams[0].rtp, "[2001:db8::5]:30000".parse().ok());
    assert!(streams[1].is_rejected);
}

#[test]
fn attributes_come_in_the_order_that_telephones_know() {
    let text = PHONE.replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n").replace("101\r\n", "101\r\na=mid:0\r\n");
    let mut session = sdp::read(&text).unwrap();
    let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
    let kept = sdp::streams(&session, None).remove(0).formats.split_off(1);
    let ports = RelayPorts { shared: true, ..PORTS };
    rewrite.stream(&mut session.medias[0], &StreamChange { ports, ..change(Some(&kept)) }).unwrap();
    rewrite.session(&mut session);
    let text = sdp::write(&session).unwrap();
    let stream = "m=audio 30000 RTP/AVP 0 8 101\r\na=mid:0\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendonly\r\na=rtcp:30001\r\na=rtcp-mux\r\n\
        a=ptime:20\r\n";
    assert!(text.contains(stream), "{text}");
    assert_eq!(text.matches("a=sendonly").count(), 1, "stated by the stream, not once more for all: {text}");
}

#[test]
fn an_address_of_one_stream_goes_too() {
    let text = PHONE.replace("a=ptime:20", "c=IN IP4 192.0.2.66\r\na=ptime:20");
    let mut session = sdp::read(&text).unwrap();
    assert_eq!(sdp::streams(&session, None)[0].rtp, "192.0.2.66:4000".parse().ok());
    let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
    rewrite.stream(&mut session.medias[0], &change(None)).unwrap();
    rewrite.session(&mut session);
    assert!(!sdp::write(&session).unwrap().contains("192.0.2.66"));
}

#[test]
fn a_shared_port_is_said_so() {
    let mut session = sdp::read(PHONE).unwrap();
    let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
    let ports = RelayPorts { shared: true, ..PORTS };
    rewrite.stream(&mut session.medias[0], &StreamChange { ports, ..change(None) }).unwrap();
    let stream = sdp::streams(&session, "198.51.100.1".parse().ok()).remove(0);
    assert!(stream.rtcp_mux);
    assert_eq!(stream.rtcp, "198.51.100.1:30001".parse().ok(), "for a peer that cannot share");
}

#[test]
fn rtp_is_stated_and_nothing_else() {
    let mut session = sdp::read(PHONE).unwrap();
    let mut over = |protocol| {
        let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
        let stated = rewrite.stream(&mut session.medias[0], &StreamChange { protocol, ..change(None) });
        stated.map(|()| session.medias[0].proto.clone()).map_err(|error| error.to_string())
    };
    for protocol in ["RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"] {
        assert_eq!(over(protocol), Ok(protocol.to_owned()));
    }
    assert!(over("UDP/TLS/RTP/SAVPF").is_err_and(|error| error.contains("UDP/TLS/RTP/SAVPF")));
}

#[test]
fn keys_are_read_and_written_anew() {
    let secure =
        "a=crypto:1 AEAD_AES_128_GCM inline:one\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:two\r\n";
    let mut session = sdp::read(&PHONE.replace("a=ptime:20\r\n", secure)).unwrap();
    let stream = sdp::streams(&session, None).remove(0);
    assert_eq!(stream.crypto, ["1 AEAD_AES_128_GCM inline:one", "2 AES_CM_128_HMAC_SHA1_80 inline:two"]);
    let crypto = ["1 AES_CM_128_HMAC_SHA1_80 inline:ours".to_owned()];
    let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
    let change = StreamChange { protocol: "RTP/SAVP", crypto: &crypto, ..change(None) };
    rewrite.stream(&mut session.medias[0], &change).unwrap();
    rewrite.session(&mut session);
    let text = sdp::write(&session).unwrap();
    let keys = "m=audio 30000 RTP/SAVP 96 0 8 101\r\n";
    assert!(
        text.contains(keys)
            && text
                .contains("a=rtcp:30001\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:ours\r\na=ptime:20\r\n"),
        "{text}"
    );
    assert!(!text.contains("inline:one") && !text.contains("inline:two"));
}

#[test]
fn rules_take_codecs_out_and_put_them_in() {
    let offered =
        audio("96 0 101", "a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n").formats;
    let apply = |list: &[(&str, &str)]| {
        let (formats, unable) = rules(list).apply(&offered);
        (numbers(&formats), unable)
    };
    let none = Vec::<String>::new();
    assert_eq!(apply(&[]), (vec![96, 0, 101], none.clone()));
    assert_eq!(apply(&[("strip", "OPUS")]), (vec![0, 101], none.clone()));
    assert_eq!(apply(&[("strip", "opus/16000")]), (vec![96, 0, 101], none.clone()));
    assert_eq!(apply(&[("mask", "all"), ("transcode", "PCMA")]), (vec![8, 101], none.clone()));
    assert_eq!(apply(&[("strip", "all"), ("offer", "PCMU")]), (vec![0, 101], none.clone()));
    assert_eq!(apply(&[("transcode", "PCMU")]), (vec![96, 0, 101], none.clone()));
    assert_eq!(apply(&[("transcode", "PCMA")]), (vec![96, 0, 8, 101], none.clone()));
    assert_eq!(apply(&[("consume", "PCMU")]), (vec![96, 101], none.clone()));
    assert_eq!(apply(&[("accept", "PCMU")]), (vec![96, 0, 101], none.clone()));
    let everything = [("strip", "all"), ("strip", "telephone-event")];
    assert_eq!(apply(&everything), (vec![96, 0, 101], none), "a list of nothing is no list");
    assert_eq!(apply(&[("transcode", "G722")]), (vec![96, 0, 101], vec!["G722".to_owned()]));
    assert!(!CodecRules::default().add("boil", "PCMU") && !CodecRules::default().add("strip", ""));
}

#[test]
fn the_formats_of_an_offer_are_replaced_with_all_that_is_said_of_them() {
    let mut session = sdp::read(PHONE).unwrap();
    let offered = sdp::streams(&session, None).remove(0).formats;
    let (formats, _) =
        rules(&[("strip", "opus"), ("strip", "PCMA"), ("strip", "PCMU"), ("transcode", "PCMA")])
            .apply(&offered);
    let rewrite = Rewrite::to("198.51.100.1".parse().unwrap());
    rewrite.stream(&mut session.medias[0], &change(Some(&formats))).unwrap();
    let text = sdp::write(&session).unwrap();
    assert!(
        text.contains("m=audio 30000 RTP/AVP 8 101\r\n") && text.contains("a=rtpmap:8 PCMA/8000\r\n"),
        "{text}"
    );
    assert!(
        text.contains("a=fmtp:101 0-15\r\n") && !text.contains("opus") && !text.contains("fmtp:96"),
        "{text}"
    );
}

#[test]
fn shared_codecs_are_passed_on() {
    let events = "a=rtpmap:101 telephone-event/8000\r\n";
    let agreement =
        agree(&audio("8 0 101", events), &audio("0 101", events), &CodecRules::default()).unwrap();
    assert_eq!(agreement.transcoding, None);
    assert_eq!(numbers(&agreement.answer), [0, 101]);
    // Also codecs that nobody here can decode.
    let opus = "a=rtpmap:96 opus/48000/2\r\n";
    assert_eq!(
        agree(&audio("96", opus), &audio("96", opus), &CodecRules::default()).unwrap().transcoding,
        None
    );
}

#[test]
fn the_two_forms_of_g711_are_transcoded() {
    let events = "a=rtpmap:101 telephone-event/8000\r\n";
    let wish = rules(&[("mask", "PCMU"), ("transcode", "PCMA")]);
    let agreement = agree(&audio("0 101", events), &audio("8 101", events), &wish).unwrap();
    let [offerer, answerer] = agreement.transcoding.unwrap();
    assert!(offerer.is_pcmu() && answerer.is_pcma());
    assert_eq!(numbers(&agreement.answer), [0, 101]);
}

#[test]
fn each_side_may_have_what_it_likes_best() {
    let mut wish = CodecRules::default();
    let agreed = |offered, answered, wish: &CodecRules| {
        agree(&audio(offered, ""), &audio(answered, ""), wish).unwrap()
    };
    assert_eq!(agreed("0 8", "8 0", &wish).transcoding, None);
    wish.transcode_always();
    let agreement = agreed("0 8", "8 0", &wish);
    let [offerer, answerer] = agreement.transcoding.unwrap();
    assert!(offerer.is_pcmu() && answerer.is_pcma());
    assert_eq!(numbers(&agreement.answer), [0]);
    // The same, or nothing that can be made here: then there is nothing to transcode.
    assert_eq!(agreed("8 0", "8", &wish).transcoding, None);
    assert_eq!(agreed("0 18", "18", &wish).transcoding, None);
}

#[test]
fn a_codec_that_is_accepted_or_consumed_is_answered() {
    for rule in ["accept", "consume"] {
        let agreement = agree(&audio("0 8", ""), &audio("8", ""), &rules(&[(rule, "PCMU")])).unwrap();
        assert!(agreement.transcoding.is_some_and(|[offerer, _]| offerer.is_pcmu()));
        assert_eq!(numbers(&agreement.answer), [0]);
    }
    assert_eq!(
        agree(&audio("0 8", ""), &audio("8", ""), &rules(&[("mask", "PCMU")])).unwrap().transcoding,
        None
    );
}

#[test]
fn an_answer_may_be_cut_to_one_voice() {
    let events = "a=rtpmap:101 telephone-event/8000\r\n";
    let both = agree(&audio("0 8 101", events), &audio("8 0 101", events), &CodecRules::default()).unwrap();
    assert_eq!(numbers(&both.with_single_voice().answer), [8, 101]);
}

#[test]
fn what_cannot_be_brought_together_is_said() {
    let opus = "a=rtpmap:96 opus/48000/2\r\n";
    assert_eq!(agree(&audio("0", ""), &audio("96", opus), &CodecRules::default()), None);
    assert_eq!(agree(&audio("96", opus), &audio("8", ""), &CodecRules::default()), None);
    // A stripped codec may not come back, neither by way of transcoding nor because it was answered.
    let stripped = agree(&audio("0 8", ""), &audio("0", ""), &rules(&[("strip", "PCMU")])).unwrap();
    assert!(stripped.transcoding.unwrap()[0].is_pcma());
    assert_eq!(agree(&audio("0 96", opus), &audio("8", ""), &rules(&[("strip", "PCMU")])), None);
    // Unless nothing would have been offered at all.
    assert!(agree(&audio("0", ""), &audio("0", ""), &rules(&[("strip", "PCMU")])).is_some());
}
