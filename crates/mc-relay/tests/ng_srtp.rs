//! Keys in session descriptions: proxies bring together telephones that protect their media and others.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::FRAME;
use common::proxy::{Proxy, phone, sdp};
use common::secure::{SecurePeer, key, talk};
use mc_engine::PayloadFormat;
use mc_srtp::{CryptoAttribute, Inbound, MasterKey, Suite};

const SUITE: Suite = Suite::AesCm128HmacSha1_80;

/// A telephone that sends under `key`, before it knows what it is sent under.
fn secure_phone(key: &MasterKey) -> SecurePeer {
    SecurePeer::new(key, key)
}

/// What it says of itself.
fn secure_sdp(phone: &SecurePeer, tag: u32, key: &MasterKey) -> String {
    let crypto = CryptoAttribute { tag, key: key.clone() };
    sdp(&phone.peer, &format!("a=crypto:{crypto}\r\n")).replace("RTP/AVP", "RTP/SAVP")
}

/// The keys that the relay has written.
fn keys(sdp: &str) -> Vec<CryptoAttribute> {
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a=crypto:"))
        .map(|value| value.parse().unwrap())
        .collect()
}

#[test]
fn who_protects_media_calls_somebody_who_does_not() {
    let mut proxy = Proxy::new();
    let own = key(SUITE, 1);
    let (mut a, mut b) = (secure_phone(&own), phone(PayloadFormat::PCMU));
    let offer = proxy.offer("in", &secure_sdp(&a, 7, &own), "transport-protocol=RTP/AVP");
    b.relay = offer.relay();
    assert!(offer.text("sdp").contains(" RTP/AVP 0 101\r\n") && keys(offer.text("sdp")).is_empty());
    // What a proxy says of the answer's transport is of no use: it is that of the offer.
    let answer = proxy.answer("in", &sdp(&b, ""));
    a.peer.relay = answer.relay();
    let [written] = keys(answer.text("sdp")).try_into().unwrap();
    assert!(answer.text("sdp").contains(" RTP/SAVP 0 101\r\n"));
    assert_eq!((written.tag, written.key.suite()), (7, SUITE));
    assert_ne!(written.key, own);
    a.inbound = Inbound::new(&written.key);
    talk(&mut a, &mut b);

    // Another offer of the same changes no key, and one from the other side begins with the one that is known.
    proxy.offer("in", &secure_sdp(&a, 7, &own), "transport-protocol=RTP/AVP");
    assert_eq!(keys(proxy.answer("in", &sdp(&b, "")).text("sdp")), std::slice::from_ref(&written));
    talk(&mut a, &mut b);
    let back = proxy.ask(&[
        ("command", "offer"),
        ("call-id", "in"),
        ("from-tag", "b"),
        ("to-tag", "a"),
        ("sdp", &sdp(&b, "")),
        ("flags", "transport-protocol=RTP/SAVP"),
    ]);
    let offered = keys(back.text("sdp"));
    assert_eq!(offered[0], CryptoAttribute { tag: 1, key: written.key });
    let answer = proxy.ask(&[
        ("command", "answer"),
        ("call-id", "in"),
        ("from-tag", "b"),
        ("to-tag", "a"),
        ("sdp", &secure_sdp(&a, 1, &own)),
    ]);
    assert!(keys(answer.text("sdp")).is_empty());
    talk(&mut a, &mut b);
}

#[test]
fn who_does_not_protect_media_calls_somebody_who_does() {
    let mut proxy = Proxy::new();
    let own = key(Suite::AeadAes128Gcm, 3);
    let (mut a, mut b) = (phone(PayloadFormat::PCMU), secure_phone(&own));
    let offer = proxy.offer("out", &sdp(&a, ""), "transport-protocol=RTP/SAVP,SDES-no-AEAD_AES_256_GCM");
    b.peer.relay = offer.relay();
    let offered = keys(offer.text("sdp"));
    let suites: Vec<Suite> = offered.iter().map(|attribute| attribute.key.suite()).collect();
    assert_eq!(suites, Suite::ALL[1..]);
    let taken = offered.iter().find(|attribute| attribute.key.suite() == own.suite()).unwrap();
    b.inbound = Inbound::new(&taken.key);
    let answer = proxy.answer("out", &secure_sdp(&b, taken.tag, &own));
    a.relay = answer.relay();
    assert!(answer.text("sdp").contains(" RTP/AVP 0 101\r\n") && keys(answer.text("sdp")).is_empty());
    talk(&mut b, &mut a);
}

#[test]
fn two_who_protect_their_media_hear_each_other() {
    let mut proxy = Proxy::new();
    let [key_a, key_b] = [key(SUITE, 1), key(Suite::AesCm256HmacSha1_32, 2)];
    let [mut a, mut b] = [&key_a, &key_b].map(secure_phone);
    let offer = proxy.offer("both", &secure_sdp(&a, 1, &key_a), "");
    assert!(offer.text("sdp").contains(" RTP/SAVP 0 101\r\n"));
    b.peer.relay = offer.relay();
    let taken = keys(offer.text("sdp")).into_iter().find(|key| key.key.suite() == key_b.suite()).unwrap();
    b.inbound = Inbound::new(&taken.key);
    let answer = proxy.answer("both", &secure_sdp(&b, taken.tag, &key_b));
    a.peer.relay = answer.relay();
    a.inbound = Inbound::new(&keys(answer.text("sdp"))[0].key);
    a.send(&[1; FRAME]);
    assert_eq!(b.hear(), [1; FRAME]);
    b.send(&[2; FRAME]);
    assert_eq!(a.hear(), [2; FRAME]);
}

#[test]
fn what_cannot_be_protected_is_refused_and_never_sent_in_the_clear() {
    let mut proxy = Proxy::new();
    let own = key(SUITE, 1);
    let (a, b) = (secure_phone(&own), phone(PayloadFormat::PCMU));
    let none = sdp(&b, "").replace("RTP/AVP", "RTP/SAVP");
    let unknown = sdp(&b, "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA\r\n").replace("RTP/AVP", "RTP/SAVP");
    for offer in [&none, &unknown] {
        assert!(proxy.offer("none", offer, "").text("error-reason").contains("crypto"));
    }
    let unwanted = proxy.offer("none", &secure_sdp(&a, 1, &own), "SDES-only-AEAD_AES_128_GCM");
    assert!(unwanted.text("error-reason").contains("crypto"));
    assert!(proxy.offer("none", &sdp(&b, ""), "RTP/SAVP,SDES-off").text("error-reason").contains("crypto"));
    assert_eq!(proxy.service.calls(), 0);

    proxy.offer("half", &sdp(&b, ""), "transport-protocol=RTP/SAVP");
    assert!(proxy.answer("half", &sdp(&b, "")).text("error-reason").contains("protected"));
    // A tag that was not offered, and a suite that is not that of its tag.
    for tag in [0, 1, 99] {
        assert!(proxy.answer("half", &secure_sdp(&a, tag, &own)).text("error-reason").contains("crypto"));
    }
    proxy.offer("plain", &sdp(&b, ""), "");
    assert!(proxy.answer("plain", &secure_sdp(&a, 1, &own)).text("error-reason").contains("protected"));
    assert!(proxy.relay.dialogs().is_empty());
}
