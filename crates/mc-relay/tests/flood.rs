//! One call under a flood, another beside it on the same worker.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{relay, simple_call, stop, talk};
use mc_relay::{LegId, MediaSessionController};
use mc_testkit::rng::Rng;

/// Packets that the relay must have seen before the test ends.
const FLOOD: u64 = 20_000;

/// Sends what `next` makes as fast as it goes at one call, while two telephones of another talk.
fn flood(mut next: impl FnMut(&mut [u8; 400]) -> usize + Send) {
    let relay = relay();
    let [victim, _] = simple_call(&relay, "flooded");
    let [mut a, mut b] = simple_call(&relay, "quiet");
    let mut exchanged = 0;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut packet = [0u8; 400];
            while !done.load(Ordering::Relaxed) {
                let length = next(&mut packet);
                // A full queue is the flood's problem.
                let _ = victim.socket.send_to(&packet[..length], victim.relay.unwrap());
            }
        });
        while received(&relay) < FLOOD {
            talk(&mut a, &b);
            talk(&mut b, &a);
            exchanged += 1;
        }
        done.store(true, Ordering::Relaxed);
    });
    let quiet = stop(&relay, "quiet");
    for leg in LegId::ALL {
        assert_eq!(quiet.metrics.leg(leg).packets_sent, exchanged);
        assert_eq!(quiet.metrics.leg(leg).dropped_total(), 0);
    }
    stop(&relay, "flooded");
}

fn received(relay: &MediaSessionController) -> u64 {
    let from_a = relay.call_metrics(&"flooded".into()).unwrap().legs[0].clone();
    from_a.packets_received + from_a.control_received
}

#[test]
fn a_flood_of_garbage_leaves_the_other_call_untouched() {
    let mut rng = Rng::new(1);
    flood(move |packet| {
        packet.iter_mut().for_each(|byte| *byte = rng.next_u64() as u8);
        rng.index(1..packet.len())
    });
}

#[test]
fn a_flood_of_good_packets_leaves_the_other_call_untouched() {
    let mut sequence = 0u16;
    flood(move |packet| {
        sequence = sequence.wrapping_add(1);
        packet[0] = 0x80;
        packet[2..4].copy_from_slice(&sequence.to_be_bytes());
        172
    });
}

#[test]
fn a_flood_of_reports_leaves_the_other_call_untouched() {
    // An empty receiver report, on the port for RTP.
    flood(|packet| {
        packet[..8].copy_from_slice(&[0x80, 201, 0, 1, 1, 2, 3, 4]);
        8
    });
}
