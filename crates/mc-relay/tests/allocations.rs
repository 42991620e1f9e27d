//! No packet makes the worker allocate.

mod common;

use common::{FRAME, Peer, connect, relay_with, stop};
use mc_engine::{AudioProcessingConfig, PayloadFormat, PerformanceConfig};
use mc_relay::{LegId, RelayConfig};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_allocations};
use mc_testkit::signal::Talker;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn no_packet_allocates_from_the_first_on() {
    let (allocations, boxed) = count_allocations(|| Box::new(1));
    assert_eq!((allocations, *boxed), (1, 1), "the allocator counts");

    // Every stage of every packet is timed, which is the longest way.
    let performance = PerformanceConfig::default().with_time_one_in(1);
    let mut config = RelayConfig::default().with_workers(1).with_allocation_probe(thread_allocations);
    config.engine = config.engine.with_performance(performance);
    let relay = relay_with(config);
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMA));
    connect(&relay, "lean", [&mut a, &mut b], |legs| {
        for leg in legs {
            *leg = leg.clone().with_processing(AudioProcessingConfig::all());
        }
    });
    let speech = Talker::new(5, 8_000).say(6.0, -26.0).samples;
    for frame in speech.chunks_exact(FRAME) {
        a.send_audio(frame);
        b.hear_audio();
        b.send_raw(&[0x80; 20]);
        b.send_audio(frame);
        a.hear_audio();
    }
    let totals = stop(&relay, "lean");
    for leg in LegId::ALL {
        assert_eq!(totals.metrics.leg(leg).packets_sent, 300);
        assert_eq!(totals.metrics.leg(leg).allocations, 0, "leg {leg}");
    }
    assert_eq!(totals.metrics.leg(LegId::B).dropped_total(), 300);
}
