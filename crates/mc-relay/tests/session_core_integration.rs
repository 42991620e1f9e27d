//! What a signalling layer sees of sessions with processors of the second generation: that they are made as it said,
//! that figures are exact, that failures stay where they happen, and that nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::time::Duration;

use common::watched::{Made, Watch};
use common::{FRAME, Peer, eventually, last_of_echo, localhost, relay_with, stop, talk};
use mc_engine::{
    AdvancedAecConfig, AdvancedAgcConfig, AdvancedProcessingConfig, AdvancedProcessorFactory,
    AdvancedVadConfig, ConfigError, MediaEngineConfig, PacketError, PayloadFormat, ProcessorState,
    ProcessorStates, SampleRate, Stage,
};
use mc_relay::{
    AdvancedProcessorConfig, Clip, DropReason, EndReason, LegId, MediaConfig, MediaSessionController,
    RelayConfig, RelayError, RelayEvent,
};
use mc_testkit::measure::{erle_db, rms_dbfs};
use mc_testkit::room::Room;
use mc_testkit::signal::white_noise;

/// Frames that a processor does before it fails, where it does.
const GOOD: usize = 10;
const NEVER: usize = usize::MAX;

/// A relay whose processors are watched.
fn watched(
    watch: &Watch,
    fails_at: usize,
    change: impl FnOnce(RelayConfig) -> RelayConfig,
) -> MediaSessionController {
    let config = change(RelayConfig::default().with_workers(1).with_local_ip(localhost()));
    MediaSessionController::with_factory(config, watch.factory(fails_at)).unwrap()
}

/// A call with processors between two PCMU peers.
fn advanced_call(
    relay: &MediaSessionController,
    name: &str,
    processors: &AdvancedProcessorConfig,
) -> [Peer; 2] {
    let [mut a, mut b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let media = MediaConfig::new(a.leg(), b.leg());
    let info = relay.start_advanced_media(name, media, processors).unwrap();
    (a.relay, b.relay) = (Some(info.local_address(LegId::A)), Some(info.local_address(LegId::B)));
    [a, b]
}

fn states(relay: &MediaSessionController, dialog: &str, leg: LegId) -> [ProcessorState; 3] {
    let ProcessorStates { echo_cancellation, voice_detection, gain_control, .. } =
        relay.processors(&dialog.into(), leg).unwrap();
    [echo_cancellation, voice_detection, gain_control]
}

fn assert_nothing_left(relay: &MediaSessionController, watch: &Watch) {
    let metrics = relay.global_metrics();
    assert_eq!((metrics.active_calls, metrics.processed_dialogs, metrics.port_pairs_taken), (0, 0, 0));
    assert!(relay.dialogs().is_empty());
    assert_eq!(watch.alive(), 0, "processors are freed");
}

// Creation and configuration.

#[test]
fn every_processor_works_on_both_legs_unless_it_is_left_out() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    advanced_call(&relay, "all", &AdvancedProcessorConfig::default());
    let only_vad = AdvancedProcessorConfig::default().with_advanced_aec(None).with_advanced_agc(None);
    advanced_call(&relay, "vad", &only_vad);
    relay.start_advanced_audio("own", &only_vad).unwrap();
    for leg in LegId::ALL {
        assert_eq!(states(&relay, "all", leg), [ProcessorState::Advanced; 3]);
        for dialog in ["vad", "own"] {
            let expected = [ProcessorState::Off, ProcessorState::Advanced, ProcessorState::Off];
            assert_eq!(states(&relay, dialog, leg), expected, "{dialog}");
        }
    }
    // Beside them, a plain call stays plain.
    common::simple_call(&relay, "plain");
    assert_eq!(states(&relay, "plain", LegId::A), [ProcessorState::Off; 3]);
}

#[test]
fn each_configuration_reaches_its_processor() {
    let echo = AdvancedAecConfig::default().with_tail_ms(48);
    let voice = AdvancedVadConfig::default().with_hangover_ms(410);
    let gain = AdvancedAgcConfig::default().with_target_dbfs(-23.0);
    let processors = AdvancedProcessorConfig::default()
        .with_advanced_aec(echo)
        .with_advanced_vad(voice.clone())
        .with_advanced_agc(gain.clone());
    let expected = [Made::Echo(echo), Made::Voice(voice), Made::Gain(gain)];
    for own_transport in [false, true] {
        let watch = Watch::default();
        let relay = watched(&watch, NEVER, |config| config);
        if own_transport {
            relay.start_advanced_audio("configured", &processors).unwrap();
        } else {
            advanced_call(&relay, "configured", &processors);
        }
        assert_eq!(*watch.made.lock().unwrap(), [&expected[..], &expected[..]].concat());
    }
}

