//! Keys pressed.

use mc_engine::{DtmfKey, EndpointConfig, EventReport, PayloadFormat, Received};

use crate::wire::{FRAME, at, endpoint, played, sent, telephone, tone};

#[test]
fn a_key_is_pressed_once_whatever_is_lost_and_the_audio_goes_on_behind_it() {
    let config = EndpointConfig::default().with_telephone_event(101);
    let (mut sender, mut receiver) = (endpoint(&config), endpoint(&config));
    let key = DtmfKey::from_symbol('5').unwrap();
    let (mut reports, mut audio) = (Vec::new(), 0);
    for tick in 0..60 {
        if tick == 10 {
            assert!(sender.press(key, 100) && !sender.press(key, 100));
        }
        for packet in sent(&mut sender, &[0.1; FRAME]) {
            // The first and the third packet of the key are lost.
            if tick == 10 || tick == 12 {
                continue;
            }
            match receiver.receive(&packet, at(tick)).unwrap() {
                Received::Key(report) => reports.extend(report),
                Received::Audio(_) => audio += 1,
                other => panic!("{other:?}"),
            }
        }
        played(&mut receiver, tick);
    }
    let started = EventReport::Started { event: 5, volume: 10 };
    assert_eq!(reports, [started, EventReport::Ended { event: 5, duration: 800 }]);
    // Five packets of the key, its end twice more.
    assert_eq!(audio, 60 - 7);
    let (from, to) = (sender.handle().metrics(), receiver.handle().metrics());
    let (from, to) = (from.endpoint.unwrap(), to.endpoint.unwrap());
    assert_eq!((from.sent.keys, from.sent.audio), (7, 53));
    assert_eq!((to.received.lost, to.received.accepted), (2, 58));
    // The key is a pause, and what is lost of it at most a packet's worth of concealment each.
    assert!(to.played.concealed <= 2 * FRAME as u64 && to.played.noise > 0, "{:?}", to.played);
}

#[test]
fn where_no_payload_type_was_agreed_on_a_key_is_heard_as_its_tones() {
    let (mut sender, mut receiver) = (telephone(PayloadFormat::PCMU), telephone(PayloadFormat::PCMU));
    let key = DtmfKey::from_symbol('5').unwrap();
    let mut heard = Vec::new();
    for tick in 0..60 {
        if tick == 20 {
            assert!(sender.press(key, 400));
        }
        for packet in sent(&mut sender, &[0.0; FRAME]) {
            receiver.receive(&packet, at(tick)).unwrap();
        }
        heard.extend(played(&mut receiver, tick));
    }
    let from = heard.iter().position(|sample| sample.abs() > 0.02).unwrap();
    let during = &heard[from + 160..from + 160 + 2_400];
    let (low, high) = key.frequencies();
    for hz in [low, high] {
        // -10 dBm0 each.
        assert!((tone(during, 8_000, hz) - 0.22).abs() < 0.02, "{hz} Hz: {}", tone(during, 8_000, hz));
    }
    assert!(tone(during, 8_000, 697.0) < 0.02 && tone(during, 8_000, 1_477.0) < 0.02);
    assert!(heard[from + 3_200 + 320..].iter().all(|sample| sample.abs() < 0.01), "it ends");
    assert_eq!(sender.handle().metrics().endpoint.unwrap().sent.keys, 0);
}
