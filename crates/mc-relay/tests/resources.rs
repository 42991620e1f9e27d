//! What calls take from the system they give back. One test in this program, because it counts what the
//! whole process holds.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Peer, relay_with, stop, talk};
use mc_engine::{AudioProcessingConfig, MediaEngineConfig, PayloadFormat};
use mc_relay::{MediaConfig, RelayConfig};

fn entries(folder: &str) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// Open descriptors and threads of this process.
fn held() -> (usize, usize) {
    (entries("/proc/self/fd"), entries("/proc/self/task"))
}

#[test]
fn two_hundred_calls_leave_descriptors_and_threads_as_they_were() {
    let before = held();
    let engine = MediaEngineConfig::default().with_processing(AudioProcessingConfig::all());
    let relay = relay_with(RelayConfig::default().with_workers(2).with_engine(engine));
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMA));
    let idle = held();
    let names: Vec<String> = (0..200).map(|n| format!("call {n}")).collect();
    for round in 0..2 {
        for name in &names {
            let info = relay.start_media(name.as_str(), MediaConfig::new(a.leg(), b.leg())).unwrap();
            if round == 0 {
                a.relay = Some(info.local[0]);
                b.relay = Some(info.local[1]);
                talk(&mut a, &b);
                talk(&mut b, &a);
            }
        }
        assert_eq!(held(), (idle.0 + 800, idle.1));
        for name in &names {
            stop(&relay, name);
        }
        assert_eq!(held(), idle);
    }
    drop((relay, a, b));
    assert_eq!(held(), before);
}
