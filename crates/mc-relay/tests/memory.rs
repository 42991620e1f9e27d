//! What a call takes from the heap. One test in this program, because it counts what one thread allocates.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::relay;
use mc_engine::{AudioProcessingConfig, PayloadFormat};
use mc_relay::{LegConfig, MediaConfig, MediaSessionController};
use mc_testkit::alloc::{CountingAllocator, thread_live_bytes};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Bytes of the heap for each of several calls between two legs like this one.
fn bytes_per_call(relay: &MediaSessionController, name: &str, format: PayloadFormat, leg: &LegConfig) -> i64 {
    const CALLS: i64 = 10;
    let media = || MediaConfig::new(leg.clone(), leg.clone().with_format(format));
    relay.start_media(format!("{name} first"), media()).unwrap();
    let before = thread_live_bytes();
    for number in 0..CALLS {
        relay.start_media(format!("{name} {number}"), media()).unwrap();
    }
    (thread_live_bytes() - before) / CALLS
}

#[test]
fn a_call_fits_its_ceiling() {
    let relay = relay();
    let plain = LegConfig::to("127.0.0.1:9".parse().unwrap());
    let advanced = AudioProcessingConfig::all()
        .with_use_advanced_aec(true)
        .with_use_advanced_vad(true)
        .with_use_advanced_agc(true);
    let processed = plain.clone().with_processing(advanced);
    for (name, format, leg, ceiling) in [
        ("passed on", PayloadFormat::PCMU, &plain, 18_000),
        ("transcoded", PayloadFormat::PCMA, &plain, 18_000),
        ("with every processor of the second generation", PayloadFormat::PCMU, &processed, 400_000),
    ] {
        let bytes = bytes_per_call(&relay, name, format, leg);
        assert!((1_000..=ceiling).contains(&bytes), "a call {name}: {bytes} bytes");
    }
}
