//! Calls whose media is agreed on late, and changes while they run.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{FRAME, Peer, assert_accounted_for, relay, relay_with, stop, talk};
use mc_engine::PayloadFormat;
use mc_relay::{LegId, MediaConfig, RelayConfig, RelayError};
use mc_rtp_pipeline::{PayloadTypes, StreamIdentity};

fn pcmu() -> Peer {
    Peer::new(PayloadFormat::PCMU)
}

/// What mu-law 0x55 is in A-law.
fn transcoded(peer: &mut Peer, to: &Peer) -> (u8, bool) {
    let heard = talk(peer, to);
    (heard.payload_type, heard.payload != [0x55; FRAME])
}

#[test]
fn a_reserved_call_takes_its_ports_and_starts_when_told() {
    let relay = relay_with(RelayConfig::default().with_workers(1).with_ports(15_400..=15_403));
    let reservation = relay.reserve([None, None]).unwrap();
    let (mut a, mut b) = (pcmu(), pcmu());
    a.relay = Some(reservation.local_address(LegId::A));
    b.relay = Some(reservation.local_address(LegId::B));
    // All ports are held, and a dropped reservation gives them back.
    assert!(matches!(relay.reserve([None, None]), Err(RelayError::PortsExhausted { .. })));
    let info = relay.start_reserved("late", reservation, MediaConfig::new(a.leg(), b.leg())).unwrap();
    assert_eq!(Some(info.local_address(LegId::B)), b.relay);
    talk(&mut a, &b);
    stop(&relay, "late");
    drop(relay.reserve([None, None]).unwrap());
    drop(relay.reserve([None, None]).unwrap());
}

#[test]
fn a_codec_changes_while_the_other_direction_goes_on() {
    let relay = relay();
    let (mut a, mut b) = (pcmu(), pcmu());
    common::connect(&relay, "codec", [&mut a, &mut b], |_| ());
    let before = talk(&mut a, &b);
    assert_eq!((before.payload_type, before.payload), (0, vec![0x55; FRAME]));
    let first = talk(&mut b, &a);

    // Another address for B: what B sends is the same stream as before.
    let mut moved = pcmu();
    moved.relay = b.relay;
    relay.update_media(&"codec".into(), MediaConfig::new(a.leg(), moved.leg())).unwrap();
    let second = talk(&mut moved, &a);
    assert_eq!(second.ssrc, first.ssrc);
    assert_eq!(second.sequence, first.sequence.wrapping_add(1));
    talk(&mut a, &moved);
    // The old address is a stranger's now.
    b.send(&[0x11; FRAME]);

    let to_a_law = MediaConfig::new(a.leg(), moved.leg().with_format(PayloadFormat::PCMA));
    relay.update_media(&"codec".into(), to_a_law).unwrap();
    assert_eq!(transcoded(&mut a, &moved), (8, true));
    moved.format = PayloadFormat::PCMA;
    assert_eq!(transcoded(&mut moved, &a), (0, true));

    let totals = stop(&relay, "codec");
    // What earlier sessions did is not forgotten.
    assert_eq!(totals.metrics.leg(LegId::A).media.performance.packets_in, 3);
    assert_eq!(totals.metrics.leg(LegId::B).packets_received, 3, "the stranger's never came up here");
}

#[test]
fn a_muted_leg_stays_muted_over_an_update() {
    let relay = relay();
    let (mut a, mut b) = (pcmu(), pcmu());
    let info = common::connect(&relay, "muted", [&mut a, &mut b], |_| ());
    relay.session(&info.dialog, LegId::A).unwrap().set_muted(true);
    let to_a_law = MediaConfig::new(a.leg(), b.leg().with_format(PayloadFormat::PCMA));
    relay.update_media(&info.dialog, to_a_law).unwrap();
    assert_eq!(talk(&mut a, &b).payload, [PayloadFormat::PCMA.law.silence(); FRAME]);
}

#[test]
fn an_update_that_is_refused_changes_nothing() {
    let relay = relay();
    let (mut a, mut b) = (pcmu(), pcmu());
    let info = common::connect(&relay, "refused", [&mut a, &mut b], |_| ());
    let nowhere = b.leg().with_remote("0.0.0.0:9".parse().ok());
    let error = relay.update_media(&info.dialog, MediaConfig::new(a.leg(), nowhere)).unwrap_err();
    assert!(matches!(error, RelayError::Remote { leg: LegId::B, .. }));
    let wrong = b.leg().with_format(PayloadFormat { payload_type: 80, ..PayloadFormat::PCMU });
    assert!(relay.update_media(&info.dialog, MediaConfig::new(a.leg(), wrong)).is_err());
    talk(&mut a, &b);
    assert!(matches!(
        relay.update_media(&"nobody".into(), MediaConfig::new(a.leg(), b.leg())),
        Err(RelayError::UnknownDialog(_))
    ));
    assert_accounted_for(&stop(&relay, "refused").metrics);
}

#[test]
fn a_plain_relay_does_not_touch_a_bit() {
    let relay = relay();
    let (mut a, mut b) = (pcmu(), pcmu());
    let media =
        MediaConfig::new(a.leg().with_passed(PayloadTypes::ALL), b.leg().with_passed(PayloadTypes::ALL));
    let info = relay.start_media("plain", media.with_identity(StreamIdentity::Sender)).unwrap();
    (a.relay, b.relay) = (Some(info.local_address(LegId::A)), Some(info.local_address(LegId::B)));
    for payload_type in [0, 96, 101, 13] {
        a.format.payload_type = payload_type;
        let packet = a.packet(&[payload_type; 33]);
        a.send_raw(&packet);
        let mut heard = [0; 100];
        let (length, _) = b.socket.recv_from(&mut heard).unwrap();
        assert_eq!(heard[..length], packet);
    }
    stop(&relay, "plain");
}
