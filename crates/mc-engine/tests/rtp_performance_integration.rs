//! A packet's way through a session with either generation of processors: nothing allocated, nothing copied
//! that need not be, every stage timed.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::faulty::{Fault, faulty_factory};
use common::{FRAME, Ticking, engine, packet, packets};
use mc_engine::{
    AudioProcessingConfig, MediaEngine, MediaEngineConfig, MediaSession, MediaSessionParams, NoClock,
    PacketError, PayloadFormat, PerformanceConfig, PerformanceLevel, RtpPipelineConfig, Stage,
};
use mc_testkit::alloc::{CountingAllocator, count_allocations};
use mc_testkit::signal::white_noise;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const LEVELS: [PerformanceLevel; 2] = [PerformanceLevel::Economy, PerformanceLevel::Maximum];

fn session(level: PerformanceLevel) -> MediaSession {
    let rtp = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
    let params = MediaSessionParams::default()
        .with_rtp(rtp)
        .with_processing(AudioProcessingConfig::all())
        .with_performance_level(level);
    engine(MediaEngineConfig::default()).create_media_session(params).unwrap()
}

/// Allocations while `session` takes `packets` packets, each with a far end of the same length.
fn allocations(session: &mut MediaSession, packets: &mut [Vec<u8>]) -> u64 {
    let far_end = [0.01; FRAME];
    let (allocations, ()) = count_allocations(|| {
        for packet in packets {
            session.render(&far_end);
            let _ = session.process_packet(packet, &NoClock);
        }
    });
    allocations
}

#[test]
fn no_packet_allocates_or_is_copied_in_either_generation() {
    for level in LEVELS {
        let mut session = session(level);
        let mut packets = packets(0, &white_noise(1, -30.0, 300 * FRAME));
        assert_eq!(allocations(&mut session, &mut packets), 0, "{level:?}");
        let performance = session.handle().metrics().performance;
        assert_eq!((performance.packets_out, performance.copied_bytes), (300, 0), "{level:?}");
        assert_eq!(
            (performance.pool_hits, performance.pool_misses),
            (1, 0),
            "one frame serves all: {level:?}"
        );
    }
}

#[test]
fn no_failure_and_no_change_of_settings_allocates_on_the_packet_path() {
    for fault in [Fault::Error, Fault::NotANumber] {
        let engine =
            MediaEngine::with_factory(MediaEngineConfig::default(), faulty_factory(fault, 10, 16)).unwrap();
        let params = MediaSessionParams::default().with_processing(AudioProcessingConfig::all());
        let mut session = engine.create_media_session_v2(params).unwrap();
        let handle = session.handle();
        let mut packets = packets(0, &white_noise(1, -30.0, 100 * FRAME));
        for chunk in packets.chunks_mut(25) {
            assert_eq!(allocations(&mut session, chunk), 0);
            handle.reconfigure(AudioProcessingConfig::all().with_gain_control(None)).unwrap();
        }
        assert_eq!(
            handle.metrics().fallbacks.total(),
            9,
            "each generation anew failed once for each processor, and one had a gain control"
        );
    }
}

#[test]
fn packets_of_every_class_of_length_pass() {
    for level in LEVELS {
        let mut session = session(level);
        let mut expected = 0;
        for (number, samples) in [80, 160, 240, 320, 400, 480, 20, 160].into_iter().enumerate() {
            let mut datagram = packet(number as u16, &vec![0x30; samples]);
            let egress = session.process_packet(&mut datagram, &NoClock).unwrap();
            assert_eq!(egress.packet().len(), 12 + samples);
            expected += 1;
        }
        let too_long = session.process_packet(&mut packet(20, &[0x30; 481]), &NoClock).map(|_| ());
        assert_eq!(too_long, Err(PacketError::PayloadTooLong));
        assert_eq!(session.handle().metrics().performance.packets_out, expected);
        assert_eq!(session.handle().metrics().faults.total(), 0);
    }
}

#[test]
fn every_stage_is_timed_on_one_packet_in_as_many_as_wanted() {
    for (one_in, timed) in [(1, 64), (16, 4), (64, 1), (0, 0)] {
        let performance = PerformanceConfig::default().with_time_one_in(one_in);
        let engine = engine(MediaEngineConfig::default().with_performance(performance));
        let params = MediaSessionParams::default().with_processing(AudioProcessingConfig::all());
        let mut session = engine.create_media_session_v2(params).unwrap();
        let clock = Ticking::default();
        for mut packet in packets(0, &white_noise(1, -30.0, 64 * FRAME)) {
            session.process_packet(&mut packet, &clock).unwrap();
        }
        let performance = session.handle().metrics().performance;
        for stage in Stage::ALL {
            let times = performance.stage(stage);
            let each = if stage == Stage::Total { 50 } else { 10 };
            assert_eq!((times.count, times.max), (timed, if timed > 0 { each } else { 0 }), "{stage:?}");
        }
    }
}

#[test]
fn timing_changes_nothing_of_what_is_sent() {
    let send = |metrics: bool| {
        let performance = PerformanceConfig::default().with_time_one_in(1).with_performance_metrics(metrics);
        let engine = engine(MediaEngineConfig::default().with_performance(performance));
        let params = MediaSessionParams::default().with_processing(AudioProcessingConfig::all());
        let mut session = engine.create_media_session_v2(params).unwrap();
        let clock = Ticking::default();
        let mut sent = Vec::new();
        for mut packet in packets(0, &white_noise(1, -30.0, 64 * FRAME)) {
            sent.extend_from_slice(session.process_packet(&mut packet, &clock).unwrap().packet());
        }
        sent
    };
    assert!(send(true) == send(false));
}
