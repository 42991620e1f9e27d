//! One continuous stream out of whatever comes in.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{SENDER, builder, numbers, packet, pipeline, send};
use mc_rtp_pipeline::{PacketError, Passthrough, RtpPipeline, RtpPipelineConfig};
use proptest::prelude::*;

const OUR_SSRC: u32 = 0xCAFE_F00D;

fn stream_from(first_sequence: u16, first_timestamp: u32) -> RtpPipeline {
    let config = RtpPipelineConfig::default()
        .with_ssrc(OUR_SSRC)
        .with_first_sequence(first_sequence)
        .with_first_timestamp(first_timestamp);
    pipeline(&config)
}

/// Sends 160 samples of SSRC `ssrc` and returns sequence number, timestamp and marker.
fn pass(
    pipeline: &mut RtpPipeline,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
) -> Result<(u16, u32, bool), PacketError> {
    let datagram = builder(sequence, timestamp, &[0x40; 160]).ssrc(ssrc).build().unwrap();
    let (sequence, timestamp, marker, ssrc) = numbers(&send(pipeline, &datagram, &mut Passthrough)?);
    assert_eq!(ssrc, OUR_SSRC);
    Ok((sequence, timestamp, marker))
}

#[test]
fn numbers_wrap_on_both_sides() {
    let mut pipeline = stream_from(0xFFF0, 0xFFFF_FF00);
    for step in 0..100u16 {
        let sequence = 0xFFC0u16.wrapping_add(step);
        let timestamp = 0xFFFF_F000u32.wrapping_add(u32::from(step) * 160);
        assert_eq!(
            pass(&mut pipeline, SENDER, sequence, timestamp),
            Ok((0xFFF0u16.wrapping_add(step), 0xFFFF_FF00u32.wrapping_add(u32::from(step) * 160), step == 0))
        );
    }
}

#[test]
fn another_source_goes_on_where_the_first_ended() {
    let mut pipeline = stream_from(10, 1000);
    assert_eq!(pass(&mut pipeline, 1, 500, 80_000), Ok((10, 1000, true)));
    assert_eq!(pass(&mut pipeline, 1, 501, 80_160), Ok((11, 1160, false)));
    // The sender changes, then numbers from elsewhere go on.
    assert_eq!(pass(&mut pipeline, 2, 40_000, 5), Ok((12, 1320, true)));
    assert_eq!(pass(&mut pipeline, 2, 40_001, 165), Ok((13, 1480, false)));
    assert_eq!(pipeline.counters().snapshot().source_changes, 2);
}

#[test]
fn timestamps_go_on_after_what_was_really_sent() {
    let mut pipeline = stream_from(0, 0);
    let long = builder(0, 0, &[0x40; 480]).ssrc(1).build().unwrap();
    send(&mut pipeline, &long, &mut Passthrough).unwrap();
    assert_eq!(pass(&mut pipeline, 2, 9, 9), Ok((1, 480, true)));
}

#[test]
fn pauses_and_losses_of_one_source_stay_what_they_were() {
    let mut pipeline = stream_from(0, 0);
    assert_eq!(pass(&mut pipeline, 1, 0, 0), Ok((0, 0, true)));
    // Silence suppression: the next number, ten seconds later (RFC 3551 §4.1).
    assert_eq!(pass(&mut pipeline, 1, 1, 80_000), Ok((1, 80_000, false)));
    // A minute of loss.
    assert_eq!(pass(&mut pipeline, 1, 3000, 560_000), Ok((3000, 560_000, false)));
}

#[test]
fn a_sender_that_starts_over_is_believed_at_its_second_packet() {
    let mut pipeline = stream_from(0, 0);
    assert_eq!(pass(&mut pipeline, 1, 20_000, 0), Ok((0, 0, true)));
    assert_eq!(pass(&mut pipeline, 1, 5, 7_000_000), Err(PacketError::SequenceJump));
    assert_eq!(pass(&mut pipeline, 1, 6, 7_000_160), Ok((1, 160, true)));
    assert_eq!(pass(&mut pipeline, 1, 7, 7_000_320), Ok((2, 320, false)));
    assert_eq!(pipeline.counters().snapshot().source_changes, 2);
}

