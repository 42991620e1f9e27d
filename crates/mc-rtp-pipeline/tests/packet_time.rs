//! RTP in, RTP out, in packets of another length: what leaves the pipeline.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use std::sync::Arc;

use common::{builder, packet};
use mc_metrics::{MetricsCollector, NoClock};
use mc_rtp_pipeline::{
    MediaPacket, Origin, Passthrough, PayloadFormat, PayloadTypes, RtpPipeline, RtpPipelineConfig,
    StreamIdentity,
};

/// A packet that was sent: payload type, marker, number, timestamp, payload.
type Sent = (u8, bool, u16, u32, Vec<u8>);

fn pipeline(config: RtpPipelineConfig) -> RtpPipeline {
    RtpPipeline::new(&config, Arc::new(MetricsCollector::new(0))).unwrap()
}

fn config(packet_ms: u32) -> RtpPipelineConfig {
    RtpPipelineConfig::default().with_packet_ms(packet_ms).with_ssrc(9).with_first_sequence(65_535)
}

fn push(pipeline: &mut RtpPipeline, datagram: &[u8], sent: &mut Vec<Sent>) {
    let mut datagram = datagram.to_vec();
    let send = |packet: &[u8]| {
        let packet = MediaPacket::parse(packet).unwrap();
        assert_eq!(packet.ssrc, 9);
        sent.push((
            packet.payload_type,
            packet.marker,
            packet.sequence,
            packet.timestamp,
            packet.payload.to_vec(),
        ));
    };
    let egress = pipeline.process_packets(&mut datagram, &mut Passthrough, &NoClock, send).unwrap();
    assert_eq!(egress.payload().len() + 12, egress.packet().len());
}

/// The codes of the samples from a timestamp on.
fn codes(timestamp: usize, samples: usize) -> Vec<u8> {
    (timestamp..timestamp + samples).map(|at| ((at * 97) >> 3) as u8).collect()
}

#[test]
fn every_packet_time_becomes_every_other_in_both_directions() {
    for in_ms in [10, 20, 30, 40, 60] {
        for out_ms in [10, 20, 30, 40, 60] {
            let (length, mut sent) = (8 * in_ms, Vec::new());
            let mut pipeline = pipeline(config(out_ms));
            for n in 0..600 / in_ms {
                let datagram = packet(n as u16, (n * length) as u32, &codes(n * length, length));
                push(&mut pipeline, &datagram, &mut sent);
            }
            let wanted = 8 * out_ms as usize;
            assert_eq!(sent.len(), 4_800 / wanted, "{in_ms} to {out_ms} ms");
            for (n, (payload_type, marker, sequence, timestamp, payload)) in sent.iter().enumerate() {
                assert_eq!((*payload_type, *marker, *timestamp), (0, n == 0, (n * wanted) as u32));
                assert_eq!(*sequence, 65_535u16.wrapping_add(n as u16));
                assert_eq!(*payload, codes(n * wanted, wanted));
            }
            let metrics = pipeline.metrics().unwrap().snapshot();
            assert_eq!(
                (metrics.packets_in as usize, metrics.packets_out as usize),
                (600 / in_ms, sent.len())
            );
            assert_eq!(metrics.bytes_out as usize, sent.len() * (12 + wanted));
        }
    }
}

#[test]
fn keys_keep_their_place_and_length_and_laws_are_changed_as_ever() {
    let passed = PayloadTypes::NONE.with(101);
    let mut pipeline = pipeline(config(40).with_passed(passed).with_egress(PayloadFormat::PCMA));
    let mut sent = Vec::new();
    for n in 0..3u16 {
        push(&mut pipeline, &packet(n, u32::from(n) * 160, &[0xFF; 160]), &mut sent);
    }
    let key = builder(3, 480, &[5, 10, 0, 160]).payload_type(101).build().unwrap();
    push(&mut pipeline, &key, &mut sent);
    for n in 4..6u16 {
        push(&mut pipeline, &packet(n, u32::from(n) * 160, &[0xFF; 160]), &mut sent);
    }
    let seen: Vec<_> = sent.iter().map(|sent| (sent.0, sent.2, sent.3, sent.4.len())).collect();
    assert_eq!(seen, [(8, 65_535, 0, 320), (8, 0, 320, 160), (101, 1, 480, 4), (8, 2, 640, 320)]);
    assert!(sent.iter().filter(|sent| sent.0 == 8).all(|sent| sent.4.iter().all(|&code| code == 0xD5)));
}

#[test]
fn packets_of_our_own_share_the_numbers_and_give_up_what_waits() {
    let mut pipeline = pipeline(config(30));
    let (mut sent, mut room) = (Vec::new(), [0; 172]);
    for n in 0..4u16 {
        push(&mut pipeline, &packet(n, u32::from(n) * 160, &[0x11; 160]), &mut sent);
    }
    // Two packets of 30 ms have left, and 20 ms wait.
    for n in 0..2u16 {
        let origin = Origin { ssrc: 77, sequence: n, timestamp: 160 * u32::from(n), marker: n == 0 };
        let egress = pipeline.originate(&origin, &[0.0; 160], &mut room).unwrap();
        let packet = MediaPacket::parse(egress.packet()).unwrap();
        sent.push((0, packet.marker, packet.sequence, packet.timestamp, packet.payload.to_vec()));
    }
    for n in 4..8u16 {
        push(&mut pipeline, &packet(n, u32::from(n) * 160, &[0x11; 160]), &mut sent);
    }
    let seen: Vec<_> = sent.iter().map(|sent| (sent.1, sent.2, sent.3, sent.4.len())).collect();
    let (before, ours) =
        ([(true, 65_535, 0, 240), (false, 0, 240, 240)], [(true, 1, 640, 160), (false, 2, 800, 160)]);
    let after = [(true, 3, 960, 240), (false, 4, 1_200, 240)];
    assert_eq!(seen, [before, ours, after].concat());
}

#[test]
fn without_a_packet_time_packets_leave_as_process_would_send_them() {
    let (mut one, mut other) =
        (pipeline(RtpPipelineConfig::default()), pipeline(RtpPipelineConfig::default()));
    for n in 0..5u16 {
        let datagram = packet(n, u32::from(n) * 160, &codes(usize::from(n), 160));
        let (mut first, mut second) = (datagram.clone(), datagram);
        let mut sent = Vec::new();
        one.process_packets(&mut first, &mut Passthrough, &NoClock, |packet| sent.push(packet.to_vec()))
            .unwrap();
        let egress = other.process(&mut second, &mut Passthrough, &NoClock).unwrap();
        assert_eq!(sent, [egress.packet()]);
    }
}

#[test]
fn packet_times_that_cannot_be_are_refused() {
    for packet_ms in [0, 9, 61] {
        assert_eq!(config(packet_ms).validate().unwrap_err().field(), "packet_ms");
    }
    assert!(config(10).validate().is_ok() && config(60).validate().is_ok());
    let sender = config(20).with_identity(StreamIdentity::Sender);
    assert_eq!(sender.validate().unwrap_err().field(), "packet_ms");
}
