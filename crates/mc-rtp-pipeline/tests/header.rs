//! What becomes of every header field, byte by byte.

mod common;

use common::{builder, packet, pipeline, send};
use mc_rtp_pipeline::{FrameStage, Passthrough, PayloadFormat, RtpPipelineConfig};
use proptest::prelude::*;
use rtp_rs::{Pad, RtpReader};

fn config() -> RtpPipelineConfig {
    RtpPipelineConfig::default()
        .with_ssrc(0xA1B2_C3D4)
        .with_first_sequence(0x0102)
        .with_first_timestamp(0x0304_0506)
}

#[test]
fn a_packet_written_by_hand_leaves_as_rfc_3550_draws_it() {
    #[rustfmt::skip]
    let ingress = [
        // V=2 P=1 X=1 CC=2, M=1 PT=0, sequence number, timestamp, SSRC
        0xB2, 0x80, 0x12, 0x34, 0x00, 0x00, 0x00, 0x10, 0xDE, 0xAD, 0xBE, 0xEF,
        // two contributing sources
        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02,
        // extension: profile 0xBEDE, one word (RFC 8285)
        0xBE, 0xDE, 0x00, 0x01, 0x10, 0xAA, 0x00, 0x00,
        // payload, then padding that counts itself
        0x11, 0x22, 0x33, 0x44, 0x55, 0x00, 0x00, 0x03,
    ];
    #[rustfmt::skip]
    let egress = [
        0x92, 0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xA1, 0xB2, 0xC3, 0xD4,
        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02,
        0xBE, 0xDE, 0x00, 0x01, 0x10, 0xAA, 0x00, 0x00,
        0x11, 0x22, 0x33, 0x44, 0x55,
    ];
    assert_eq!(send(&mut pipeline(&config()), &ingress, &mut Passthrough).unwrap(), egress);
}

#[test]
fn the_payload_type_is_mapped_between_dynamic_and_static_numbers() {
    let dynamic = PayloadFormat { payload_type: 101, ..PayloadFormat::PCMU };
    let mut out_of_dynamic = pipeline(&config().with_ingress(dynamic));
    let ingress = builder(1, 0, &[0x7F; 80]).payload_type(101).build().unwrap();
    let egress = send(&mut out_of_dynamic, &ingress, &mut Passthrough).unwrap();
    assert_eq!(RtpReader::new(&egress).unwrap().payload_type(), 0);

    let mut into_dynamic = pipeline(&config().with_egress(dynamic));
    let egress = send(&mut into_dynamic, &packet(1, 0, &[0x7F; 80]), &mut Passthrough).unwrap();
    assert_eq!(RtpReader::new(&egress).unwrap().payload_type(), 101);
}

#[test]
fn the_marker_is_kept_and_set_on_the_first_packet() {
    let mut pipeline = pipeline(&config());
    let mut marker_of = |sequence: u16, marked: bool| {
        let ingress = builder(sequence, u32::from(sequence) * 80, &[1; 80]).marked(marked).build().unwrap();
        let egress = send(&mut pipeline, &ingress, &mut Passthrough).unwrap();
        RtpReader::new(&egress).unwrap().mark()
    };
    assert!(marker_of(1, false), "first packet of a stream");
    assert!(!marker_of(2, false));
    assert!(marker_of(3, true), "start of a talkspurt");
    assert!(!marker_of(4, false));
}

proptest! {
    /// `rtp-rs` builds the packet that goes in and, by itself, the packet that should come out.
    #[test]
    fn egress_is_what_an_independent_encoder_writes(
        sequence: u16,
        timestamp: u32,
        ssrc: u32,
        first_sequence: u16,
        first_timestamp: u32,
        csrcs in prop::collection::vec(any::<u32>(), 0..=15),
        extension in prop::option::of((any::<u16>(), 0usize..20)),
        pad in prop::option::of(2u8..),
        payload in prop::collection::vec(any::<u8>(), 1..=480),
    ) {
        let words = vec![0x5A; extension.map_or(0, |(_, words)| words * 4)];
        let build = |sequence, timestamp| {
            let mut packet = builder(sequence, timestamp, &payload);
            for &csrc in &csrcs {
                packet = packet.add_csrc(csrc);
            }
            match extension {
                Some((profile, _)) => packet.extension(profile, &words),
                None => packet,
            }
        };
        let mut ingress = build(sequence, timestamp).ssrc(ssrc);
        if let Some(multiple) = pad {
            ingress = ingress.padded(Pad::round_to(multiple));
        }
        let config = config().with_first_sequence(first_sequence).with_first_timestamp(first_timestamp);
        let egress = send(&mut pipeline(&config), &ingress.build().unwrap(), &mut Passthrough).unwrap();
        let expected = build(first_sequence, first_timestamp).ssrc(0xA1B2_C3D4).marked(true).build().unwrap();
        prop_assert_eq!(egress, expected);
    }
}

#[test]
fn a_stage_sees_the_payload_alone() {
    struct Length(usize);
    impl FrameStage for Length {
        fn process<C: mc_metrics::Clock>(
            &mut self,
            frame: &mut [f32],
            _timer: &mut mc_metrics::StageTimer<'_, C>,
        ) {
            self.0 = frame.len();
        }
    }
    let ingress = builder(1, 0, &[0x55; 83])
        .add_csrc(9)
        .extension(0xBEDE, &[0; 8])
        .padded(Pad::round_to(16))
        .build()
        .unwrap();
    let mut length = Length(0);
    send(&mut pipeline(&config()), &ingress, &mut length).unwrap();
    assert_eq!(length.0, 83);
}
