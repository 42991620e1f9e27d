//! Telephone events against RFC 4733, and tones against ITU-T Q.23.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use mc_dsp::SampleRate;
use mc_rtp_pipeline::MediaPacket;
use mc_rtp_pipeline::telephone_event::{
    DtmfKey, DtmfTone, EventPayload, EventReceiver, EventReport, EventSender,
};

fn packet(timestamp: u32, payload: &[u8]) -> MediaPacket<'_> {
    MediaPacket { payload_type: 101, marker: false, sequence: 0, timestamp, ssrc: 1, payload }
}

#[test]
fn the_payload_has_the_layout_of_the_rfc() {
    let payload = EventPayload { event: 11, end: true, volume: 10, duration: 1_600 };
    assert_eq!(payload.bytes(), [11, 0x8A, 0x06, 0x40]);
    assert_eq!(EventPayload::read(&[11, 0x8A, 0x06, 0x40, 1, 2]), Some(payload));
    assert_eq!(EventPayload::read(&[11, 0x8A, 0x06]), None);
    for bits in 0..=u16::MAX {
        let [high, low] = bits.to_be_bytes();
        let bytes = [high, low & 0xBF, low, high];
        assert_eq!(EventPayload::read(&bytes).unwrap().bytes(), bytes);
    }
}

#[test]
fn a_key_is_sent_in_growing_packets_and_ends_three_times() {
    let sent: Vec<_> =
        EventSender::new(5, 10, 400, 160).map(|payload| (payload.duration, payload.end)).collect();
    assert_eq!(sent, [(160, false), (320, false), (400, true), (400, true), (400, true)]);
    assert_eq!(EventSender::new(5, 10, 0, 160).count(), 3);
    assert_eq!(EventSender::new(5, 10, u16::MAX, u16::MAX).count(), 3);
    assert_eq!(EventSender::new(5, 10, 2, 0).count(), 4);
}

#[test]
fn every_key_is_reported_once_whatever_is_lost() {
    for lost in 0..1u32 << 5 {
        let mut receiver = EventReceiver::default();
        let mut reports = Vec::new();
        for (index, payload) in EventSender::new(7, 10, 400, 160).enumerate() {
            if lost >> index & 1 == 0 {
                reports.extend(receiver.note(&packet(1_000, &payload.bytes())));
            }
        }
        let started = EventReport::Started { event: 7, volume: 10 };
        let ended = EventReport::Ended { event: 7, duration: 400 };
        let mut expected = Vec::new();
        if lost & 0b11 != 0b11 {
            expected.push(started);
        }
        if lost & 0b1_1100 != 0b1_1100 {
            expected.push(ended);
        }
        assert_eq!(reports, expected, "{lost:b}");
        assert_eq!(receiver.is_active(), expected.last() == Some(&started));
        // An older packet that comes late says nothing, the next key does.
        let late = EventPayload { event: 3, end: true, volume: 0, duration: 1 }.bytes();
        if !expected.is_empty() {
            assert_eq!(receiver.note(&packet(900, &late)), None);
        }
        assert_eq!(receiver.note(&packet(3_000, &late)), Some(EventReport::Ended { event: 3, duration: 1 }));
    }
}

/// Power of `audio` at `frequency` (Goertzel), against its whole power.
fn share(audio: &[f32], frequency: f32, rate: f32) -> f32 {
    let turn = std::f32::consts::TAU * frequency / rate;
    let (mut re, mut im) = (0.0, 0.0);
    for (at, sample) in audio.iter().enumerate() {
        re += sample * (turn * at as f32).cos();
        im += sample * (turn * at as f32).sin();
    }
    let energy: f32 = audio.iter().map(|sample| sample * sample).sum();
    2.0 * (re * re + im * im) / (energy * audio.len() as f32)
}

#[test]
fn every_key_has_its_two_tones() {
    let keypad = ["123A", "456B", "789C", "*0#D"];
    let (rows, columns) = ([697.0, 770.0, 852.0, 941.0], [1_209.0, 1_336.0, 1_477.0, 1_633.0]);
    for (row, keys) in rows.into_iter().zip(keypad) {
        for (column, symbol) in columns.into_iter().zip(keys.chars()) {
            let key = DtmfKey::from_symbol(symbol).unwrap();
            assert_eq!((key.symbol(), key.frequencies()), (symbol, (row, column)));
            assert_eq!(DtmfKey::from_event(key.event()), Some(key));
            for rate in [SampleRate::Hz8000, SampleRate::Hz16000] {
                let mut tone = DtmfTone::new(key, rate, rate.samples_in_ms(100), 0.25);
                let mut audio = vec![0.0; rate.samples_in_ms(120)];
                let (first, second) = audio.split_at_mut(rate.samples_in_ms(20));
                assert!(tone.add_to(first) && !tone.add_to(second));
                let played = &audio[..rate.samples_in_ms(100)];
                for frequency in [row, column] {
                    let share = share(played, frequency, rate.hz() as f32);
                    assert!((0.4..0.6).contains(&share), "{symbol}: {share} at {frequency} Hz");
                }
                assert!(audio[played.len()..].iter().all(|&sample| sample == 0.0));
            }
        }
    }
    assert_eq!((DtmfKey::from_event(16), DtmfKey::from_symbol('x')), (None, None));
    assert_eq!(DtmfKey::from_symbol('0').unwrap().event(), 0);
}
