//! A processor that fails is replaced within the frame, and nobody hears it.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::faulty::{Fault, faulty_factory};
use common::{FRAME, decode, packets, send};
use mc_engine::{
    AdvancedProcessingConfig, AdvancedProcessorFactory, AecConfig, AgcConfig, AudioProcessingConfig,
    ConfigError, EngineError, MediaEngine, MediaEngineConfig, MediaSession, MediaSessionParams,
    ProcessorState, ProcessorStates, VadConfig,
};
use mc_testkit::signal::sine;

const BOTH: [Fault; 2] = [Fault::Error, Fault::NotANumber];
/// Frames before the failure.
const GOOD: usize = 25;

fn on() -> AudioProcessingConfig {
    AudioProcessingConfig::default()
        .with_echo_cancellation(AecConfig::default())
        .with_voice_detection(VadConfig::default())
}

fn engine(factory: AdvancedProcessorFactory, fallback: bool) -> MediaEngine {
    let advanced = AdvancedProcessingConfig::default().with_fallback_to_v1_on_error(fallback);
    MediaEngine::with_factory(MediaEngineConfig::default().with_advanced_processing(advanced), factory)
        .unwrap()
}

fn session(fault: Fault, delay: usize, processing: AudioProcessingConfig, fallback: bool) -> MediaSession {
    let params = MediaSessionParams::default().with_processing(processing);
    engine(faulty_factory(fault, GOOD, delay), fallback).create_media_session_v2(params).unwrap()
}

fn states(session: &MediaSession) -> [ProcessorState; 2] {
    let ProcessorStates { echo_cancellation, voice_detection, .. } = session.handle().processors();
    [echo_cancellation, voice_detection]
}

/// A tone, loud enough that a step shows; what comes out of `session`, and the greatest step between samples.
fn steps(session: &mut MediaSession) -> (Vec<f32>, f32) {
    steps_from(session, 0)
}

fn steps_from(session: &mut MediaSession, first: u16) -> (Vec<f32>, f32) {
    let tone = sine(8_000, 300.0, 0.3, 2 * GOOD * FRAME);
    let output: Vec<f32> = packets(first, &tone)
        .iter()
        .flat_map(|packet| decode(&send(session, packet).unwrap()[12..]))
        .collect();
    let greatest = output.windows(2).skip(2 * FRAME).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
    (output, greatest)
}

#[test]
fn the_stand_in_takes_over_within_the_frame_without_a_gap_or_a_jump() {
    // A tone of 300 Hz at 0.3 moves by up to 0.071 from sample to sample.
    let own = 0.3 * (std::f32::consts::TAU * 300.0 / 8_000.0);
    for fault in BOTH {
        for delay in [0, 17, 64] {
            let mut session = session(fault, delay, on(), true);
            assert_eq!(states(&session), [ProcessorState::Advanced; 2]);
            let (output, greatest) = steps(&mut session);
            assert_eq!(states(&session), [ProcessorState::FellBack; 2], "{fault:?}");
            assert!(greatest < own * 1.25, "{fault:?} after a delay of {delay}: a step of {greatest}");
            for (n, frame) in output.chunks(FRAME).enumerate().skip(2) {
                let level = mc_testkit::measure::rms_dbfs(frame);
                assert!(level > -17.0, "frame {n} at {level} dBFS: {fault:?} after a delay of {delay}");
            }
            let metrics = session.handle().metrics();
            assert_eq!((metrics.fallbacks.echo_cancellation, metrics.fallbacks.voice_detection), (1, 1));
            assert_eq!(metrics.faults.total(), 0, "the stand-in took the very frame");
            assert!(session.report().echo.is_some() && session.report().voice.is_some());
        }
    }
}

#[test]
fn a_gain_control_that_fails_is_replaced_too() {
    let own = 0.3 * (std::f32::consts::TAU * 300.0 / 8_000.0);
    for fault in BOTH {
        let gain_control = AudioProcessingConfig::default().with_gain_control(AgcConfig::default());
        let mut session = session(fault, 0, gain_control, true);
        assert_eq!(session.handle().processors().gain_control, ProcessorState::Advanced);
        let (output, greatest) = steps(&mut session);
        assert_eq!(session.handle().processors().gain_control, ProcessorState::FellBack, "{fault:?}");
        assert!(greatest < own * 1.25, "{fault:?}: a step of {greatest}");
        // The stand-in lowers the tone to its own target, slowly: no frame is a hole.
        for frame in output.chunks(FRAME).skip(2) {
            assert!(mc_testkit::measure::rms_dbfs(frame) > -20.0, "{fault:?}");
        }
        let metrics = session.handle().metrics();
        assert_eq!((metrics.fallbacks.gain_control, metrics.faults.total()), (1, 0));
        assert!(session.report().gain.is_some());
    }
}

#[test]
fn where_the_first_generation_is_off_the_processor_is_bypassed() {
    for fault in BOTH {
        let only_advanced =
            AudioProcessingConfig::default().with_use_advanced_aec(true).with_use_advanced_vad(true);
        let mut session = session(fault, 0, only_advanced, true);
        let (_, greatest) = steps(&mut session);
        assert!(greatest < 0.09, "a step of {greatest}");
        assert_eq!(states(&session), [ProcessorState::Bypassed; 2]);
        assert_eq!(session.handle().metrics().fallbacks.total(), 2);
        assert!(session.report().echo.is_none() && session.report().voice.is_none());
    }
}

#[test]
fn without_fallback_the_processor_starts_over_each_time() {
    for fault in BOTH {
        let mut session = session(fault, 0, on(), false);
        steps(&mut session);
        assert_eq!(states(&session), [ProcessorState::Advanced; 2]);
        let metrics = session.handle().metrics();
        assert_eq!(metrics.fallbacks.total(), 0);
        // Fifty frames with a failure after every twenty-five good ones.
        assert_eq!((metrics.faults.echo_cancellation, metrics.faults.voice_detection), (1, 1));
    }
}

#[test]
fn a_processor_that_cannot_be_made_is_replaced_or_refused() {
    let broken = || {
        let refuse = || ConfigError::new("licence", "missing", "a valid one");
        AdvancedProcessorFactory::default()
            .with_echo_canceller(move |_, _| Err(refuse()))
            .with_voice_detector(move |_, _| Err(refuse()))
    };
    let params = || MediaSessionParams::default().with_processing(on());
    let mut session = engine(broken(), true).create_media_session_v2(params()).unwrap();
    assert_eq!(states(&session), [ProcessorState::FellBack; 2]);
    assert_eq!(session.handle().metrics().fallbacks.total(), 2);
    steps(&mut session);
    assert!(session.report().echo.is_some());

    let refused = engine(broken(), false).create_media_session_v2(params()).map(|_| ());
    assert!(matches!(refused, Err(EngineError::Config(error)) if error.field() == "licence"));
}

#[test]
fn a_processor_that_was_given_up_gets_a_second_chance_when_the_session_is_reconfigured() {
    let mut session = session(Fault::Error, 0, on(), true);
    steps(&mut session);
    let handle = session.handle();
    handle.reconfigure(handle.processing()).unwrap();
    steps_from(&mut session, 1_000);
    // It has failed once more, later.
    assert_eq!(states(&session), [ProcessorState::FellBack; 2]);
    assert_eq!(handle.metrics().fallbacks.total(), 4);
}
