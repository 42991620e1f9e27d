//! RTP into a session, RTP out of it.

mod common;

use common::{FRAME, engine, packet, packets, send, session};
use mc_engine::{
    AudioProcessingConfig, EngineError, Law, MediaEngineConfig, MediaSessionParams, NoClock, PacketError,
    PayloadFormat, RtpPipelineConfig,
};
use mc_testkit::signal::white_noise;

#[test]
fn without_processing_only_the_stream_is_our_own() {
    let rtp = RtpPipelineConfig::default().with_ssrc(0xABCD).with_first_sequence(7).with_first_timestamp(9);
    let params = MediaSessionParams::default().with_rtp(rtp);
    let mut session = engine(MediaEngineConfig::default()).create_media_session(params).unwrap();
    let payload: Vec<u8> = (0..FRAME).map(|code| code as u8).collect();
    for step in 0..3u16 {
        let egress = send(&mut session, &packet(1000 + step, &payload)).unwrap();
        assert_eq!(egress[2..4], (7 + step).to_be_bytes());
        assert_eq!(egress[4..8], (9 + u32::from(step) * FRAME as u32).to_be_bytes());
        assert_eq!(egress[8..12], 0xABCD_u32.to_be_bytes());
        assert_eq!(egress[12..], payload);
    }
}

#[test]
fn legs_of_different_laws_understand_each_other() {
    let rtp = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
    let params = MediaSessionParams::default().with_rtp(rtp);
    let mut session = engine(MediaEngineConfig::default()).create_media_session(params).unwrap();
    let egress = send(&mut session, &packet(0, &[Law::Mu.silence(); FRAME])).unwrap();
    assert_eq!(egress[1] & 0x7F, 8);
    assert_eq!(egress[12..], [Law::A.silence(); FRAME]);
}

#[test]
fn a_leg_sends_packets_of_the_length_that_the_other_wants() {
    for processing in [AudioProcessingConfig::default(), AudioProcessingConfig::all()] {
        for (in_ms, out_ms) in [(20, 60), (60, 20), (30, 40)] {
            let rtp = RtpPipelineConfig::default().with_packet_ms(out_ms).with_ssrc(5);
            let params = MediaSessionParams::default().with_rtp(rtp).with_processing(processing.clone());
            let mut session = engine(MediaEngineConfig::default()).create_media_session(params).unwrap();
            let mut sent = Vec::new();
            for n in 0..1_200 / in_ms {
                let mut datagram = packet(n as u16, &vec![0x30; 8 * in_ms]);
                datagram[4..8].copy_from_slice(&((8 * n * in_ms) as u32).to_be_bytes());
                let take = |packet: &[u8]| sent.push(packet.to_vec());
                session.process_packets(&mut datagram, &NoClock, take).unwrap();
            }
            for (n, packet) in sent.iter().enumerate() {
                assert_eq!(packet.len(), 12 + 8 * out_ms as usize);
                assert_eq!(packet[4..8], (n as u32 * 8 * out_ms).to_be_bytes());
                assert_eq!(packet[8..12], 5u32.to_be_bytes());
            }
            let performance = session.handle().metrics().performance;
            assert_eq!(
                (performance.packets_in as usize, performance.packets_out),
                (1_200 / in_ms, sent.len() as u64)
            );
            assert_eq!(sent.len(), 1_200 / out_ms as usize);
        }
    }
}

#[test]
fn a_muted_leg_sends_silence_and_its_stream_goes_on() {
    for processing in [AudioProcessingConfig::default(), AudioProcessingConfig::all()] {
        let taken = u64::from(processing != AudioProcessingConfig::default());
        let mut session = session(processing);
        let handle = session.handle();
        let noise = packets(0, &white_noise(1, -20.0, 30 * FRAME));
        for (step, datagram) in noise.iter().enumerate() {
            let muted = (10..20).contains(&step);
            handle.set_muted(muted);
            assert_eq!(handle.is_muted(), muted);
            let egress = send(&mut session, datagram).unwrap();
            assert_eq!(egress[12..] == [Law::Mu.silence(); FRAME], muted, "packet {step}");
            assert_eq!(egress[3], step as u8);
        }
        assert_eq!(handle.metrics().performance.pool_hits, taken);
    }
}

