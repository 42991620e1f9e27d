//! What faults and failures of processors leave in the log. One test, alone in its program: `tracing` remembers
//! for the whole process whether anybody listens, so a test beside this one could take its listener away.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::faulty::{Fault, faulty_factory};
use common::log::Warnings;
use common::{FRAME, packet, packets, send, session};
use mc_engine::{AecConfig, AudioProcessingConfig, MediaEngine, MediaEngineConfig, MediaSessionParams};

#[test]
fn faults_and_failures_are_logged_once_and_not_on_the_packet_path() {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || {
        faults(&warnings);
        failure(&warnings);
    });
}

/// Frames that no processor takes, at the session's end.
fn faults(warnings: &Warnings) {
    /// Samples: less than 2.5 ms.
    const TOO_SHORT: [u8; 10] = [0x30; 10];
    let mut faulty = session(AudioProcessingConfig::all());
    for sequence in 0..100 {
        send(&mut faulty, &packet(sequence, &TOO_SHORT)).unwrap();
    }
    assert_eq!(warnings.count(), 0, "the packet path does not log");
    drop(faulty);
    assert_eq!(warnings.count(), 1);

    let mut sound = session(AudioProcessingConfig::all());
    send(&mut sound, &packet(0, &[0x30; FRAME])).unwrap();
    drop(sound);
    assert_eq!(warnings.count(), 1);
}

/// A processor that is given up, when somebody asks for the metrics or at the session's end.
fn failure(warnings: &Warnings) {
    let before = warnings.count();
    let engine =
        MediaEngine::with_factory(MediaEngineConfig::default(), faulty_factory(Fault::Error, 3, 0)).unwrap();
    let processing = AudioProcessingConfig::default().with_echo_cancellation(AecConfig::default());
    let params = MediaSessionParams::default().with_processing(processing);
    let mut session = engine.create_media_session_v2(params).unwrap();
    let handle = session.handle();
    for packet in packets(0, &[0.1; 10 * FRAME]) {
        send(&mut session, &packet).unwrap();
    }
    assert_eq!(warnings.count(), before);
    let _ = (handle.metrics(), handle.metrics());
    drop(session);
    assert_eq!(warnings.count(), before + 1);
}