#[test]
fn a_legs_own_processing_goes_before_the_dialogs() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let [a, b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let none = mc_engine::AudioProcessingConfig::default();
    let media = MediaConfig::new(a.leg().with_processing(none), b.leg());
    relay.start_advanced_media("mixed", media, &AdvancedProcessorConfig::default()).unwrap();
    assert_eq!(states(&relay, "mixed", LegId::A), [ProcessorState::Off; 3]);
    assert_eq!(states(&relay, "mixed", LegId::B), [ProcessorState::Advanced; 3]);
}

#[test]
fn processors_outlast_an_update_and_change_with_it() {
    let watch = Watch::default();
    let relay = watched(&watch, NEVER, |config| config);
    let [mut a, mut b] = advanced_call(&relay, "updated", &AdvancedProcessorConfig::default());
    let first = talk(&mut a, &b);
    assert_eq!(watch.alive(), 6);
    // Nothing changes: not even a processor is made.
    relay.update_media(&"updated".into(), MediaConfig::new(a.leg(), b.leg())).unwrap();
    assert_eq!(watch.made.lock().unwrap().len(), 6);
    // Leg A goes without, in the same stream.
    let none = mc_engine::AudioProcessingConfig::default();
    let media = MediaConfig::new(a.leg().with_processing(none), b.leg());
    relay.update_media(&"updated".into(), media).unwrap();
    let second = talk(&mut a, &b);
    assert_eq!((second.ssrc, second.sequence), (first.ssrc, first.sequence.wrapping_add(1)));
    talk(&mut b, &a);
    assert_eq!(states(&relay, "updated", LegId::A), [ProcessorState::Off; 3]);
    assert_eq!(states(&relay, "updated", LegId::B), [ProcessorState::Advanced; 3]);
    stop(&relay, "updated");
    assert_nothing_left(&relay, &watch);
}

// What they do.

/// The ERLE that B experiences over the second half while A's telephone echoes; `exchange` carries one frame of B's
/// and then one of A's, which it is given a way to make from what A hears.
fn erle(mut exchange: impl FnMut(&[f32], &mut dyn FnMut(&[f32]) -> Vec<f32>) -> Vec<f32>) -> f32 {
    let room = Room::new(3, 8_000, 32.0, 6.0);
    let (mut played, mut picked_up, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    for frame in white_noise(1, -26.0, 8_000 * 6).chunks_exact(FRAME) {
        returned.extend(exchange(frame, &mut |heard| {
            played.extend_from_slice(heard);
            picked_up.extend(last_of_echo(&room, &played));
            picked_up[picked_up.len() - FRAME..].to_vec()
        }));
    }
    let half = picked_up.len() / 2;
    erle_db(&picked_up[half..], &returned[half..])
}

#[test]
fn the_other_leg_is_the_echo_cancellers_reference() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let echo_only = AdvancedProcessorConfig::default().with_advanced_vad(None).with_advanced_agc(None);
    let [mut a, mut b] = advanced_call(&relay, "carried", &echo_only);
    let over_rtp = erle(|said, echo_of| {
        b.send_audio(said);
        a.send_audio(&echo_of(&a.hear_audio()));
        b.hear_audio()
    });
    assert!(over_rtp > 25.0, "{over_rtp} dB over RTP");

    relay.start_advanced_audio("own", &echo_only).unwrap();
    let own_transport = erle(|said, echo_of| {
        let mut heard = said.to_vec();
        relay.process_advanced_audio(&"own".into(), LegId::B, &mut heard).unwrap();
        let mut answer = echo_of(&heard);
        relay.process_advanced_audio(&"own".into(), LegId::A, &mut answer).unwrap();
        answer
    });
    assert!(own_transport > 25.0, "{own_transport} dB over the caller's own transport");
}

#[test]
fn a_prompt_is_a_reference_too() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let echo_only = AdvancedProcessorConfig::default().with_advanced_vad(None).with_advanced_agc(None);
    relay.start_advanced_audio("prompt", &echo_only).unwrap();
    let cancelled = erle(|said, echo_of| {
        relay.render_advanced_audio(&"prompt".into(), LegId::A, said).unwrap();
        let mut answer = echo_of(said);
        relay.process_advanced_audio(&"prompt".into(), LegId::A, &mut answer).unwrap();
        answer
    });
    assert!(cancelled > 25.0, "{cancelled} dB");
}

