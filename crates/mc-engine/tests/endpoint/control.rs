//! What handles of other threads do to an endpoint, and the engine to its configuration.

use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, EndpointConfig, EngineError, MediaEngine, MediaEngineConfig,
    MediaSessionParams, NearEnd, PayloadFormat, ProcessorState,
};
use mc_testkit::alloc::thread_live_bytes;
use mc_testkit::measure::rms_dbfs;
use mc_testkit::signal::white_noise;

use crate::wire::{FRAME, at, bring, played, processing, sent, telephone};

fn off() -> AudioProcessingConfig {
    AudioProcessingConfig::default()
}

#[test]
fn a_handle_mutes_the_near_end_changes_processors_and_stops() {
    let mut softphone = processing(&EndpointConfig::default(), off());
    let handle = softphone.handle();
    let payload = |packets: Vec<Vec<u8>>| packets[0][12..].to_vec();
    handle.set_muted(true);
    assert_eq!(payload(sent(&mut softphone, &[0.3; FRAME])), [0xFF; FRAME], "mu-law's silence");
    handle.set_muted(false);
    assert!(payload(sent(&mut softphone, &[0.3; FRAME])) != [0xFF; FRAME]);

    assert_eq!(handle.processors().gain_control, ProcessorState::Off);
    handle.reconfigure(off().with_gain_control(AgcConfig::default())).unwrap();
    sent(&mut softphone, &[0.01; FRAME]);
    assert_eq!(handle.processors().gain_control, ProcessorState::Simple);
    assert!(softphone.processed().gain.is_some());

    handle.stop();
    assert!(sent(&mut softphone, &[0.3; FRAME]).is_empty());
    assert!(played(&mut softphone, 5) == [0.0; FRAME]);
    drop(softphone);
    assert_eq!(handle.reconfigure(off()), Err(EngineError::Ended));
    assert_eq!(handle.metrics().endpoint.unwrap().sent.audio, 3);
}

/// Echo that is left of a microphone that hears, half as loud and 20 ms later, what `far_end` is at its side. Gives
/// what went in and what came out, in the settled half.
fn echo_left(near_end: NearEnd) -> (Vec<f32>, Vec<f32>) {
    let echo = off().with_echo_cancellation(AecConfig::default());
    let mut ours = processing(&EndpointConfig::default().with_near_end(near_end), echo);
    let mut peer = telephone(PayloadFormat::PCMU);
    let noise = white_noise(3, -26.0, 600 * FRAME);
    let (mut microphone, mut before, mut after) = (vec![0.0; FRAME], Vec::new(), Vec::new());
    for (tick, far_end) in noise.chunks_exact(FRAME).enumerate() {
        let (loudspeaker, output);
        match near_end {
            // Our loudspeaker plays what the peer says, and our microphone hears it.
            NearEnd::Sent => {
                sent(&mut peer, far_end).iter().for_each(|packet| bring(&mut ours, packet, at(tick)));
                loudspeaker = played(&mut ours, tick);
                let packets = sent(&mut ours, &microphone);
                packets.iter().for_each(|packet| bring(&mut peer, packet, at(tick)));
                output = played(&mut peer, tick);
            }
            // The peer's loudspeaker plays what we say, and its microphone hears it.
            NearEnd::Received => {
                sent(&mut peer, &microphone).iter().for_each(|packet| bring(&mut ours, packet, at(tick)));
                output = played(&mut ours, tick);
                sent(&mut ours, far_end).iter().for_each(|packet| bring(&mut peer, packet, at(tick)));
                loudspeaker = played(&mut peer, tick);
            }
        }
        if tick > 300 {
            before.extend_from_slice(&microphone);
            after.extend(output);
        }
        microphone = loudspeaker.iter().map(|sample| 0.5 * sample).collect();
    }
    assert!(ours.handle().audio().erle_db.is_some_and(|erle| erle > 15.0), "{near_end:?}");
    (before, after)
}

#[test]
fn echo_is_cancelled_on_either_side() {
    for near_end in [NearEnd::Sent, NearEnd::Received] {
        let (before, after) = echo_left(near_end);
        let reduction = rms_dbfs(&before) - rms_dbfs(&after);
        assert!(reduction > 20.0, "{near_end:?}: {reduction} dB");
    }
}

#[test]
fn endpoints_are_sessions_of_their_engine() {
    let engine = MediaEngine::new(MediaEngineConfig::default().with_max_sessions(2)).unwrap();
    let params = MediaSessionParams::default;
    let mut end = engine.create_media_endpoint(&EndpointConfig::default(), params()).unwrap();
    let relayed = engine.create_media_session(params()).unwrap();
    assert!(relayed.handle().endpoint().is_none() && relayed.handle().metrics().endpoint.is_none());
    let full = engine.create_media_endpoint(&EndpointConfig::default(), params()).map(|_| ());
    assert_eq!(full, Err(EngineError::TooManySessions { max_sessions: 2 }));
    sent(&mut end, &[0.1; FRAME]);
    played(&mut end, 0);
    assert_eq!(engine.metrics().endpoint.unwrap().sent.audio, 1);
    drop((end, relayed));
    let metrics = engine.metrics();
    assert_eq!(metrics.endpoint.unwrap().sent.audio, 1, "what has ended stays in the sum");
    assert_eq!((metrics.performance.packets_out, engine.active_sessions()), (1, 0));
    let refused = engine.create_media_endpoint(&EndpointConfig::default().with_packet_ms(5), params());
    assert!(matches!(refused, Err(EngineError::Config(error)) if error.field() == "packet_ms"));
    assert_eq!(engine.active_sessions(), 0);
}

#[test]
fn ten_thousand_endpoints_leave_nothing_behind() {
    let engine = MediaEngine::new(MediaEngineConfig::default()).unwrap();
    let live = || {
        let params = MediaSessionParams::default();
        let mut end = engine.create_media_endpoint(&EndpointConfig::default(), params).unwrap();
        let packets = sent(&mut end, &[0.1; FRAME]);
        bring(&mut end, &packets[0], at(0));
    };
    live();
    let before = thread_live_bytes();
    (0..10_000).for_each(|_| live());
    assert_eq!(thread_live_bytes(), before);
    assert_eq!((engine.active_sessions(), engine.metrics().performance.packets_out), (0, 10_001));
}

#[test]
fn fields_are_checked() {
    let config = EndpointConfig::default;
    for (config, field) in [
        (config().with_telephone_event(72), "telephone_event"),
        (config().with_telephone_event(0), "telephone_event"),
        (config().with_comfort_noise(200), "comfort_noise"),
        (config().with_comfort_noise(101).with_telephone_event(101), "comfort_noise"),
        (config().with_cname("n".repeat(256)), "cname"),
        (config().with_rtcp_interval(std::time::Duration::ZERO), "rtcp_interval"),
        (config().with_rtcp_bytes_per_s(0), "rtcp_bytes_per_s"),
    ] {
        assert_eq!(config.validate().unwrap_err().field(), field);
    }
}
