//! Packets of our own in a stream, and other audio in a sender's packets.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use mc_g711::{G711, Law};
use mc_metrics::NoClock;
use mc_rtp_pipeline::{
    Egress, Origin, PacketError, Passthrough, PayloadFormat, PayloadTypes, RtpPipeline, RtpPipelineConfig,
    StreamIdentity,
};

const SENDER: u32 = 0xAAAA;
const OURS: u32 = 0xBBBB;

/// Sequence number, timestamp and SSRC of a packet.
fn numbers(packet: &[u8]) -> (u16, u32, u32) {
    let word = |at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    (word(0) as u16, word(4), word(8))
}

fn datagram(payload_type: u8, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(SENDER.to_be_bytes());
    packet.extend(payload);
    packet
}

fn pipeline(identity: StreamIdentity) -> RtpPipeline {
    let config = RtpPipelineConfig::default()
        .with_egress(PayloadFormat::PCMA)
        .with_passed(PayloadTypes::NONE.with(101))
        .with_identity(identity)
        .with_ssrc(1)
        .with_first_sequence(u16::MAX)
        .with_first_timestamp(u32::MAX - 159);
    RtpPipeline::new(&config, None).unwrap()
}

/// Two packets of the sender, two of ours, two of the sender: what each leaves as.
fn interlude(identity: StreamIdentity) -> Vec<(u16, u32, u32)> {
    let mut pipeline = pipeline(identity);
    let mut left = Vec::new();
    let mut room = [0; 200];
    for step in 0..6u16 {
        if let 2 | 3 = step {
            let origin = Origin {
                ssrc: OURS,
                sequence: 500 + step,
                timestamp: 160 * u32::from(step),
                marker: step == 2,
            };
            let packet = pipeline.originate(&origin, &[0.5; 160], &mut room).unwrap();
            assert_eq!((packet.packet()[0], packet.packet()[1] & 0x7F), (0x80, 8));
            let expected = G711::new(Law::A).encode_sample(16_384);
            assert!(packet.payload().iter().all(|&code| code == expected));
            left.push(numbers(packet.packet()));
        } else {
            let mut packet = datagram(0, 100 + step, 9_000 + 160 * u32::from(step), &[0x55; 160]);
            let packet = pipeline.process(&mut packet, &mut Passthrough, &NoClock).unwrap();
            left.push(numbers(packet.packet()));
        }
    }
    left
}

#[test]
fn with_numbers_of_our_own_they_run_on_through_it_all() {
    let expected: Vec<_> = (0..6)
        .map(|step: u16| (step.wrapping_sub(1), (160 * u32::from(step)).wrapping_sub(160), 1))
        .collect();
    assert_eq!(interlude(StreamIdentity::Own), expected);
}

#[test]
fn with_the_senders_numbers_each_source_keeps_its_own() {
    let step = |step: u16| match step {
        2 | 3 => (500 + step, 160 * u32::from(step), OURS),
        _ => (100 + step, 9_000 + 160 * u32::from(step), SENDER),
    };
    assert_eq!(interlude(StreamIdentity::Sender), (0..6).map(step).collect::<Vec<_>>());
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut pipeline = pipeline(StreamIdentity::Own);
    let mut room = [0; 171];
    let origin = Origin::default();
    assert_eq!(pipeline.originate(&origin, &[], &mut room).unwrap_err(), PacketError::EmptyPayload);
    assert_eq!(pipeline.originate(&origin, &[0.0; 160], &mut room).unwrap_err(), PacketError::PayloadTooLong);
    assert_eq!(
        pipeline.originate(&origin, &[0.0; 481], &mut [0; 600]).unwrap_err(),
        PacketError::PayloadTooLong
    );
    assert!(pipeline.originate(&origin, &[0.0; 159], &mut room).is_ok());
}

#[test]
fn audio_in_a_senders_packet_is_replaced_and_its_header_is_not() {
    let mut pipeline = pipeline(StreamIdentity::Sender);
    let mut packet = datagram(0, 7, 70, &[0x55; 160]);
    let mut egress: Egress<'_> = pipeline.process(&mut packet, &mut Passthrough, &NoClock).unwrap();
    assert!(egress.replace_audio(&[-0.25; 100]));
    let alaw = G711::new(Law::A);
    let (heard, rest) = egress.payload().split_at(100);
    assert!(heard.iter().all(|&code| code == alaw.encode_sample(-8_192)));
    assert!(rest.iter().all(|&code| code == Law::A.silence()));
    assert_eq!(numbers(egress.packet()), (7, 70, SENDER));
    // A key is no audio.
    let mut packet = datagram(101, 8, 70, &[5, 10, 0, 160]);
    let mut egress = pipeline.process(&mut packet, &mut Passthrough, &NoClock).unwrap();
    assert!(!egress.replace_audio(&[-0.25; 4]));
    assert_eq!(egress.payload(), [5, 10, 0, 160]);
}
