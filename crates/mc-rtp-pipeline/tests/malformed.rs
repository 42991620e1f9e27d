//! Bad packets: each reason, counted, with nothing else changed.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use std::sync::Arc;

use common::{Each, builder, numbers, packet, pipeline, send};
use mc_g711::SimdLevel;
use mc_metrics::{MetricsCollector, NoClock};
use mc_rtp_pipeline::{PacketError, Passthrough, PayloadFormat, RtpPipeline, RtpPipelineConfig};
use proptest::prelude::*;

/// A packet for each reason that lies in its own bytes.
fn malformed() -> Vec<(PacketError, Vec<u8>)> {
    let good = packet(2, 160, &[0x55; 160]);
    let with_first = |first: u8| [&[first], &good[1..]].concat();
    vec![
        (PacketError::TooShort, good[..11].to_vec()),
        (PacketError::TooShort, Vec::new()),
        (PacketError::Version, with_first(0x00)),
        (PacketError::Version, with_first(0x40)),
        (PacketError::Version, with_first(0xC0)),
        (PacketError::CsrcOverrun, [&[0x8F], &good[1..12 + 59]].concat()),
        (PacketError::CsrcOverrun, [&[0x9F], &good[1..12 + 59]].concat()),
        (PacketError::ExtensionOverrun, [&[0x90], &good[1..12 + 3]].concat()),
        (PacketError::ExtensionOverrun, [&[0x90], &good[1..12], &[0xBE, 0xDE, 0, 2, 0, 0, 0, 0]].concat()),
        (PacketError::Padding, [&[0xA0], &good[1..12]].concat()),
        (PacketError::Padding, [&[0xA0], &good[1..171], &[0]].concat()),
        (PacketError::Padding, [&[0xA0], &good[1..171], &[161]].concat()),
        (PacketError::PayloadType, builder(2, 160, &[0; 160]).payload_type(8).build().unwrap()),
        (PacketError::EmptyPayload, good[..12].to_vec()),
        (PacketError::EmptyPayload, [&[0xA0], &good[1..12], &[0, 2]].concat()),
        (PacketError::PayloadTooLong, packet(2, 160, &[0; 481])),
        // A sender report, and the shortest RTCP packet there is: a receiver report without blocks.
        (PacketError::Rtcp, [&[0x80, 200, 0, 6], &[0; 24][..]].concat()),
        (PacketError::Rtcp, vec![0x80, 201, 0, 1, 0, 0, 0, 1]),
    ]
}

#[test]
fn every_reason_is_found_and_counted_once() {
    for (reason, datagram) in malformed() {
        let mut pipeline = pipeline(&RtpPipelineConfig::default());
        assert_eq!(send(&mut pipeline, &datagram, &mut Passthrough), Err(reason), "{datagram:?}");
        let counts = pipeline.counters().snapshot();
        assert_eq!(counts.drops().collect::<Vec<_>>(), [(reason, 1)]);
        let metrics = pipeline.metrics().unwrap().snapshot();
        assert_eq!((metrics.packets_in, metrics.packets_out, metrics.dropped), (1, 0, 1));
    }
}

#[test]
fn rtcp_is_every_packet_type_from_192_to_223_and_no_other() {
    for second in 0..=u8::MAX {
        let mut datagram = packet(1, 0, &[0; 160]);
        datagram[1] = second;
        let result = send(&mut pipeline(&RtpPipelineConfig::default()), &datagram, &mut Passthrough);
        match second {
            192..=223 => assert_eq!(result, Err(PacketError::Rtcp), "{second}"),
            0 | 0x80 => assert!(result.is_ok()),
            _ => assert_eq!(result, Err(PacketError::PayloadType), "{second}"),
        }
    }
}

