//! Payloads that are passed on as they are, and streams that keep their sender's numbers.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{Each, Mute, SENDER, builder, numbers, packet, pipeline, send};
use mc_rtp_pipeline::{
    PacketError, Passthrough, PayloadFormat, PayloadTypes, RtpPipelineConfig, StreamIdentity,
};
use rtp_rs::RtpReader;

const EVENT: u8 = 101;
/// The digit 5, 10 dB below full scale, after 160 samples (RFC 4733 section 2.3).
const DIGIT: [u8; 4] = [5, 10, 0, 160];

fn with_events() -> RtpPipelineConfig {
    RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA).with_passed(PayloadTypes::NONE.with(EVENT))
}

fn event(sequence: u16, timestamp: u32) -> Vec<u8> {
    builder(sequence, timestamp, &DIGIT).payload_type(EVENT).marked(true).build().unwrap()
}

#[test]
fn an_event_passes_between_transcoded_audio_in_one_stream() {
    let mut pipeline =
        pipeline(&with_events().with_ssrc(9).with_first_sequence(100).with_first_timestamp(1_000));
    let mut halve = Each(|sample| *sample *= 0.5);
    let before = send(&mut pipeline, &packet(1, 160, &[0x55; 160]), &mut halve).unwrap();
    let digit = send(&mut pipeline, &event(2, 320), &mut halve).unwrap();
    let after = send(&mut pipeline, &packet(3, 480, &[0x55; 160]), &mut halve).unwrap();
    assert_eq!(numbers(&before), (100, 1_000, true, 9));
    assert_eq!(numbers(&digit), (101, 1_160, true, 9));
    assert_eq!(numbers(&after), (102, 1_320, false, 9));
    let reader = RtpReader::new(&digit).unwrap();
    assert_eq!((reader.payload_type(), reader.payload()), (EVENT, &DIGIT[..]));
    assert_eq!(RtpReader::new(&after).unwrap().payload_type(), 8);
}

#[test]
fn an_event_carries_no_audio_out() {
    let mut pipeline = pipeline(&with_events());
    let mut listen = Each(|_| ());
    send(&mut pipeline, &packet(1, 160, &[0x55; 160]), &mut listen).unwrap();
    let mut datagram = event(2, 320);
    let egress = pipeline.process(&mut datagram, &mut listen, &mc_metrics::NoClock).unwrap();
    assert!(egress.frame().is_none() && egress.law().is_none());
}

#[test]
fn other_payload_types_are_still_dropped_and_so_are_duplicates() {
    let mut pipeline = pipeline(&with_events());
    let stranger = builder(1, 0, &DIGIT).payload_type(EVENT + 1).build().unwrap();
    assert_eq!(send(&mut pipeline, &stranger, &mut Passthrough), Err(PacketError::PayloadType));
    send(&mut pipeline, &event(2, 0), &mut Passthrough).unwrap();
    assert_eq!(send(&mut pipeline, &event(2, 0), &mut Passthrough), Err(PacketError::Duplicate));
}

#[test]
fn what_cannot_be_silenced_is_dropped_while_muted() {
    let mut pipeline = pipeline(&with_events());
    assert_eq!(send(&mut pipeline, &event(1, 0), &mut Mute), Err(PacketError::Muted));
}

#[test]
fn a_payload_of_any_length_passes() {
    let config = RtpPipelineConfig::default().with_passed(PayloadTypes::ALL);
    let mut pipeline = pipeline(&config);
    for (sequence, length) in [0, 1, 481, 1_400].into_iter().enumerate() {
        let payload = vec![7; length];
        let datagram = builder(sequence as u16, 0, &payload).payload_type(96).build().unwrap();
        let out = send(&mut pipeline, &datagram, &mut Passthrough).unwrap();
        assert_eq!(RtpReader::new(&out).unwrap().payload(), payload);
    }
}

#[test]
fn a_stream_keeps_its_senders_numbers_over_every_change() {
    let config = RtpPipelineConfig::default()
        .with_identity(StreamIdentity::Sender)
        .with_ssrc(9)
        .with_first_sequence(100)
        .with_passed(PayloadTypes::ALL);
    let mut pipeline = pipeline(&config);
    for (ssrc, sequence, timestamp) in [
        (SENDER, 0xFFFE, 5),
        (SENDER, 0xFFFF, 165),
        (SENDER, 0, 325),
        (7, 40_000, 99),
        (7, 39_999, 3),
        (7, 40_001, 259),
        (7, 9, 420),
        (7, 10, 580),
    ] {
        let datagram = builder(sequence, timestamp, &[0x40; 160]).ssrc(ssrc).build().unwrap();
        // Not a bit differs.
        assert_eq!(send(&mut pipeline, &datagram, &mut Passthrough), Ok(datagram), "{ssrc} {sequence}");
    }
}

#[test]
fn a_set_of_payload_types_holds_what_was_put_in() {
    let set = PayloadTypes::NONE.with(0).with(101).with(127).with(200);
    for number in 0..=255 {
        assert_eq!(set.contains(number), matches!(number, 0 | 101 | 127), "{number}");
        assert_eq!(PayloadTypes::ALL.contains(number), number < 128);
        assert!(!PayloadTypes::NONE.contains(number));
    }
}
