//! Where packets may come from and where they go.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::Duration;

use common::time::Time;
use common::{FRAME, PATIENCE, Peer, connect, eventually, relay, relay_with, simple_call, stop, talk};
use mc_engine::PayloadFormat;
use mc_relay::{DropReason, LegConfig, LegId, MediaSessionController, RelayConfig, RelayError, RelayEvent};

fn pcmu_pair() -> (Peer, Peer) {
    (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU))
}

fn dropped(relay: &MediaSessionController, call: &str, leg: LegId, reason: DropReason) -> u64 {
    relay.call_metrics(&call.into()).unwrap().leg(leg).dropped(reason)
}

#[test]
fn packets_from_another_host_are_dropped() {
    let relay = relay();
    let [mut a, b] = simple_call(&relay, "stranger");
    // All of 127/8 is this machine: a second host without a network.
    let mut stranger = Peer::at(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), PayloadFormat::PCMU);
    stranger.relay = a.relay;
    for _ in 0..5 {
        stranger.send(&[0x11; FRAME]);
    }
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    let totals = stop(&relay, "stranger");
    assert_eq!(totals.metrics.leg(LegId::A).dropped(DropReason::WrongSource), 5);
    assert_eq!(totals.metrics.leg(LegId::B).packets_sent, 1);
}

#[test]
fn a_leg_behind_a_nat_latches_to_the_port_of_the_first_valid_packet() {
    let relay = relay();
    let (mut announced, mut b) = pcmu_pair();
    connect(&relay, "nat", [&mut announced, &mut b], |legs| {
        legs[0].behind_nat = true;
    });
    let mut behind_nat = Peer::new(PayloadFormat::PCMU);
    behind_nat.relay = announced.relay;

    // Until then media goes where it was announced, and garbage settles nothing.
    talk(&mut b, &announced);
    Peer::new(PayloadFormat::PCMU).socket.send_to(&[0x80; 4], announced.relay.unwrap()).unwrap();
    talk(&mut behind_nat, &b);
    talk(&mut b, &behind_nat);

    // Now the announced port is a stranger's, and the system drops what it sends.
    announced.send(&[0x11; FRAME]);
    assert_eq!(talk(&mut behind_nat, &b).payload, [0x55; FRAME]);
    let latched = std::iter::from_fn(|| relay.next_event(PATIENCE)).find_map(|event| match event {
        RelayEvent::Latched { dialog, leg, source } => Some((dialog, leg, source)),
        _ => None,
    });
    assert_eq!(latched, Some(("nat".into(), LegId::A, behind_nat.address())));

    let totals = stop(&relay, "nat");
    assert_eq!(totals.metrics.leg(LegId::A).packets_received, 3);
    assert_eq!(totals.peers, [Some(behind_nat.address()), Some(b.address())]);
}

#[test]
fn whoever_shares_the_peers_address_cannot_take_the_call_by_being_first() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "shared");
    let mut neighbour = Peer::new(PayloadFormat::PCMU);
    neighbour.relay = a.relay;
    for _ in 0..5 {
        neighbour.send(&[0x11; FRAME]);
    }
    eventually("five packets of a port that waits", || {
        dropped(&relay, "shared", LegId::A, DropReason::WrongSource) == 5
    });
    talk(&mut b, &a);
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    // By then the worker is done with the packet that settled the port.
    talk(&mut b, &a);
    neighbour.send(&[0x11; FRAME]);
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    talk(&mut b, &a);
    let totals = stop(&relay, "shared");
    assert_eq!(totals.metrics.leg(LegId::A).packets_received, 7);
}

#[test]
fn a_port_that_outlasts_the_silence_of_the_announced_one_is_the_peers() {
    let wait = Duration::from_millis(50);
    let relay = relay_with(RelayConfig::default().with_workers(1).with_latch_after(wait));
    let (mut announced, mut b) = pcmu_pair();
    connect(&relay, "late", [&mut announced, &mut b], |_| ());
    let mut elsewhere = Peer::new(PayloadFormat::PCMU);
    elsewhere.relay = announced.relay;
    eventually("a packet that is passed on", || {
        elsewhere.send(&[0x55; FRAME]);
        relay.call_metrics(&"late".into()).unwrap().leg(LegId::B).packets_sent > 0
    });
    b.hear();
    talk(&mut b, &elsewhere);
    let totals = stop(&relay, "late");
    assert!(totals.duration >= wait);
    assert!(totals.metrics.leg(LegId::A).dropped(DropReason::WrongSource) > 0);
}

#[test]
fn a_peer_that_vanishes_and_comes_back_is_sent_to_all_the_while() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "vanishing");
    talk(&mut a, &b);
    talk(&mut b, &a);
    let address = b.address();
    b.socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let refused = || relay.call_metrics(&"vanishing".into()).unwrap().leg(LegId::B).refused;
    for sent in 1..=20 {
        a.send(&[0x55; FRAME]);
        eventually("the refusal of a packet", || refused() == sent);
    }
    b.socket = UdpSocket::bind(address).unwrap();
    b.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    talk(&mut a, &b);
    talk(&mut b, &a);
    let totals = stop(&relay, "vanishing");
    assert_eq!(totals.metrics.leg(LegId::B).packets_sent, 22);
    assert_eq!(totals.metrics.leg(LegId::A).dropped_total(), 0);
}

