//! Packets allocate nothing, and sessions give back all they took: counted by the allocator, in a test
//! binary of its own.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{FRAME, engine, packet, packets};
use mc_engine::{
    AudioProcessingConfig, MediaEngine, MediaEngineConfig, MediaSessionParams, NoClock, PayloadFormat,
    RtpPipelineConfig,
};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_live_bytes};
use mc_testkit::signal::white_noise;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn params(processing: AudioProcessingConfig) -> MediaSessionParams {
    let rtp = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
    MediaSessionParams::default().with_rtp(rtp).with_processing(processing)
}

#[test]
fn no_packet_allocates_with_or_without_processors() {
    for processing in [AudioProcessingConfig::default(), AudioProcessingConfig::all()] {
        let engine = engine(MediaEngineConfig::default());
        let mut near = engine.create_media_session(params(processing.clone())).unwrap();
        let mut far = engine.create_media_session(params(processing)).unwrap();
        let mut datagrams = packets(0, &white_noise(1, -30.0, 2_000 * FRAME));
        for (sequence, datagram) in datagrams.iter_mut().enumerate() {
            match sequence % 10 {
                0 => datagram.truncate(sequence % 40),
                1 => datagram.truncate(12 + 5),
                _ => {}
            }
        }
        let mut replies = datagrams.clone();
        let (allocations, ()) = count_allocations(|| {
            for (datagram, reply) in datagrams.iter_mut().zip(&mut replies) {
                if let Ok(egress) = near.process_packet(datagram, &NoClock) {
                    far.render_egress(&egress);
                }
                if let Ok(egress) = far.process_packet(reply, &NoClock) {
                    near.render_egress(&egress);
                }
            }
        });
        assert_eq!(allocations, 0);
        assert!(near.handle().metrics().performance.packets_out >= 1_800);
    }
}

/// Begins a session, lets it work, and ends it.
fn live_and_die(engine: &MediaEngine) {
    let mut session = engine.create_media_session(params(AudioProcessingConfig::all())).unwrap();
    let handle = session.handle();
    let mut datagram = packet(0, &[0x30; FRAME]);
    let frame = session.process_packet(&mut datagram, &NoClock).unwrap().into_frame();
    drop(session);
    // Frame and handle come last: neither may keep what the session had.
    drop(frame);
    assert!(!handle.is_active());
}

#[test]
fn ten_thousand_sessions_leave_nothing_behind() {
    let engine = engine(MediaEngineConfig::default());
    live_and_die(&engine);
    let before = thread_live_bytes();
    for _ in 0..10_000 {
        live_and_die(&engine);
    }
    assert_eq!(thread_live_bytes(), before);
    assert_eq!((engine.active_sessions(), engine.metrics().performance.packets_out), (0, 10_001));
}

#[test]
fn sessions_that_live_together_leave_nothing_behind_either() {
    let engine = engine(MediaEngineConfig::default());
    let crowd = |engine: &MediaEngine| {
        let sessions: Vec<_> = (0..100)
            .map(|_| engine.create_media_session(params(AudioProcessingConfig::all())).unwrap())
            .collect();
        assert_eq!(engine.active_sessions(), sessions.len());
    };
    crowd(&engine);
    let before = thread_live_bytes();
    for _ in 0..10 {
        crowd(&engine);
    }
    assert_eq!(thread_live_bytes(), before);
}