#[test]
fn own_transport_may_have_another_rate() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let wideband = AdvancedProcessorConfig::default().with_sample_rate(SampleRate::Hz16000);
    relay.start_advanced_audio("wide", &wideband).unwrap();
    let report = relay.process_advanced_audio(&"wide".into(), LegId::A, &mut [0.01; 2 * FRAME]).unwrap();
    assert!(report.voice.is_some() && report.gain.is_some());
    // 60 ms at 8 kHz are 30 ms here, but 80 ms are too long for anybody: the frame goes around.
    relay.process_advanced_audio(&"wide".into(), LegId::A, &mut [0.01; 1_280]).unwrap();
    assert!(relay.call_metrics(&"wide".into()).unwrap().leg(LegId::A).media.faults.total() > 0);
}

#[test]
fn a_leg_hears_tones_and_silence_in_the_place_of_the_other_side_and_is_muted() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let only_vad = AdvancedProcessorConfig::default().with_advanced_aec(None).with_advanced_agc(None);
    let [a, mut b] = advanced_call(&relay, "told", &only_vad);
    let [session_a, session_b] = LegId::ALL.map(|leg| relay.rtp_session(&"told".into(), leg).unwrap());
    assert_eq!(Some(session_a.local_address()), a.relay);
    // B is silent: packets come by themselves.
    let tone = Clip::tone(440.0, -20.0, Duration::from_millis(400)).unwrap();
    session_a.transmit(&tone, 1).unwrap();
    let heard: Vec<f32> = (0..20).flat_map(|_| a.hear_audio()).collect();
    // A sine lies 3 dB below its peak.
    let level = rms_dbfs(&heard);
    assert!((level + 23.0).abs() < 0.1, "{level} dBFS");
    eventually("all are counted", || session_a.metrics().unwrap().packets_played == 20);

    // B talks, and A hears silence for two packets.
    let silence = Clip::silence(Duration::from_millis(40)).unwrap();
    session_a.transmit(&silence, 1).unwrap();
    assert_eq!([(); 3].map(|()| talk(&mut b, &a).payload[0]), [0xFF, 0xFF, 0x55]);
    session_a.transmit(&tone, 100).unwrap();
    assert_ne!(talk(&mut b, &a).payload, [0x55; FRAME]);
    session_a.stop_transmitting().unwrap();
    assert_eq!(talk(&mut b, &a).payload, [0x55; FRAME]);

    session_b.set_muted(true).unwrap();
    assert!(session_b.is_muted().unwrap() && !session_a.is_muted().unwrap());
    assert_eq!(talk(&mut b, &a).payload, [0xFF; FRAME]);
    assert_eq!(session_b.processors().unwrap().voice_detection, ProcessorState::Advanced);
    assert!(session_b.audio().unwrap().is_speech.is_some());
    stop(&relay, "told");
    assert!(matches!(session_a.transmit(&tone, 1), Err(RelayError::UnknownDialog(_))));
}

// Figures.

#[test]
fn every_packet_is_in_the_figures_once() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let [mut a, mut b] = advanced_call(&relay, "counted", &AdvancedProcessorConfig::default());
    for _ in 0..40 {
        talk(&mut a, &b);
    }
    for _ in 0..25 {
        talk(&mut b, &a);
    }
    let again = a.packet(&[0x55; FRAME]);
    a.send_raw(&again);
    b.hear();
    a.send_raw(&again);
    a.send_raw(&[0x80; 11]);
    a.send_raw(&[0; 40]);
    talk(&mut a, &b);

    // The last one is heard before it is counted.
    let figures = || relay.call_metrics(&"counted".into()).unwrap();
    eventually("all are counted", || figures().latency.count == 42 + 25);
    let metrics = figures();
    let [leg_a, leg_b] = &metrics.legs;
    assert_eq!((leg_a.packets_received, leg_b.packets_sent), (45, 42));
    assert_eq!((leg_b.packets_received, leg_a.packets_sent), (25, 25));
    let drops: Vec<_> = leg_a.drops().collect();
    let expected = [PacketError::TooShort, PacketError::Version, PacketError::Duplicate];
    assert_eq!(drops.len(), expected.len());
    for reason in expected {
        assert_eq!(leg_a.dropped(DropReason::Packet(reason)), 1, "{reason}");
    }
    assert_eq!(leg_b.dropped_total(), 0);
    // Every packet that got through was 12 bytes and a frame, in and out.
    let bytes = (12 + FRAME) as u64;
    assert_eq!(leg_a.media.performance.bytes_out, 42 * bytes);
    assert_eq!(leg_a.media.performance.bytes_in, 43 * bytes + 11 + 40);
    assert_eq!((leg_a.media.performance.packets_out, leg_b.media.performance.packets_out), (42, 25));
    assert_eq!((leg_a.media.faults.total(), leg_a.media.fallbacks.total()), (0, 0));

    // The relay as a whole has carried this call and nothing else, and forgets nothing at its end.
    assert_eq!(relay.global_metrics().calls, metrics);
    assert_eq!(stop(&relay, "counted").metrics, metrics);
    assert_eq!(relay.global_metrics().calls, metrics);
}

