//! Payload types agreed on, codecs from outside, and audio at the rate that the consumer wants.

use mc_engine::{
    Conference, ConferenceConfig, EndpointConfig, JitterConfig, Law, MediaEndpoint, PacketError,
    PayloadFormat, PayloadMap, SampleRate,
};
use mc_testkit::measure::rms_dbfs;
use mc_testkit::signal::sine;

use crate::linear::Linear;
use crate::wire::{FRAME, at, bring, endpoint, fields, played, sent, telephone, tone};

/// A wideband endpoint of a codec that comes from outside.
fn wideband() -> MediaEndpoint {
    let formats = PayloadMap::default().with(96, || Linear(SampleRate::Hz16000));
    let jitter = JitterConfig::default().with_payload_bytes(640);
    endpoint(&EndpointConfig::default().with_formats(formats).with_jitter(jitter))
}

#[test]
fn parties_with_codecs_and_rates_of_their_own_hear_each_other_over_rtp() {
    let mut room = Conference::new(ConferenceConfig::default()).unwrap();
    let (mut phone_w, mut ours_w) = (wideband(), wideband());
    let mut narrow = [PayloadFormat::PCMU, PayloadFormat::PCMA]
        .map(|format| (telephone(format), telephone(format), room.join(SampleRate::Hz8000).unwrap()));
    let party_w = room.join(SampleRate::Hz16000).unwrap();
    let (tone_a, tone_w) = (sine(8_000, 300.0, 0.2, 100 * FRAME), sine(16_000, 1_000.0, 0.2, 200 * FRAME));
    let (mut heard_w, mut heard_b) = (Vec::new(), Vec::new());
    for tick in 0..100 {
        let now = at(tick);
        let voices = [&tone_a[tick * FRAME..(tick + 1) * FRAME], &[0.0; FRAME]];
        for ((phone, ours, party), voice) in narrow.iter_mut().zip(voices) {
            phone.send(voice, |packet| bring(ours, packet, now));
            ours.play(room.speak(*party).unwrap(), now);
        }
        phone_w.send(&tone_w[tick * 320..(tick + 1) * 320], |packet| bring(&mut ours_w, packet, now));
        ours_w.play(room.speak(party_w).unwrap(), now);
        room.tick();

        ours_w.send(room.hear(party_w), |packet| bring(&mut phone_w, packet, now));
        heard_w.extend(played(&mut phone_w, tick));
        let mut heard = Vec::new();
        for (phone, ours, party) in &mut narrow {
            ours.send(room.hear(*party), |packet| bring(phone, packet, now));
            heard = played(phone, tick);
        }
        heard_b.extend(heard);
    }
    // The wideband party hears one tone, the silent one both: powers add up.
    assert!((rms_dbfs(&heard_w[16_000..]) - -16.99).abs() < 0.5, "{}", rms_dbfs(&heard_w[16_000..]));
    assert!((rms_dbfs(&heard_b[8_000..]) - -13.98).abs() < 0.5, "{}", rms_dbfs(&heard_b[8_000..]));
}