#[test]
fn a_leg_that_awaits_its_address_takes_and_gets_nothing_until_it_is_announced() {
    let relay = relay();
    let (mut a, mut b) = pcmu_pair();
    let info = connect(&relay, "early", [&mut a, &mut b], |legs| legs[1] = LegConfig::default());
    for _ in 0..3 {
        a.send(&[0x55; FRAME]);
    }
    b.send(&[0x55; FRAME]);
    eventually("three packets without a destination", || {
        dropped(&relay, "early", LegId::A, DropReason::NoDestination) == 3
    });
    eventually("one packet from nobody", || dropped(&relay, "early", LegId::B, DropReason::WrongSource) == 1);
    relay.announce(&info.dialog, LegId::B, b.address()).unwrap();
    talk(&mut a, &b);
    talk(&mut b, &a);
    stop(&relay, "early");
}

#[test]
fn a_new_announcement_moves_the_leg() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "moved");
    talk(&mut a, &b);
    talk(&mut b, &a);
    let mut elsewhere = Peer::new(PayloadFormat::PCMU);
    elsewhere.relay = a.relay;
    relay.announce(&"moved".into(), LegId::A, elsewhere.address()).unwrap();
    talk(&mut b, &elsewhere);
    talk(&mut elsewhere, &b);
    stop(&relay, "moved");
}

#[test]
fn addresses_that_cannot_be_sent_to_are_refused() {
    let relay = relay();
    let [_a, b] = simple_call(&relay, "fussy");
    let announce = |address: &str| relay.announce(&"fussy".into(), LegId::B, address.parse().unwrap());
    assert!(matches!(announce("127.0.0.1:0"), Err(RelayError::Remote { leg: LegId::B, .. })));
    assert!(matches!(announce("[::1]:4000"), Err(RelayError::AddressFamily { leg: LegId::B, .. })));
    let media = mc_relay::MediaConfig::new(LegConfig::to("0.0.0.0:9".parse().unwrap()), b.leg());
    assert!(matches!(relay.start_media("other", media), Err(RelayError::Remote { leg: LegId::A, .. })));
    assert_eq!(relay.dialogs(), ["fussy".into()]);
}

#[test]
fn bad_packets_are_counted_by_reason() {
    use mc_engine::PacketError::{PayloadType, TooShort, Version};
    let relay = relay();
    let [mut a, b] = simple_call(&relay, "bad");
    a.send_raw(&[]);
    a.send_raw(&[0x80, 0, 1]);
    a.send_raw(&[0x00; 172]);
    a.send_raw(&[0x81, 200, 0, 1, 0, 0, 0, 0]);
    let mut other_type = a.packet(&[0; FRAME]);
    other_type[1] = 8;
    a.send_raw(&other_type);
    a.send_raw(&[0x80; mc_relay::MAX_DATAGRAM + 1]);
    a.send_raw(&[0x80; 9_000]);
    talk(&mut a, &b);

    let totals = stop(&relay, "bad");
    let leg = totals.metrics.leg(LegId::A);
    let mut drops: Vec<_> = leg.drops().map(|(reason, count)| (reason.name(), count)).collect();
    drops.sort_unstable();
    let mut expected = [
        (DropReason::Packet(TooShort).name(), 2),
        (DropReason::Packet(Version).name(), 1),
        (DropReason::ForeignControl.name(), 1),
        (DropReason::Packet(PayloadType).name(), 1),
        (DropReason::DatagramTooLong.name(), 2),
    ];
    expected.sort_unstable();
    assert_eq!(drops, expected);
}

#[test]
fn a_port_that_was_not_announced_loses_a_second_at_first_and_a_fifth_of_it_later() {
    for (begins_ms, heard_ms) in [(0, 1_000), (700, 1_000), (1_000, 1_200), (8_000, 8_200)] {
        let time = Time::starting_at(Duration::from_secs(100));
        let relay = relay_with(RelayConfig::default().with_workers(1).with_clock(time.clock()));
        let [announced, b] = simple_call(&relay, "late");
        let mut elsewhere = Peer::new(PayloadFormat::PCMU);
        elsewhere.relay = announced.relay;
        time.pass(&relay, Duration::from_millis(begins_ms));
        for _ in 0..(heard_ms - begins_ms) / 20 {
            elsewhere.send(&[0x11; FRAME]);
            // It is received before time goes on.
            time.pass(&relay, Duration::ZERO);
            time.pass(&relay, Duration::from_millis(20));
        }
        assert_eq!(talk(&mut elsewhere, &b).payload, [0x55; FRAME], "the first that is heard");
        let from_a = stop(&relay, "late").metrics.legs[0].clone();
        assert_eq!(from_a.dropped(DropReason::WrongSource), (heard_ms - begins_ms) / 20);
    }
}
