//! What a failed processor leaves in the log. Alone in its program: `tracing` remembers for the whole process
//! whether anybody listens, so a test beside this one could take its listener away.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::faulty::{Fault, faulty_factory};
use common::log::Warnings;
use common::{FRAME, packets, send};
use mc_engine::{AecConfig, AudioProcessingConfig, MediaEngine, MediaEngineConfig, MediaSessionParams};

#[test]
fn a_failure_is_logged_once_and_not_on_the_packet_path() {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || {
        let engine =
            MediaEngine::with_factory(MediaEngineConfig::default(), faulty_factory(Fault::Error, 3, 0))
                .unwrap();
        let processing = AudioProcessingConfig::default().with_echo_cancellation(AecConfig::default());
        let params = MediaSessionParams::default().with_processing(processing);
        let mut session = engine.create_media_session_v2(params).unwrap();
        let handle = session.handle();
        for packet in packets(0, &[0.1; 10 * FRAME]) {
            send(&mut session, &packet).unwrap();
        }
        assert_eq!(warnings.count(), 0);
        let _ = (handle.metrics(), handle.metrics());
        drop(session);
        assert_eq!(warnings.count(), 1);
    });
}
