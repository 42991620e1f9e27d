//! Pauses left out by the voice detector, and played as noise.

use mc_engine::{AudioProcessingConfig, EndpointConfig, NearEnd, PayloadFormat, VadConfig};
use mc_testkit::measure::rms_dbfs;
use mc_testkit::scene::speech_in_noise;
use mc_testkit::signal::white_noise;

use crate::wire::{FRAME, at, endpoint, fields, played, processing, sent, telephone};

fn with_noise() -> EndpointConfig {
    EndpointConfig::default().with_comfort_noise(13)
}

fn detecting() -> AudioProcessingConfig {
    AudioProcessingConfig::default().with_voice_detection(VadConfig::default())
}

/// A call through us: a telephone that sends everything, our two legs, and a telephone that takes comfort noise. The
/// voice detector of the first leg tells the second one what to leave out.
#[test]
fn what_a_voice_detector_takes_for_a_pause_is_left_out_on_the_other_leg() {
    let scene = speech_in_noise(7, 8_000, 25.0);
    let mut caller = telephone(PayloadFormat::PCMU);
    let mut in_leg = processing(&EndpointConfig::default().with_near_end(NearEnd::Received), detecting());
    let mut out_leg = endpoint(&with_noise());
    let mut callee = endpoint(&with_noise());
    let (mut received, mut expected_timestamp) = (0, 0);
    let mut heard = Vec::new();
    for (tick, frame) in scene.samples.chunks_exact(FRAME).enumerate() {
        for packet in sent(&mut caller, frame) {
            in_leg.receive(&packet, at(tick)).unwrap();
        }
        let audio = played(&mut in_leg, tick);
        let is_speech = in_leg.processed().voice.unwrap().is_speech;
        let mut packets = 0;
        out_leg.send_voice(&audio, is_speech, |packet| {
            let packet_fields = fields(packet);
            assert_eq!(packet_fields.timestamp, expected_timestamp, "time goes on through a pause");
            assert_eq!(usize::from(packet_fields.sequence), received, "numbers do not");
            assert!(packet_fields.payload_type == if is_speech { 0 } else { 13 });
            callee.receive(packet, at(tick)).unwrap();
            (received, packets) = (received + 1, packets + 1);
        });
        assert!(packets == 1 || !is_speech);
        expected_timestamp += FRAME as u32;
        heard.extend(played(&mut callee, tick));
    }
    let ticks = scene.samples.len() / FRAME;
    let sent = out_leg.handle().metrics().endpoint.unwrap().sent;
    assert_eq!((sent.audio + sent.noise + sent.left_out) as usize, ticks);
    assert!(sent.left_out as usize > ticks / 5 && sent.noise > 5, "{sent:?} of {ticks}");
    let there = callee.handle().metrics().endpoint.unwrap();
    assert_eq!((there.received.lost, there.received.accepted as usize), (0, received));
    assert!(there.played.noise > sent.left_out * FRAME as u64 / 2, "{:?}", there.played);
    // Pauses sound as loud as they were.
    let level = |audio: &[f32]| {
        let mut levels: Vec<f32> = audio[100 * FRAME..].chunks_exact(FRAME).map(rms_dbfs).collect();
        levels.sort_by(f32::total_cmp);
        levels[levels.len() / 20]
    };
    let (before, after) = (level(&scene.samples), level(&heard));
    assert!((before - after).abs() < 4.0, "{before} dBFS and {after} dBFS");
}

#[test]
fn the_microphones_own_voice_detector_leaves_pauses_out() {
    let count = |config: &EndpointConfig, processing_config: AudioProcessingConfig| {
        let mut softphone = processing(config, processing_config);
        for frame in speech_in_noise(7, 8_000, 25.0).samples.chunks_exact(FRAME) {
            softphone.send(frame, |_| ());
        }
        softphone.handle().metrics().endpoint.unwrap().sent
    };
    assert!(count(&with_noise(), detecting()).left_out > 100);
    assert_eq!(count(&EndpointConfig::default(), detecting()).left_out, 0, "nobody agreed on comfort noise");
    assert_eq!(count(&with_noise(), AudioProcessingConfig::default()).left_out, 0, "nobody tells pauses");
}

#[test]
fn noise_is_described_once_a_second_and_heard_until_speech_comes_again() {
    for packet_ms in [20, 60] {
        let (mut sender, mut receiver) =
            (endpoint(&with_noise().with_packet_ms(packet_ms)), endpoint(&with_noise()));
        let noise = white_noise(1, -50.0, 300 * FRAME);
        let (mut heard, mut descriptions) = (Vec::new(), 0);
        for (tick, frame) in noise.chunks_exact(FRAME).enumerate() {
            let talks = tick < 51;
            let frame = if talks { &[0.2; FRAME] } else { frame };
            sender.send_voice(frame, talks, |packet| {
                descriptions += usize::from(fields(packet).payload_type == 13);
                receiver.receive(packet, at(tick)).unwrap();
            });
            let played = played(&mut receiver, tick);
            if tick >= 200 {
                heard.extend(played);
            }
        }
        assert_eq!(descriptions, 5, "4.98 s of a pause in packets of {packet_ms} ms");
        assert!((rms_dbfs(&heard) + 50.0).abs() < 3.0, "{} dBFS", rms_dbfs(&heard));
        let metrics = receiver.handle().metrics().endpoint.unwrap();
        assert_eq!(metrics.received.lost, 0);
        assert!(metrics.played.noise > 240 * FRAME as u64, "{:?}", metrics.played);
    }
}
