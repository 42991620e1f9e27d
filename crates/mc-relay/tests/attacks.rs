//! Packets that somebody makes up who knows more than he should, and what is left of the calls.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{FRAME, Peer, relay, simple_call, stop, talk};
use mc_engine::{PacketError, PayloadFormat};
use mc_relay::{DropReason, LegId, MediaConfig, MediaSessionController};
use mc_rtp_pipeline::StreamIdentity;
use mc_testkit::rng::Rng;

/// Packets that are made up.
const ATTACKS: usize = 2_000;

/// A call beside, of which every packet must arrive.
struct Bystander([Peer; 2]);

impl Bystander {
    fn of(relay: &MediaSessionController) -> Self {
        Self(simple_call(relay, "beside"))
    }

    fn talk(&mut self) {
        let [c, d] = &mut self.0;
        assert_eq!(talk(c, d).payload, [0x55; FRAME]);
        assert_eq!(talk(d, c).payload, [0x55; FRAME]);
    }

    fn has_lost_nothing(self, relay: &MediaSessionController) {
        let metrics = stop(relay, "beside").metrics;
        for leg in LegId::ALL {
            assert_eq!((metrics.leg(leg).dropped_total(), metrics.leg(leg).stream.lost()), (0, 0));
        }
    }
}

/// Somebody who sends from the peer's own address, with a payload that gives him away.
fn forged(a: &Peer, sequence: u16, timestamp: u32, ssrc: u32) {
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x11; FRAME]);
    a.send_raw(&packet);
}

#[test]
fn forged_sources_from_the_peers_own_address_cost_the_peer_nothing() {
    for identity in [StreamIdentity::Own, StreamIdentity::Sender] {
        let relay = relay();
        let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
        let media = MediaConfig::new(a.leg(), b.leg()).with_identity(identity);
        let info = relay.start_media("forged", media).unwrap();
        (a.relay, b.relay) = (Some(info.local_address(LegId::A)), Some(info.local_address(LegId::B)));
        let mut beside = Bystander::of(&relay);
        let mut rng = Rng::new(1);
        let mut last = None;
        for _ in 0..ATTACKS {
            let numbers = rng.next_u64();
            forged(&a, numbers as u16, (numbers >> 16) as u32, (numbers >> 32) as u32);
            assert_eq!(b.hear().payload, [0x11; FRAME]);
            let heard = talk(&mut a, &b);
            assert_eq!(heard.payload, [0x55; FRAME]);
            if identity == StreamIdentity::Own {
                // To B it is one stream all the while.
                let (ssrc, sequence) = *last.get_or_insert((heard.ssrc, heard.sequence));
                assert_eq!((heard.ssrc, heard.sequence), (ssrc, sequence));
                last = Some((ssrc, sequence.wrapping_add(2)));
            }
            beside.talk();
        }
        talk(&mut b, &a);
        let metrics = stop(&relay, "forged").metrics;
        assert_eq!(metrics.leg(LegId::A).dropped_total(), 0);
        assert_eq!(metrics.leg(LegId::A).stream.received, 2 * ATTACKS as u64);
        beside.has_lost_nothing(&relay);
    }
}

#[test]
fn forged_numbers_of_the_peers_own_source_cost_it_a_packet_each_at_most() {
    let relay = relay();
    let [mut a, b] = simple_call(&relay, "forged");
    let mut beside = Bystander::of(&relay);
    let mut rng = Rng::new(2);
    let ssrc = u32::from(a.address().port());
    talk(&mut a, &b);
    for attack in 0..ATTACKS {
        forged(&a, rng.next_u64() as u16, rng.next_u64() as u32, ssrc);
        // Of the packets that follow only the first may be taken for the stray one.
        for payload in [1, 2] {
            a.send(&[payload; FRAME]);
        }
        let last = std::iter::from_fn(|| Some(b.hear().payload[0])).take(4).find(|&payload| payload == 2);
        assert!(last.is_some(), "attack {attack}");
        beside.talk();
    }
    let metrics = stop(&relay, "forged").metrics;
    let from_a = metrics.leg(LegId::A);
    let [jumps, doubled] = [PacketError::SequenceJump, PacketError::Duplicate]
        .map(|error| from_a.dropped(DropReason::Packet(error)));
    assert_eq!(from_a.dropped_total(), jumps + doubled);
    assert!(jumps + doubled <= 2 * ATTACKS as u64 && jumps > ATTACKS as u64 / 2, "{jumps}, {doubled}");
    beside.has_lost_nothing(&relay);
}

#[test]
fn who_knows_every_number_but_has_another_port_is_not_heard() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "foreseen");
    talk(&mut a, &b);
    talk(&mut b, &a);
    let stranger = Peer::new(PayloadFormat::PCMU);
    for _ in 0..ATTACKS {
        // What A sends next, before A does.
        let packet = a.packet(&[0x55; FRAME]);
        let mut foreseen = packet.clone();
        foreseen[12..].fill(0x11);
        stranger.socket.send_to(&foreseen, a.relay.unwrap()).unwrap();
        a.send_raw(&packet);
        assert_eq!(b.hear().payload, [0x55; FRAME]);
    }
    let metrics = stop(&relay, "foreseen").metrics;
    let from_a = metrics.leg(LegId::A);
    assert_eq!((from_a.packets_received, from_a.dropped_total()), (1 + ATTACKS as u64, 0));
    assert_eq!(from_a.stream.lost(), 0);
}

#[test]
fn a_peer_that_moves_without_a_word_is_followed_when_signalling_says_so() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "moved");
    let mut beside = Bystander::of(&relay);
    talk(&mut a, &b);
    talk(&mut b, &a);
    let mut moved = Peer::new(PayloadFormat::PCMU);
    moved.relay = a.relay;
    for _ in 0..100 {
        moved.send(&[0x11; FRAME]);
        // Whether it is the peer or somebody else nobody can know: what B says goes where it went.
        talk(&mut b, &a);
        beside.talk();
    }
    talk(&mut a, &b);
    relay.announce(&"moved".into(), LegId::A, moved.address()).unwrap();
    talk(&mut b, &moved);
    talk(&mut moved, &b);
    talk(&mut b, &moved);
    beside.talk();
    let metrics = stop(&relay, "moved").metrics;
    assert_eq!(metrics.leg(LegId::B).packets_sent, 3);
    beside.has_lost_nothing(&relay);
}