#[test]
fn every_format_that_was_agreed_on_is_taken_at_any_time_and_sent_when_chosen() {
    let dynamic = PayloadFormat { payload_type: 97, law: Law::A };
    let formats =
        PayloadMap::from(PayloadFormat::PCMU).with_format(dynamic).with(98, || Linear(SampleRate::Hz8000));
    let config = EndpointConfig::default().with_formats(formats);
    let (mut sender, mut receiver) = (endpoint(&config), endpoint(&config));
    let signal = sine(8_000, 440.0, 0.4, 150 * FRAME);
    let mut heard = Vec::new();
    for (tick, frame) in signal.chunks_exact(FRAME).enumerate() {
        // Another format from every other packet on.
        let (payload_type, bytes) = [(0, 160), (97, 160), (98, 320)][tick / 2 % 3];
        assert!(sender.send_as(payload_type));
        for packet in sent(&mut sender, frame) {
            let packet_fields = fields(&packet);
            assert_eq!((packet_fields.payload_type, packet_fields.payload.len()), (payload_type, bytes));
            assert_eq!(packet_fields.timestamp, (tick * FRAME) as u32, "one clock for all");
            receiver.receive(&packet, at(tick)).unwrap();
        }
        heard.extend(played(&mut receiver, tick));
    }
    let amplitude = tone(&heard[8_000..], 8_000, 440.0);
    assert!((amplitude - 0.4).abs() < 0.01, "{amplitude}");
    assert!((rms_dbfs(&heard[8_000..]) - rms_dbfs(&signal)).abs() < 0.1, "and nothing besides");
    assert!(!sender.send_as(8), "nobody agreed on that");
    let metrics = receiver.handle().metrics().endpoint.unwrap();
    assert_eq!((metrics.played.undecodable, metrics.played.concealed, metrics.received.lost), (0, 0, 0));
    let mut stranger = telephone(PayloadFormat::PCMA);
    let packets = sent(&mut stranger, &[0.1; FRAME]);
    assert_eq!(receiver.receive(&packets[0], at(200)), Err(PacketError::PayloadType));
}

#[test]
fn consumers_at_16_and_48_khz_hear_and_speak_over_a_telephone_leg() {
    for rate in [SampleRate::Hz16000, SampleRate::Hz48000] {
        let mut consumer = endpoint(&EndpointConfig::default().with_rate(rate));
        assert_eq!(consumer.rate(), rate);
        let mut phone = telephone(PayloadFormat::PCMU);
        let length = rate.samples_in_ms(20);
        let (from_phone, to_phone) =
            (sine(8_000, 1_000.0, 0.3, 100 * FRAME), sine(rate.hz(), 2_000.0, 0.3, 100 * length));
        let (mut heard, mut heard_there) = (Vec::new(), Vec::new());
        for tick in 0..100 {
            let now = at(tick);
            phone.send(&from_phone[tick * FRAME..][..FRAME], |packet| bring(&mut consumer, packet, now));
            heard.extend(played(&mut consumer, tick));
            for packet in sent(&mut consumer, &to_phone[tick * length..][..length]) {
                assert_eq!(fields(&packet).payload.len(), FRAME);
                phone.receive(&packet, now).unwrap();
            }
            heard_there.extend(played(&mut phone, tick));
        }
        let settled = &heard[50 * length..];
        assert!((tone(settled, rate.hz(), 1_000.0) - 0.3).abs() < 0.01);
        // The tone and G.711's noise, but no images of either.
        assert!((rms_dbfs(settled) - rms_dbfs(&from_phone)).abs() < 0.1, "{rate:?}");
        assert!((tone(&heard_there[8_000..], 8_000, 2_000.0) - 0.3).abs() < 0.01, "{rate:?}");
        let metrics = consumer.handle().metrics();
        assert_eq!((metrics.performance.packets_in, metrics.performance.packets_out), (100, 100));
        assert_eq!(metrics.endpoint.unwrap().sent.audio, 100);
    }
}

#[test]
fn formats_that_cannot_be_told_apart_or_have_another_clock_are_refused() {
    let refused = |formats: PayloadMap| {
        let config = EndpointConfig::default().with_formats(formats);
        config.validate().unwrap_err().field()
    };
    assert_eq!(refused(PayloadMap::default()), "codec");
    let pcmu = || PayloadMap::from(PayloadFormat::PCMU);
    assert_eq!(refused(pcmu().with_format(PayloadFormat { payload_type: 0, law: Law::A })), "payload_type");
    assert_eq!(refused(pcmu().with_format(PayloadFormat { payload_type: 64, law: Law::A })), "payload_type");
    assert_eq!(refused(pcmu().with(96, || Linear(SampleRate::Hz16000))), "codec");
}
