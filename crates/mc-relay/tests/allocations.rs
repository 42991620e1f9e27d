//! No packet makes the worker allocate.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use common::time::Time;
use common::{FRAME, Peer, connect, eventually, relay_with, stop};
use mc_engine::{AudioProcessingConfig, PayloadFormat, PerformanceConfig};
use mc_relay::{CallTotals, Clip, ForkServer, LegId, Recorder, RelayConfig};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_allocations};
use mc_testkit::signal::Talker;
use tungstenite::Message;
use tungstenite::client::client;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// One whose every packet is timed at every stage, which is the longest way, and counted.
fn config() -> RelayConfig {
    let (allocations, boxed) = count_allocations(|| Box::new(1));
    assert_eq!((allocations, *boxed), (1, 1), "the allocator counts");
    let performance = PerformanceConfig::default().with_time_one_in(1);
    let mut config = RelayConfig::default().with_workers(1).with_allocation_probe(thread_allocations);
    config.engine = config.engine.with_performance(performance);
    config
}

fn assert_none(totals: &CallTotals) {
    for leg in LegId::ALL {
        assert_eq!(totals.metrics.leg(leg).allocations, 0, "leg {leg}");
    }
}

#[test]
fn no_packet_allocates_from_the_first_on() {
    let relay = relay_with(config());
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
    }
    assert_none(&totals);
    assert_eq!(totals.metrics.leg(LegId::B).dropped_total(), 300);
}

#[test]
fn no_packet_allocates_that_is_recorded_forked_or_played() {
    let time = Time::starting_at(Duration::from_secs(100));
    let relay = Arc::new(relay_with(config().with_clock(time.clock())));
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::new(Arc::clone(&relay), folder.path()).unwrap();
    let server = ForkServer::bind(([127, 0, 0, 1], 0).into(), Arc::clone(&relay)).unwrap();
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMA));
    connect(&relay, "busy/0", [&mut a, &mut b], |_| ());
    let dialog = "busy/0".into();
    recorder.start(&dialog, None).unwrap();
    let stream = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let (mut consumer, _) = client("ws://relay/calls/busy/A", stream).unwrap();
    let services = || relay.global_metrics().services;
    eventually("both listen", || services().forks_active == 1 && services().recordings_active == 1);

    let speech = Talker::new(5, 8_000).say(2.0, -26.0).samples;
    let talk = |a: &mut Peer, b: &mut Peer| {
        for frame in speech.chunks_exact(FRAME) {
            a.send_audio(frame);
            b.hear_audio();
            b.send_audio(frame);
            a.hear_audio();
            time.pass(&relay, Duration::from_millis(20));
        }
    };
    talk(&mut a, &mut b);
    // In packets of the other side, and while it is silent in packets of their own.
    relay.play_media(&dialog, LegId::B, &Clip::new(vec![5_000; 120 * FRAME]), 1).unwrap();
    talk(&mut a, &mut b);
    let played = |leg| relay.call_metrics(&dialog).unwrap().leg(leg).packets_played;
    consumer.send(Message::binary(vec![9; 4 * 640])).unwrap();
    eventually("both peers have heard packets that were made here", || {
        time.pass(&relay, Duration::from_millis(20));
        LegId::ALL.into_iter().all(|leg| played(leg) >= 4)
    });
    assert_none(&stop(&relay, "busy/0"));
    eventually("it is recorded", || services().recordings_active == 0);
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    assert!(hound::WavReader::open(file).unwrap().duration() >= 4 * 8_000);
}
