//! Figures per session and over the engine.

mod common;

use common::{FRAME, Ticking, engine, packet, send};
use mc_engine::{
    AudioProcessingConfig, MediaEngineConfig, MediaSessionParams, PacketError, PerformanceConfig, Stage,
};

#[test]
fn the_engines_sum_keeps_what_ended_sessions_have_counted() {
    let engine = engine(MediaEngineConfig::default().with_processing(AudioProcessingConfig::all()));
    let mut expected = 0;
    let mut lasting = engine.create_media_session(MediaSessionParams::default()).unwrap();
    for packets in 1..=5u16 {
        let mut session = engine.create_media_session(MediaSessionParams::default()).unwrap();
        for sequence in 0..packets {
            send(&mut session, &packet(sequence, &[0x30; FRAME])).unwrap();
        }
        send(&mut session, &packet(9, &[0x30; 10])).unwrap();
        assert_eq!(send(&mut session, &[0; 3]), Err(PacketError::TooShort));
        send(&mut lasting, &packet(packets, &[0x30; FRAME])).unwrap();
        expected += u64::from(packets) + 2;
        let while_it_lives = engine.metrics();
        assert_eq!(while_it_lives.performance.packets_out, expected);
        drop(session);
        assert_eq!(engine.metrics(), while_it_lives, "the end of a session changes no sum");
    }
    let sum = engine.metrics();
    assert_eq!(engine.active_sessions(), 1);
    assert_eq!(sum.packets.dropped(PacketError::TooShort), 5);
    assert_eq!(sum.faults.gain_control, 5);
    assert_eq!(sum.packets.source_changes, 6);
    drop(lasting);
    assert_eq!(engine.metrics(), sum);
}

#[test]
fn as_many_packets_are_timed_as_the_engine_is_told() {
    let stages = |time_one_in: u32, processing: AudioProcessingConfig| {
        let performance = PerformanceConfig::default().with_time_one_in(time_one_in);
        let config = MediaEngineConfig::default().with_performance(performance).with_processing(processing);
        let mut session = engine(config).create_media_session(MediaSessionParams::default()).unwrap();
        let clock = Ticking::default();
        for sequence in 0..32 {
            session.process_packet(&mut packet(sequence, &[0x30; FRAME]), &clock).unwrap();
        }
        let performance = session.handle().metrics().performance;
        Stage::ALL.map(|stage| (performance.stage(stage).count, performance.stage(stage).max))
    };
    let all = AudioProcessingConfig::all;
    // A tick for the end of each of five stages; the last one ends the packet.
    assert_eq!(stages(1, all()), [(32, 10), (32, 10), (32, 10), (32, 10), (32, 10), (32, 50)]);
    assert_eq!(stages(8, all()), [(4, 10), (4, 10), (4, 10), (4, 10), (4, 10), (4, 50)]);
    assert_eq!(stages(0, all()), [(0, 0); 6]);
    // Where nobody works on them, nobody is timed.
    assert_eq!(stages(8, AudioProcessingConfig::default()), [(0, 0); 6]);
}