#[test]
fn one_stray_packet_does_not_move_the_stream() {
    let mut pipeline = stream_from(0, 0);
    assert_eq!(pass(&mut pipeline, 1, 100, 0), Ok((0, 0, true)));
    assert_eq!(pass(&mut pipeline, 1, 30_000, 99), Err(PacketError::SequenceJump));
    assert_eq!(pass(&mut pipeline, 1, 101, 160), Ok((1, 160, false)));
}

#[test]
fn late_packets_keep_their_numbers_and_duplicates_are_dropped() {
    let mut pipeline = stream_from(50, 0);
    let mut arrive = |sequence: u16| pass(&mut pipeline, 1, sequence, u32::from(sequence) * 160);
    assert_eq!(arrive(0), Ok((50, 0, true)));
    assert_eq!(arrive(3), Ok((53, 480, false)));
    assert_eq!(arrive(1), Ok((51, 160, false)));
    assert_eq!(arrive(1), Err(PacketError::Duplicate));
    assert_eq!(arrive(3), Err(PacketError::Duplicate));
    assert_eq!(arrive(2), Ok((52, 320, false)));
    assert_eq!(arrive(4), Ok((54, 640, false)));
    let counts = pipeline.counters().snapshot();
    assert_eq!((counts.reordered, counts.dropped(PacketError::Duplicate)), (2, 2));
}

#[test]
fn the_next_source_follows_the_newest_packet_not_the_latest() {
    let mut pipeline = stream_from(0, 0);
    for sequence in [0, 2, 1] {
        pass(&mut pipeline, 1, sequence, u32::from(sequence) * 160).unwrap();
    }
    assert_eq!(pass(&mut pipeline, 2, 77, 77), Ok((3, 480, true)));
}

proptest! {
    /// However often the source changes, an orderly sender makes an orderly stream.
    #[test]
    fn any_run_of_orderly_sources_is_one_orderly_stream(
        first_sequence: u16,
        first_timestamp: u32,
        sources in prop::collection::vec((any::<u16>(), any::<u32>(), 1u16..40, 80usize..=480), 1..20),
    ) {
        let mut pipeline = stream_from(first_sequence, first_timestamp);
        let (mut sequence, mut timestamp) = (first_sequence, first_timestamp);
        for (ssrc, (start, clock, packets, samples)) in (1u32..).zip(sources) {
            let payload = vec![0x2A; samples];
            for step in 0..packets {
                let datagram = builder(
                    start.wrapping_add(step),
                    clock.wrapping_add(u32::from(step) * samples as u32),
                    &payload,
                );
                let egress = send(&mut pipeline, &datagram.ssrc(ssrc).build().unwrap(), &mut Passthrough);
                let expected = (sequence, timestamp, step == 0, OUR_SSRC);
                prop_assert_eq!(numbers(&egress.unwrap()), expected);
                sequence = sequence.wrapping_add(1);
                timestamp = timestamp.wrapping_add(samples as u32);
            }
        }
    }

    /// Order and repetition of arrival change neither the numbers nor the set of packets sent.
    #[test]
    fn shuffled_and_repeated_packets_come_out_once_each(
        order in prop::collection::vec(0u16..100, 1..300),
        base: u16,
    ) {
        let mut pipeline = stream_from(0, 0);
        let send_one = |pipeline: &mut RtpPipeline, step: u16| {
            let ingress = packet(base.wrapping_add(step), u32::from(step) * 160, &[step as u8; 160]);
            send(pipeline, &ingress, &mut Passthrough)
        };
        send_one(&mut pipeline, 0).unwrap();
        let mut seen = std::collections::HashSet::from([0]);
        for step in order {
            match send_one(&mut pipeline, step) {
                Ok(egress) => {
                    prop_assert!(seen.insert(step));
                    prop_assert_eq!(numbers(&egress).0, step);
                    prop_assert_eq!(numbers(&egress).1, u32::from(step) * 160);
                    prop_assert_eq!(egress[12], step as u8);
                }
                Err(reason) => {
                    prop_assert_eq!(reason, PacketError::Duplicate);
                    prop_assert!(seen.contains(&step));
                }
            }
        }
    }
}