#[test]
fn frames_over_own_transport_are_counted_and_their_stages_timed() {
    let performance = mc_engine::PerformanceConfig::default().with_time_one_in(1);
    let engine = MediaEngineConfig::default().with_performance(performance);
    let relay = relay_with(RelayConfig::default().with_workers(1).with_engine(engine));
    relay.start_advanced_audio("own", &AdvancedProcessorConfig::default()).unwrap();
    for _ in 0..30 {
        relay.process_advanced_audio(&"own".into(), LegId::A, &mut [0.0; FRAME]).unwrap();
    }
    relay.process_advanced_audio(&"own".into(), LegId::B, &mut [0.0; FRAME]).unwrap();
    assert_eq!(relay.global_metrics().processed_dialogs, 1);
    let totals = relay.stop_media(&"own".into()).unwrap();
    for (leg, frames) in LegId::ALL.into_iter().zip([30, 1]) {
        let performance = &totals.metrics.leg(leg).media.performance;
        assert_eq!((performance.packets_in, performance.packets_out), (frames, frames));
        for stage in [Stage::EchoCancel, Stage::VoiceDetect, Stage::GainControl] {
            assert_eq!(performance.stage(stage).count, frames, "{stage:?}");
        }
    }
    assert_eq!(relay.global_metrics().calls, totals.metrics);
}

// Failures.

#[test]
fn a_processor_that_fails_costs_its_call_no_packet_and_others_nothing() {
    let watch = Watch::default();
    let relay = watched(&watch, GOOD, |config| config);
    let [mut a, mut b] = advanced_call(&relay, "ill", &AdvancedProcessorConfig::default());
    let [mut c, d] = advanced_call(&relay, "well", &AdvancedProcessorConfig::default());
    talk(&mut c, &d);
    for _ in 0..3 * GOOD {
        talk(&mut a, &b);
    }
    talk(&mut b, &a);
    assert_eq!(states(&relay, "ill", LegId::A), [ProcessorState::FellBack; 3]);
    assert_eq!(states(&relay, "ill", LegId::B), [ProcessorState::Advanced; 3]);
    assert_eq!(states(&relay, "well", LegId::A), [ProcessorState::Advanced; 3]);
    let totals = stop(&relay, "ill");
    let media = &totals.metrics.leg(LegId::A).media;
    assert_eq!((media.fallbacks.total(), media.faults.total()), (3, 0), "the stand-ins took the very frame");
    assert_eq!(totals.metrics.leg(LegId::B).packets_sent, 3 * GOOD as u64);
    assert_eq!(totals.reason, EndReason::Stopped);
    stop(&relay, "well");
    assert_nothing_left(&relay, &watch);
}

#[test]
fn over_own_transport_a_processor_that_fails_is_replaced_too() {
    let watch = Watch::default();
    let relay = watched(&watch, GOOD, |config| config);
    relay.start_advanced_audio("ill", &AdvancedProcessorConfig::default()).unwrap();
    for _ in 0..2 * GOOD {
        let report = relay.process_advanced_audio(&"ill".into(), LegId::A, &mut [0.01; FRAME]).unwrap();
        assert!(report.voice.is_some(), "somebody has listened to every frame");
    }
    assert_eq!(states(&relay, "ill", LegId::A), [ProcessorState::FellBack; 3]);
    assert_eq!(relay.call_metrics(&"ill".into()).unwrap().leg(LegId::A).media.fallbacks.total(), 3);
    relay.stop_media(&"ill".into()).unwrap();
    assert_nothing_left(&relay, &watch);
}

