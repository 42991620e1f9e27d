//! Requests as Kamailio's and OpenSIPS' modules write them.

#![allow(clippy::unwrap_used)]

use mc_ng::bencode::{Dictionary, Value};
use mc_ng::{AddressFamily, Command, MediaOptions, NgError, Request};

fn words(words: &[&'static str]) -> Value<'static> {
    Value::List(words.iter().map(|word| Value::from(*word)).collect())
}

fn read(parameters: Dictionary<'_>) -> MediaOptions {
    MediaOptions::read(&parameters).unwrap()
}

#[test]
fn a_request_has_cookie_command_and_parameters() {
    let request = Request::read(b"5386_1 d7:call-id3:abc7:command5:offere").unwrap();
    assert_eq!(request.cookie, b"5386_1");
    assert_eq!(request.command(), Ok(Command::Offer));
    assert_eq!(request.text("call-id"), Ok("abc"));
    assert_eq!(request.text("from-tag"), Err(NgError::Missing("from-tag")));
}

#[test]
fn what_is_no_request_says_why() {
    for datagram in [&b""[..], b" d1:a1:be", b"cookie", b"cookie i1e"] {
        assert_eq!(Request::read(datagram), Err(NgError::Frame), "{datagram:?}");
    }
    assert!(matches!(Request::read(b"c d7:comm"), Err(NgError::Bencode(_))));
    let request = Request::read(b"c d7:command5:dancee").unwrap();
    assert_eq!(request.command().unwrap_err().to_string(), "unknown command \"dance\"");
    let request = Request::read(b"c d7:call-idi7e7:command4:pinge").unwrap();
    assert_eq!(request.text("call-id").unwrap_err().to_string(), "\"call-id\" must be text");
    // A cookie without end is not searched for its end.
    assert_eq!(Request::split(&[b'c'; 5_000]), None);
}

#[test]
fn every_command_is_known_by_its_name() {
    for command in Command::ALL {
        assert_eq!(Command::named(command.name()), Some(command));
    }
}

#[test]
fn what_proxies_send_by_default_is_understood() {
    let options = read(
        Dictionary::default()
            .with("command", "offer")
            .with("call-id", "x")
            .with("from-tag", "f")
            .with("ICE", "remove")
            .with("flags", words(&["trust-address", "symmetric", "strict-source"]))
            .with("replace", words(&["origin", "session-connection"]))
            .with("transport-protocol", "RTP/AVP")
            .with("rtcp-mux", words(&["demux"]))
            .with("address-family", "IP6")
            .with("received-from", words(&["IP4", "192.0.2.9"]))
            .with("TOS", 184)
            .with("delete-delay", "0"),
    );
    assert_eq!(options.unknown, [""; 0]);
    assert!(options.replace.origin && options.replace.session_connection && options.strict_source);
    assert!(options.rtcp_mux.demux && !options.rtcp_mux.offer);
    assert_eq!(options.transport.as_deref(), Some("RTP/AVP"));
    assert_eq!(options.address_family, Some(AddressFamily::V6));
    assert_eq!(options.received_from, "192.0.2.9".parse().ok());
    assert_eq!((options.tos, options.delete_delay_s), (Some(184), Some(0)));
}

#[test]
fn a_wish_reads_the_same_in_each_of_its_forms() {
    let as_keys = Dictionary::default()
        .with("codec", Dictionary::default().with("strip", words(&["opus"])).with("transcode", "PCMA"))
        .with("replace", words(&["origin"]))
        .with("transport-protocol", "RTP/AVP");
    let as_words = Dictionary::default().with(
        "flags",
        words(&["codec-strip-opus", "transcode-PCMA", "replace-origin", "transport-protocol=RTP/AVP"]),
    );
    assert_eq!(read(as_keys.clone()), read(as_words));
    assert!(!read(as_keys).codecs.is_empty());
}

#[test]
fn wishes_about_the_media_are_read() {
    let options = read(Dictionary::default().with("flags", words(&["generate RTCP", "label=desk"])));
    assert!(options.generate_rtcp && options.codecs.is_empty());
    assert_eq!(options.label.as_deref(), Some("desk"));
    assert!(!read(Dictionary::default().with("flags", words(&["always-transcode"]))).codecs.is_empty());
}

#[test]
fn unknown_words_are_kept_and_do_no_harm() {
    let options = read(
        Dictionary::default()
            .with("flags", words(&["brew-coffee", "codec-boil-PCMA", "strict-source", "replace-teapot"]))
            .with("ICE", "force")
            .with("shape", 7),
    );
    assert!(options.strict_source);
    assert_eq!(options.unknown, ["brew-coffee", "codec-boil-PCMA", "replace-teapot", "ICE=force", "shape=7"]);
}

#[test]
fn a_value_of_the_wrong_kind_is_named() {
    for (parameters, key) in [
        (Dictionary::default().with("TOS", 256), "TOS"),
        (Dictionary::default().with("media-address", "here"), "media-address"),
        (Dictionary::default().with("codec", "PCMA"), "codec"),
        (Dictionary::default().with("delete-delay", -1), "delete-delay"),
    ] {
        let error = MediaOptions::read(&parameters).unwrap_err().to_string();
        assert!(error.contains(&format!("\"{key}\"")), "{error}");
    }
}

#[test]
fn what_is_written_anew_and_how_long_packets_last_is_understood() {
    let options = read(
        Dictionary::default()
            .with("replace", words(&["SDP version", "username", "session-name", "zero-address"]))
            .with("flags", words(&["ptime=30", "single codec", "no-rtcp-attribute", "loop-protect"]))
            .with("ptime-reverse", 40),
    );
    let replace = options.replace;
    assert!(replace.version && replace.username && replace.session_name && replace.zero_address);
    assert!(!replace.origin && !replace.force_version);
    assert_eq!((options.ptime_ms, options.ptime_reverse_ms), (Some(30), Some(40)));
    assert!(options.single_codec && options.no_rtcp_attribute && options.loop_protect);
    assert!(options.unknown.is_empty(), "{:?}", options.unknown);
    // A length that cannot be made is no reason to refuse the call.
    assert_eq!(read(Dictionary::default().with("ptime", 100)).unknown, ["ptime=100"]);
    assert!(
        read(Dictionary::default().with("flags", words(&["force-increment-sdp-ver"]))).replace.force_version
    );
}
