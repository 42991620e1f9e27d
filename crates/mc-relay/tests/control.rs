//! RTCP between the two sides of a call.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::net::{SocketAddr, UdpSocket};

use common::{PATIENCE, Peer, connect, eventually, localhost, relay, stop, talk};
use mc_engine::PayloadFormat;
use mc_relay::{DropReason, LegConfig, LegId, MediaConfig, MediaSessionController};
use mc_rtp_pipeline::StreamIdentity;

/// An empty receiver report (RFC 3550 section 6.4.2).
const REPORT: [u8; 8] = [0x80, 201, 0, 1, 1, 2, 3, 4];

/// A peer's socket for RTCP.
struct Control(UdpSocket);

impl Control {
    fn new() -> Self {
        let socket = UdpSocket::bind((localhost(), 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    fn hear(&self) -> (Vec<u8>, SocketAddr) {
        hear(&self.0)
    }
}

fn hear(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 100];
    let (length, source) = socket.recv_from(&mut buffer).unwrap();
    (buffer[..length].to_vec(), source)
}

fn above(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port() + 1)
}

/// A call that keeps its senders' numbers; `change` says where RTCP goes.
fn call(relay: &MediaSessionController, change: impl FnOnce(&mut [LegConfig; 2])) -> [Peer; 2] {
    let [mut a, mut b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let mut media = MediaConfig::new(a.leg(), b.leg()).with_identity(StreamIdentity::Sender);
    change(&mut media.legs);
    let info = relay.start_media("control", media).unwrap();
    a.relay = Some(info.local_address(LegId::A));
    b.relay = Some(info.local_address(LegId::B));
    [a, b]
}

#[test]
fn rtcp_passes_between_the_ports_above() {
    let relay = relay();
    let [control_a, control_b] = [Control::new(), Control::new()];
    let [a, b] = call(&relay, |legs| {
        legs[0].rtcp = Some(control_a.address());
        legs[1].rtcp = Some(control_b.address());
    });
    control_a.0.send_to(&REPORT, above(a.relay.unwrap())).unwrap();
    assert_eq!(control_b.hear(), (REPORT.to_vec(), above(b.relay.unwrap())));
    control_b.0.send_to(&REPORT, above(b.relay.unwrap())).unwrap();
    assert_eq!(control_a.hear(), (REPORT.to_vec(), above(a.relay.unwrap())));
    let metrics = stop(&relay, "control").metrics;
    for leg in LegId::ALL {
        assert_eq!((metrics.leg(leg).control_received, metrics.leg(leg).control_sent), (1, 1));
    }
}

#[test]
fn one_side_may_share_a_port_and_the_other_not() {
    let relay = relay();
    let control_b = Control::new();
    let [mut a, mut b] = call(&relay, |legs| {
        legs[0].rtcp_mux = true;
        legs[1].rtcp = Some(control_b.address());
    });
    a.send_raw(&REPORT);
    assert_eq!(control_b.hear().0, REPORT);
    control_b.0.send_to(&REPORT, above(b.relay.unwrap())).unwrap();
    assert_eq!(hear(&a.socket), (REPORT.to_vec(), a.relay.unwrap()));
    // Media and control do not stand in each other's way.
    talk(&mut a, &b);
    talk(&mut b, &a);
    stop(&relay, "control");
}

#[test]
fn the_port_above_is_where_rtcp_goes_unless_said_otherwise() {
    let relay = relay();
    // A pair as a telephone has it.
    let (b, control_b) = loop {
        let b = Peer::new(PayloadFormat::PCMU);
        if let Ok(control) = UdpSocket::bind(above(b.address())) {
            control.set_read_timeout(Some(PATIENCE)).unwrap();
            break (b, Control(control));
        }
    };
    let control_a = Control::new();
    let a = Peer::new(PayloadFormat::PCMU);
    let legs = [a.leg().with_rtcp(Some(control_a.address())), b.leg()];
    let [leg_a, leg_b] = legs;
    let media = MediaConfig::new(leg_a, leg_b).with_identity(StreamIdentity::Sender);
    let info = relay.start_media("control", media).unwrap();
    control_a.0.send_to(&REPORT, above(info.local_address(LegId::A))).unwrap();
    assert_eq!(control_b.hear().0, REPORT);
}

#[test]
fn what_is_no_rtcp_and_who_is_no_peer_is_dropped_and_counted() {
    let relay = relay();
    let [control_a, control_b] = [Control::new(), Control::new()];
    let [a, _b] = call(&relay, |legs| {
        legs[0].rtcp = Some(control_a.address());
        legs[1].rtcp = Some(control_b.address());
    });
    let port = above(a.relay.unwrap());
    let stranger = UdpSocket::bind("127.0.0.2:0").unwrap();
    stranger.send_to(&REPORT, port).unwrap();
    for wrong in [&REPORT[..7], &[0x80, 0, 0, 1, 1, 2, 3, 4], &[0; 8], &[0x80, 201, 0, 9, 1, 2, 3, 4]] {
        control_a.0.send_to(wrong, port).unwrap();
    }
    control_a.0.send_to(&REPORT, port).unwrap();
    assert_eq!(control_b.hear().0, REPORT);
    let leg = stop(&relay, "control").metrics.leg(LegId::A).clone();
    assert_eq!(leg.dropped(DropReason::WrongSource), 1);
    assert_eq!(leg.dropped(DropReason::MalformedControl), 4);
}

#[test]
fn rtcp_about_streams_with_other_numbers_goes_nowhere() {
    let relay = relay();
    let [mut a, mut b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    connect(&relay, "own", [&mut a, &mut b], |_| ());
    a.socket.send_to(&REPORT, above(a.relay.unwrap())).unwrap();
    a.send_raw(&REPORT);
    eventually("both counted", || {
        let metrics = relay.call_metrics(&"own".into()).unwrap();
        metrics.leg(LegId::A).dropped(DropReason::ForeignControl) == 2
    });
    stop(&relay, "own");
}
