//! Calls in which a side protects its media.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::secure::{SecurePeer, key, talk};
use common::{FRAME, PATIENCE, Peer, connect, eventually, relay, stop};
use mc_engine::PayloadFormat;
use mc_relay::{DropReason, LegId, MediaConfig, MediaSessionController, SrtpKeys};
use mc_rtp_pipeline::StreamIdentity;
use mc_srtp::{Inbound, Outbound, Suite};

/// A receiver report.
const REPORT: [u8; 32] = {
    let mut report = [0; 32];
    (report[0], report[1], report[3], report[7]) = (0x81, 201, 7, 9);
    report
};

fn keys(suite: Suite, seed: u8) -> SrtpKeys {
    SrtpKeys::new(key(suite, seed), key(suite, seed + 1))
}

/// A call between a telephone that protects its media and one that does not, which passes RTCP.
fn call(relay: &MediaSessionController, keys: &SrtpKeys) -> (SecurePeer, Peer) {
    let (mut secure, mut plain) = (SecurePeer::at(keys), Peer::new(PayloadFormat::PCMU));
    let media = media(&secure, &plain, keys);
    let info = relay.start_media("secure", media).unwrap();
    secure.peer.relay = Some(info.local_address(LegId::A));
    plain.relay = Some(info.local_address(LegId::B));
    (secure, plain)
}

fn media(secure: &SecurePeer, plain: &Peer, keys: &SrtpKeys) -> MediaConfig {
    let mut legs = [secure.peer.leg().with_srtp(Some(keys.clone())), plain.leg()];
    for leg in &mut legs {
        leg.rtcp_mux = true;
    }
    let [a, b] = legs;
    MediaConfig::new(a, b).with_identity(StreamIdentity::Sender)
}

#[test]
fn one_side_is_protected_and_the_other_is_not() {
    for suite in Suite::ALL {
        let relay = relay();
        let keys = keys(suite, 1);
        let (mut secure, mut plain) = call(&relay, &keys);
        for _ in 0..3 {
            talk(&mut secure, &mut plain);
        }
        let report = secure.sealed(&REPORT);
        secure.peer.send_raw(&report);
        let mut buffer = [0; 100];
        assert_eq!(plain.socket.recv(&mut buffer).unwrap(), REPORT.len());
        assert_eq!(buffer[..REPORT.len()], REPORT);
        plain.send_raw(&REPORT);
        let length = secure.peer.socket.recv(&mut buffer).unwrap();
        assert_eq!(length, REPORT.len() + suite.rtcp_overhead());
        assert_eq!(secure.inbound.unprotect_rtcp(&mut buffer[..length]), Ok(REPORT.len()));
        assert_eq!(buffer[..REPORT.len()], REPORT);
        let metrics = stop(&relay, "secure").metrics;
        for leg in LegId::ALL {
            assert_eq!((metrics.leg(leg).packets_sent, metrics.leg(leg).control_sent), (3, 1));
        }
    }
}

#[test]
fn both_sides_are_protected_each_with_its_own_keys() {
    let relay = relay();
    let both = [keys(Suite::AesCm128HmacSha1_80, 1), keys(Suite::AeadAes256Gcm, 5)];
    let [mut a, mut b] = both.each_ref().map(SecurePeer::at);
    connect(&relay, "secure", [&mut a.peer, &mut b.peer], |legs| {
        legs.iter_mut().zip(both).for_each(|(leg, keys)| leg.srtp = Some(keys));
    });
    a.send(&[1; FRAME]);
    assert_eq!(b.hear(), [1; FRAME]);
    b.send(&[2; FRAME]);
    assert_eq!(a.hear(), [2; FRAME]);
}

#[test]
fn what_the_key_does_not_open_is_counted_and_harms_nobody() {
    let relay = relay();
    let (mut secure, mut plain) = call(&relay, &keys(Suite::AesCm128HmacSha1_32, 1));
    talk(&mut secure, &mut plain);
    let good = secure.send(&[3; FRAME]);
    assert_eq!(plain.hear().payload, [3; FRAME]);
    // The same again, one that is changed, one in the clear, one that is too short, and such RTCP.
    let mut changed = secure.sealed(&plain.packet(&[4; FRAME]));
    changed[40] ^= 1;
    let clear = secure.peer.packet(&[5; FRAME]);
    for datagram in [&*good, &changed, &clear, &clear[..13], &REPORT] {
        secure.peer.send_raw(datagram);
    }
    talk(&mut secure, &mut plain);
    let metrics = stop(&relay, "secure").metrics;
    assert_eq!(metrics.leg(LegId::A).dropped(DropReason::Unauthenticated), 5);
    assert_eq!(metrics.leg(LegId::B).packets_sent, 3);
}

#[test]
fn keys_that_stay_keep_their_place_and_others_begin_anew() {
    let relay = relay();
    let first = keys(Suite::AesCm128HmacSha1_80, 1);
    let (mut secure, mut plain) = call(&relay, &first);
    plain.sequence = u16::MAX;
    for _ in 0..2 {
        plain.send(&[9; FRAME]);
        assert_eq!(secure.hear(), [9; FRAME]);
    }
    let old = secure.send(&[6; FRAME]);
    assert_eq!(plain.hear().payload, [6; FRAME]);
    relay.update_media(&"secure".into(), media(&secure, &plain, &first).with_reports(true)).unwrap();
    secure.peer.send_raw(&old);
    talk(&mut secure, &mut plain);

    // One key changes. The other goes on: the numbers have begun anew once by now.
    let half = SrtpKeys::new(key(Suite::AesCm128HmacSha1_80, 5), first.own.clone());
    relay.update_media(&"secure".into(), media(&secure, &plain, &half)).unwrap();
    secure.outbound = Outbound::new(&half.peer);
    talk(&mut secure, &mut plain);
    let heard = secure.send(&[6; FRAME]);
    assert_eq!(plain.hear().payload, [6; FRAME]);
    let other_half = SrtpKeys::new(half.peer.clone(), key(Suite::AesCm128HmacSha1_80, 6));
    relay.update_media(&"secure".into(), media(&secure, &plain, &other_half)).unwrap();
    secure.inbound = Inbound::new(&other_half.own);
    secure.peer.send_raw(&heard);
    talk(&mut secure, &mut plain);

    let second = keys(Suite::AeadAes128Gcm, 7);
    relay.update_media(&"secure".into(), media(&secure, &plain, &second)).unwrap();
    (secure.outbound, secure.inbound) = (Outbound::new(&second.peer), Inbound::new(&second.own));
    secure.peer.send_raw(&old);
    talk(&mut secure, &mut plain);
    let drops = |relay: &MediaSessionController| {
        relay.call_metrics(&"secure".into()).unwrap().leg(LegId::A).dropped(DropReason::Unauthenticated)
    };
    assert_eq!(drops(&relay), 3);

    // And none at all.
    let mut clear = media(&secure, &plain, &second);
    clear.legs[0].srtp = None;
    relay.update_media(&"secure".into(), clear).unwrap();
    secure.peer.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    eventually("plain RTP both ways", || {
        secure.peer.send(&[8; FRAME]);
        plain.hear().payload == [8; FRAME]
    });
}