#[test]
fn bad_packets_change_neither_the_stream_nor_their_own_bytes() {
    let config = RtpPipelineConfig::default().with_first_sequence(1000).with_ssrc(7);
    let mut disturbed = pipeline(&config);
    let mut undisturbed = pipeline(&config);
    for step in 0..50u16 {
        for (reason, datagram) in malformed() {
            let mut buffer = datagram.clone();
            let dropped = disturbed.process(&mut buffer, &mut Passthrough, &NoClock).map(|_| ());
            assert_eq!(dropped, Err(reason));
            assert_eq!(buffer, datagram);
        }
        let good = packet(100 + step, u32::from(step) * 160, &[0x31; 160]);
        let passed = send(&mut disturbed, &good, &mut Passthrough).unwrap();
        assert_eq!(passed, send(&mut undisturbed, &good, &mut Passthrough).unwrap());
        assert_eq!(numbers(&passed).0, 1000 + step);
    }
}

#[test]
fn a_frame_that_is_kept_leaves_none_for_the_next_packet() {
    // Frames of three lengths, and a payload of 20 ms fits them all: 60 ms only the longest.
    for (frames, samples, fitting) in [(1, 160, 3), (3, 160, 9), (1, 320, 2), (1, 480, 1), (3, 480, 3)] {
        let mut pipeline = pipeline(&RtpPipelineConfig::default().with_frames(frames));
        let mut process = |sequence: u16| {
            let mut datagram = packet(sequence, 0, &vec![0x22; samples]);
            pipeline.process(&mut datagram, &mut Each(|_| ()), &NoClock).map(|egress| egress.into_frame())
        };
        let mut kept: Vec<_> = (0..fitting).map(|sequence| process(sequence).unwrap()).collect();
        assert_eq!(process(10).map(|_| ()), Err(PacketError::FramesExhausted));
        kept.pop();
        assert!(process(10).is_ok(), "the refused packet is no duplicate, and a frame is back");
        assert_eq!(pipeline.metrics().unwrap().snapshot().pool_misses, 1);
        assert_eq!(pipeline.metrics().unwrap().snapshot().pool_hits, u64::from(fitting) + 1);
    }
}

#[test]
fn packets_that_the_caller_refuses_are_counted_too() {
    let mut pipeline = pipeline(&RtpPipelineConfig::default());
    assert_eq!(pipeline.refuse(172, PacketError::Stopped), PacketError::Stopped);
    let metrics = pipeline.metrics().unwrap().snapshot();
    assert_eq!((metrics.packets_in, metrics.bytes_in, metrics.dropped), (1, 172, 1));
    assert_eq!(pipeline.counters().dropped(PacketError::Stopped), 1);
}

#[test]
fn impossible_configurations_are_refused_by_field() {
    let field = |config: RtpPipelineConfig| {
        let refused = RtpPipeline::new(&config, Arc::new(MetricsCollector::new(0))).map(|_| ());
        refused.unwrap_err().field()
    };
    let config = RtpPipelineConfig::default;
    for payload_type in (64..=95).chain(128..=255) {
        let format = PayloadFormat { payload_type, ..PayloadFormat::PCMA };
        assert_eq!(field(config().with_ingress(format)), "ingress.payload_type");
        assert_eq!(field(config().with_egress(format)), "egress.payload_type");
    }
    for lacking in SimdLevel::ALL.into_iter().filter(|level| !SimdLevel::available().any(|had| had == *level))
    {
        assert_eq!(field(config().with_codec_level(Some(lacking))), "codec_level");
    }
    assert_eq!(field(config().with_frames(0)), "frames");
    assert_eq!(field(config().with_frames(65)), "frames");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Bytes that begin like RTP about half of the time, so that they get past the first check.
    #[test]
    fn arbitrary_bytes_never_panic(
        datagrams in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(any::<u8>(), 0..600)),
            1..20,
        ),
    ) {
        let config = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
        let mut pipeline = pipeline(&config);
        for (rtp_like, mut datagram) in datagrams {
            if let (true, [first, second, ..]) = (rtp_like, datagram.as_mut_slice()) {
                *first = 0x80 | (*first & 0x3F);
                *second &= 0x80;
            }
            let before = datagram.clone();
            match pipeline.process(&mut datagram, &mut common::Each(|s| *s *= 0.5), &NoClock) {
                Ok(egress) => prop_assert!(egress.packet().len() <= before.len()),
                Err(_) => prop_assert_eq!(datagram, before),
            }
        }
    }
}