#[test]
fn a_stopped_session_drops_what_comes_and_counts_it() {
    let mut session = session(AudioProcessingConfig::default());
    let handle = session.handle();
    assert!(send(&mut session, &packet(0, &[1; FRAME])).is_ok());
    assert!(handle.is_active() && session.is_active());

    handle.stop();
    assert!(!handle.is_active() && !session.is_active());
    assert_eq!(send(&mut session, &packet(1, &[1; FRAME])), Err(PacketError::Stopped));
    let metrics = handle.metrics();
    assert_eq!(metrics.packets.dropped(PacketError::Stopped), 1);
    assert_eq!((metrics.performance.packets_in, metrics.performance.packets_out), (2, 1));
}

#[test]
fn a_handle_outlives_its_session_and_knows() {
    let mut session = session(AudioProcessingConfig::default());
    send(&mut session, &packet(0, &[1; FRAME])).unwrap();
    let handle = session.handle().clone();
    assert_eq!(handle.id(), session.id());
    drop(session);
    assert!(!handle.is_active());
    assert_eq!(handle.metrics().performance.packets_out, 1);
}

#[test]
fn a_session_moves_between_threads_and_obeys_from_any() {
    let mut session = session(AudioProcessingConfig::all());
    let handle = session.handle();
    let worker = std::thread::spawn(move || {
        let mut sequence = 0u16;
        while session.is_active() {
            let _ = session.process_packet(&mut packet(sequence, &[0x30; FRAME]), &NoClock);
            sequence = sequence.wrapping_add(1);
        }
        session.handle().metrics().performance.packets_out
    });
    while handle.metrics().performance.packets_out < 100 {
        std::thread::yield_now();
    }
    handle.stop();
    let sent = worker.join().unwrap();
    assert!(sent >= 100);
    assert_eq!(handle.metrics().performance.packets_out, sent);
}

#[test]
fn bad_packets_are_counted_and_the_call_goes_on() {
    let mut session = session(AudioProcessingConfig::all());
    assert_eq!(send(&mut session, &[0x80; 5]), Err(PacketError::TooShort));
    assert_eq!(send(&mut session, &packet(0, &[])), Err(PacketError::EmptyPayload));
    assert!(send(&mut session, &packet(0, &[0x30; FRAME])).is_ok());
    let packets = session.handle().metrics().packets;
    assert_eq!(
        packets.drops().map(|(reason, count)| (reason.name(), count)).collect::<Vec<_>>(),
        [("too_short", 1), ("empty_payload", 1)]
    );
}

#[test]
fn an_engine_takes_as_many_sessions_as_it_may() {
    let engine = engine(MediaEngineConfig::default().with_max_sessions(2));
    let first = engine.create_media_session(MediaSessionParams::default()).unwrap();
    let second = engine.create_media_session(MediaSessionParams::default()).unwrap();
    assert_ne!(first.id(), second.id());
    assert_eq!(engine.active_sessions(), 2);
    let refused = engine.create_media_session(MediaSessionParams::default()).map(|_| ());
    assert_eq!(refused, Err(EngineError::TooManySessions { max_sessions: 2 }));
    drop(first);
    let third = engine.create_media_session(MediaSessionParams::default()).unwrap();
    assert!(third.id() > second.id(), "numbers are not given twice");
}

#[test]
fn a_refused_parameter_is_named_and_leaves_no_session_behind() {
    let engine = engine(MediaEngineConfig::default());
    let params = MediaSessionParams::default().with_rtp(RtpPipelineConfig::default().with_frames(0));
    let error = engine.create_media_session(params).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "frames is 0, but must be 1 to 64");
    assert_eq!(engine.active_sessions(), 0);
}
