//! Settings change while the call goes on, at a frame's beginning.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{FRAME, decode, engine, packets, send, session};
use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, EngineError, MediaEngineConfig, MediaSession,
    MediaSessionParams, ProcessorState, VadConfig,
};
use mc_testkit::measure::{erle_db, rms_dbfs};
use mc_testkit::scene;
use mc_testkit::signal::sine;

fn off() -> AudioProcessingConfig {
    AudioProcessingConfig::default()
}

fn pass(session: &mut MediaSession, first: u16, signal: &[f32]) -> Vec<f32> {
    packets(first, signal).iter().flat_map(|packet| decode(&send(session, packet).unwrap()[12..])).collect()
}

#[test]
fn a_processor_is_switched_on_changed_and_switched_off_while_packets_flow() {
    let mut session = session(off());
    let handle = session.handle();
    let noise = scene::levels(5, 8_000, -40.0).samples;
    let (first, rest) = noise.split_at(200 * FRAME);
    let before = rms_dbfs(&pass(&mut session, 0, first));
    assert_eq!(handle.processors().gain_control, ProcessorState::Off);

    handle.reconfigure(off().with_gain_control(AgcConfig::default())).unwrap();
    assert_eq!(handle.processors().gain_control, ProcessorState::Off, "not before the next packet");
    let louder = pass(&mut session, 200, &rest[..600 * FRAME]);
    assert_eq!(handle.processors().gain_control, ProcessorState::Simple);
    assert!(rms_dbfs(&louder[300 * FRAME..]) > before + 6.0);
    assert_eq!(handle.processing(), off().with_gain_control(AgcConfig::default()));

    handle.reconfigure(off()).unwrap();
    let after = pass(&mut session, 800, &rest[600 * FRAME..700 * FRAME]);
    assert_eq!(handle.processors().gain_control, ProcessorState::Off);
    let input = rms_dbfs(&rest[601 * FRAME..700 * FRAME]);
    assert!((rms_dbfs(&after[FRAME..]) - input).abs() < 0.3);
}

#[test]
fn what_did_not_change_keeps_what_it_has_learnt() {
    let scene = scene::noise_far_end(3, 8_000);
    let echo = || off().with_echo_cancellation(AecConfig::default());
    let mut session = session(echo());
    let handle = session.handle();
    let mut output = Vec::new();
    for (n, packet) in packets(0, &scene.microphone).iter().enumerate() {
        if n == 400 {
            handle.reconfigure(echo().with_voice_detection(VadConfig::default())).unwrap();
        }
        session.render(&scene.far_end[n * FRAME..(n + 1) * FRAME]);
        output.extend(decode(&send(&mut session, packet).unwrap()[12..]));
    }
    let changed = 400 * FRAME..402 * FRAME;
    assert!(erle_db(&scene.microphone[changed.clone()], &output[changed]) > 15.0);
    assert_eq!(handle.processors().voice_detection, ProcessorState::Simple);
}

#[test]
fn the_audio_fades_from_one_to_the_other_without_a_jump() {
    let tone = sine(8_000, 300.0, 0.3, 100 * FRAME);
    let own = 0.3 * (std::f32::consts::TAU * 300.0 / 8_000.0);
    let changes = [
        off().with_use_advanced_aec(true),
        off().with_echo_cancellation(AecConfig::default()),
        off().with_gain_control(AgcConfig::default().with_target_dbfs(-30.0)),
        off(),
        off().with_gain_control(AgcConfig::default()),
    ];
    let mut session = session(off());
    for (n, packet) in packets(0, &tone).iter().enumerate() {
        if n % 20 == 10 {
            session.handle().reconfigure(changes[n / 20].clone()).unwrap();
        }
        let before = n.checked_sub(1).map(|_| session.report().gain.map(|gain| gain.gain_db));
        let output = decode(&send(&mut session, packet).unwrap()[12..]);
        let greatest = output.windows(2).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
        assert!(greatest < own * 1.3, "packet {n}: a step of {greatest}, gain before {before:?}");
    }
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut session = session(off().with_voice_detection(VadConfig::default()));
    let handle = session.handle();
    let bad = off().with_echo_cancellation(AecConfig::default().with_tail_ms(0));
    let error = handle.reconfigure(bad).unwrap_err();
    assert!(matches!(&error, EngineError::Config(error) if error.field() == "tail_ms"), "{error}");
    pass(&mut session, 0, &[0.1; FRAME]);
    assert_eq!(handle.processors().echo_cancellation, ProcessorState::Off);
    assert_eq!(handle.processing(), off().with_voice_detection(VadConfig::default()));
    drop(session);
    assert_eq!(handle.reconfigure(off()), Err(EngineError::Ended));
}

#[test]
fn of_two_changes_between_two_packets_the_later_one_happens() {
    let mut session =
        engine(MediaEngineConfig::default()).create_media_session(MediaSessionParams::default()).unwrap();
    let handle = session.handle();
    handle.reconfigure(off().with_gain_control(AgcConfig::default())).unwrap();
    handle.reconfigure(off().with_voice_detection(VadConfig::default())).unwrap();
    pass(&mut session, 0, &[0.1; 2 * FRAME]);
    let states = handle.processors();
    assert_eq!((states.gain_control, states.voice_detection), (ProcessorState::Off, ProcessorState::Simple));
    for n in 0..50 {
        handle.reconfigure(AudioProcessingConfig::all()).unwrap();
        handle.reconfigure(off()).unwrap();
        pass(&mut session, 2 + n, &[0.1; FRAME]);
    }
    assert_eq!(handle.processors().gain_control, ProcessorState::Off);
}
