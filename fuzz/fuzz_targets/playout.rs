//! Any run of datagrams at any times is played without a panic, as finite audio.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mc_g711::{G711, Law};
use mc_rtp_pipeline::{JitterConfig, MediaPacket, Playout};

fuzz_target!(|input: &[u8]| {
    let mut receiver = Playout::new(&JitterConfig::default(), G711::new(Law::Mu)).unwrap();
    let mut now = Duration::ZERO;
    let mut out = [0.0; 480];
    let mut rest = input;
    // Before each piece: a third of its length, and the time that passes in units of 2 ms.
    while let [length, pause, tail @ ..] = rest {
        let (datagram, tail) = tail.split_at((3 * usize::from(*length)).min(tail.len()));
        rest = tail;
        now += Duration::from_millis(2 * u64::from(*pause));
        if let Ok(packet) = MediaPacket::parse(datagram) {
            receiver.insert(&packet, now);
        }
        let samples = 1 + usize::from(*pause) * 479 / 255;
        receiver.play(&mut out[..samples], now);
        assert!(out.iter().all(|sample| sample.is_finite()));
    }
});
