//! One call under a flood, another beside it on the same worker.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{relay, simple_call, stop, talk};
use mc_relay::{LegId, MediaSessionController};

/// Bad packets that the relay must have seen before the test ends.
const FLOOD: u64 = 20_000;

fn garbage_dropped(relay: &MediaSessionController) -> u64 {
    relay.call_metrics(&"flooded".into()).unwrap().leg(LegId::A).dropped_total()
}

#[test]
fn a_flood_of_garbage_leaves_the_other_call_untouched() {
    let relay = relay();
    let [victim, _] = simple_call(&relay, "flooded");
    let [mut a, mut b] = simple_call(&relay, "quiet");
    let mut exchanged = 0;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut garbage = [0u8; 400];
            let mut state = 1u32;
            while !done.load(Ordering::Relaxed) {
                for byte in &mut garbage {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *byte = (state >> 24) as u8;
                }
                let length = 1 + state as usize % garbage.len();
                // A full queue is the flood's problem.
                let _ = victim.socket.send_to(&garbage[..length], victim.relay.unwrap());
            }
        });
        while garbage_dropped(&relay) < FLOOD {
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