#[test]
fn a_processor_that_cannot_be_made_is_replaced_or_leaves_nothing_behind() {
    let broken = || {
        AdvancedProcessorFactory::default()
            .with_echo_canceller(|_, _| Err(ConfigError::new("licence", "missing", "a valid one")))
    };
    let start = |fallback: bool| {
        let advanced = AdvancedProcessingConfig::default().with_fallback_to_v1_on_error(fallback);
        let engine = MediaEngineConfig::default().with_advanced_processing(advanced);
        let config = RelayConfig::default().with_workers(1).with_local_ip(localhost()).with_engine(engine);
        MediaSessionController::with_factory(config, broken()).unwrap()
    };
    let processors = AdvancedProcessorConfig::default();
    let relay = start(true);
    let [mut a, b] = advanced_call(&relay, "replaced", &processors);
    talk(&mut a, &b);
    assert_eq!(states(&relay, "replaced", LegId::A)[0], ProcessorState::FellBack);

    let relay = start(false);
    let [a, b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let error =
        relay.start_advanced_media("refused", MediaConfig::new(a.leg(), b.leg()), &processors).unwrap_err();
    assert!(error.to_string().contains("licence"), "{error}");
    let error = relay.start_advanced_audio("refused", &processors).unwrap_err();
    assert!(matches!(error, RelayError::Config(error) if error.field() == "licence"));
    assert_nothing_left(&relay, &Watch::default());
}

#[test]
fn an_update_that_fails_leaves_both_legs_as_they_were() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let [a, b] = advanced_call(&relay, "kept", &AdvancedProcessorConfig::default());
    let wrong = AdvancedProcessorConfig::default()
        .with_advanced_agc(AdvancedAgcConfig::default().with_target_dbfs(12.0))
        .processing();
    let off = mc_engine::AudioProcessingConfig::default();
    let media = MediaConfig::new(a.leg().with_processing(off), b.leg().with_processing(wrong));
    assert!(matches!(relay.update_media(&"kept".into(), media), Err(RelayError::Engine(_))));
    for leg in LegId::ALL {
        let processing = relay.session(&"kept".into(), leg).unwrap().processing();
        assert_eq!(processing, AdvancedProcessorConfig::default().processing(), "leg {leg}");
    }
}

#[test]
fn who_carries_a_dialog_is_not_mistaken() {
    let relay = relay_with(RelayConfig::default().with_workers(1));
    let [a, b] = advanced_call(&relay, "carried", &AdvancedProcessorConfig::default());
    relay.start_advanced_audio("own", &AdvancedProcessorConfig::default()).unwrap();
    let (carried, own, nobody) = ("carried".into(), "own".into(), "nobody".into());
    let process = |dialog| relay.process_advanced_audio(dialog, LegId::A, &mut [0.0; FRAME]);
    assert!(matches!(process(&carried), Err(RelayError::Carried(_))));
    assert!(matches!(process(&nobody), Err(RelayError::UnknownDialog(_))));
    assert!(matches!(relay.session(&own, LegId::A), Err(RelayError::NotCarried(_))));
    let media = || MediaConfig::new(a.leg(), b.leg());
    assert!(matches!(relay.update_media(&own, media()), Err(RelayError::NotCarried(_))));
    // One name, one dialog.
    let processors = AdvancedProcessorConfig::default();
    assert!(matches!(relay.start_media("own", media()), Err(RelayError::DialogExists(_))));
    assert!(matches!(relay.start_advanced_audio("carried", &processors), Err(RelayError::DialogExists(_))));
}

// The end.

#[test]
fn every_way_to_end_frees_the_processors() {
    let watch = Watch::default();
    let timeout = Duration::from_millis(200);
    let relay = watched(&watch, NEVER, |config| config.with_media_timeout(timeout));
    let processors = AdvancedProcessorConfig::default();
    advanced_call(&relay, "stopped", &processors);
    assert_eq!(watch.alive(), 6);
    stop(&relay, "stopped");
    assert_nothing_left(&relay, &watch);

    advanced_call(&relay, "timed out", &processors);
    let mut reasons = Vec::new();
    eventually("it times out", || {
        while let Some(event) = relay.next_event(Duration::ZERO) {
            if let RelayEvent::Ended(totals) = event {
                reasons.push(totals.reason);
            }
        }
        !reasons.is_empty()
    });
    assert_eq!(reasons, [EndReason::TimedOut]);
    assert_nothing_left(&relay, &watch);

    relay.start_advanced_audio("own", &processors).unwrap();
    assert_eq!(watch.alive(), 6);
    relay.stop_media(&"own".into()).unwrap();
    assert!(matches!(relay.stop_media(&"own".into()), Err(RelayError::UnknownDialog(_))));
    assert_nothing_left(&relay, &watch);

    advanced_call(&relay, "left", &processors);
    relay.start_advanced_audio("left too", &processors).unwrap();
    assert_eq!(watch.alive(), 12);
    assert_eq!(relay.shutdown().len(), 2);
    assert_eq!(watch.alive(), 0);
}
