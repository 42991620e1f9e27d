//! Calls between the families of addresses: media, RTCP, latching, and what proxies are told.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};

use common::proxy::{Proxy, sdp};
use common::{FRAME, PATIENCE, Peer, connect, localhost, relay, stop, talk};
use mc_engine::PayloadFormat;
use mc_relay::{LegId, MediaConfig, NgConfig, RelayConfig};
use mc_rtp_pipeline::StreamIdentity;

const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

fn peers() -> [Peer; 2] {
    [Peer::at(SIX, PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU)]
}

#[test]
fn a_leg_of_ipv6_latches_as_one_of_ipv4_does() {
    let relay = relay();
    let [mut announced, mut b] = peers();
    connect(&relay, "six", [&mut announced, &mut b], |legs| legs[0].local_ip = Some(SIX));
    // No packet from the announced port comes, but from another of the same host.
    let mut behind_nat = Peer::at(SIX, PayloadFormat::PCMU);
    behind_nat.relay = announced.relay;
    common::eventually("it is heard", || {
        behind_nat.send(&[0x55; FRAME]);
        relay.call_metrics(&"six".into()).unwrap().leg(LegId::B).packets_sent > 0
    });
    b.hear();
    talk(&mut b, &behind_nat);
    assert_eq!(stop(&relay, "six").peers, [Some(behind_nat.address()), Some(b.address())]);
}

#[test]
fn rtcp_crosses_the_families_on_ports_of_its_own() {
    let relay = relay();
    let [a, b] = peers();
    let [control_a, control_b] = [SIX, localhost()].map(|ip| {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    });
    let leg = |peer: &Peer, control: &UdpSocket| peer.leg().with_rtcp(control.local_addr().ok());
    let legs = MediaConfig::new(leg(&a, &control_a).with_local_ip(SIX), leg(&b, &control_b));
    let info = relay.start_media("six", legs.with_identity(StreamIdentity::Sender).with_tos(184)).unwrap();
    let above = |leg| {
        let rtp: SocketAddr = info.local_address(leg);
        SocketAddr::new(rtp.ip(), rtp.port() + 1)
    };
    let report = [0x80, 201, 0, 1, 1, 2, 3, 4];
    for (from, to, leg) in [(&control_a, &control_b, LegId::A), (&control_b, &control_a, LegId::B)] {
        from.send_to(&report, above(leg)).unwrap();
        let mut heard = [0; 100];
        let (length, source) = to.recv_from(&mut heard).unwrap();
        assert_eq!((&heard[..length], source), (&report[..], above(leg.other())));
    }
    stop(&relay, "six");
}

#[test]
fn a_proxy_bridges_the_families() {
    let both = NgConfig::at(localhost()).with_media_ip(SIX);
    let mut proxy = Proxy::with(RelayConfig::default(), both);
    let [mut six, mut four] = peers();
    let six_sdp = sdp(&six, "").replace("IN IP4 ::1", "IN IP6 ::1");
    let offer = [("command", "offer"), ("call-id", "bridge"), ("from-tag", "a"), ("address-family", "IP4")];
    let offer: Vec<_> = offer.into_iter().chain([("sdp", six_sdp.as_str())]).collect();
    let offered = proxy.ask(&offer);
    assert!(offered.text("sdp").contains("c=IN IP4 127.0.0.1\r\n"), "{}", offered.text("sdp"));
    four.relay = offered.relay();
    let answered = proxy.answer("bridge", &sdp(&four, ""));
    assert!(answered.text("sdp").contains("c=IN IP6 ::1\r\n"), "{}", answered.text("sdp"));
    six.relay = Some((SIX, answered.port()).into());
    talk(&mut six, &four);
    talk(&mut four, &six);
}

#[test]
fn a_line_that_the_answerer_adds_has_each_side_s_family() {
    let both = NgConfig::at(localhost()).with_media_ip(SIX);
    let mut proxy = Proxy::with(RelayConfig::default(), both);
    let [six, four] = peers();
    let six_sdp = sdp(&six, "").replace("IN IP4 ::1", "IN IP6 ::1");
    let two_lines = |sdp: &str| sdp.to_owned() + &sdp[sdp.find("m=").unwrap()..];
    let mut ask = |command, family, sdp: &str| {
        let (from, to) = if sdp.contains("IP6") { ("a", "b") } else { ("b", "a") };
        let (from, to) = if command == "answer" { (to, from) } else { (from, to) };
        let call = [("command", command), ("call-id", "more"), ("from-tag", from), ("to-tag", to)];
        let answer = proxy.ask(&[&call[..], &[("address-family", family), ("sdp", sdp)]].concat());
        assert_eq!(answer.text("result"), "ok");
    };
    ask("offer", "IP4", &six_sdp);
    ask("answer", "IP6", &sdp(&four, ""));
    ask("offer", "IP6", &two_lines(&sdp(&four, "")));
    ask("answer", "IP4", &two_lines(&six_sdp));
    for dialog in ["more/0", "more/1"] {
        let is_six = |leg| {
            let local = proxy.relay.rtp_session(&dialog.into(), leg).unwrap().local_address();
            local.is_ipv6()
        };
        assert_eq!(LegId::ALL.map(is_six), [true, false], "{dialog}");
    }
}
