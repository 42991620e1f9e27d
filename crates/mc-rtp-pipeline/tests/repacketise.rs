//! Payloads cut and joined.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use mc_rtp_pipeline::Repacketizer;
use proptest::prelude::*;

/// The code of the sample with a timestamp.
fn code(timestamp: u32) -> u8 {
    (timestamp.wrapping_mul(2_654_435_761) >> 24) as u8
}

proptest! {
    #[test]
    fn every_sample_leaves_once_at_its_time(
        packet_samples in 80usize..=480,
        first: u32,
        payloads in prop::collection::vec((1usize..=480, prop::bool::weighted(0.1)), 1..60),
    ) {
        let mut repacketizer = Repacketizer::new(packet_samples).unwrap();
        let mut sent: Vec<(u32, bool, usize)> = Vec::new();
        let mut expected = Vec::new();
        let mut left = Vec::new();
        let (mut timestamp, mut spurts) = (first, vec![first]);
        for (index, (samples, pause)) in payloads.into_iter().enumerate() {
            if pause && index > 0 {
                timestamp = timestamp.wrapping_add(8_000);
                spurts.push(timestamp);
            }
            let codes: Vec<u8> = (0..samples as u32).map(|at| code(timestamp.wrapping_add(at))).collect();
            expected.extend((0..samples as u32).map(|at| timestamp.wrapping_add(at)));
            let marker = spurts.last() == Some(&timestamp);
            repacketizer.push(timestamp, marker, &codes, |packet| {
                sent.push((packet.timestamp, packet.marker, packet.payload.len()));
                left.extend(packet.payload.iter().enumerate().map(|(at, &c)| (packet.timestamp.wrapping_add(at as u32), c)));
            });
            timestamp = timestamp.wrapping_add(samples as u32);
        }
        repacketizer.flush(|packet| {
            sent.push((packet.timestamp, packet.marker, packet.payload.len()));
            left.extend(packet.payload.iter().enumerate().map(|(at, &c)| (packet.timestamp.wrapping_add(at as u32), c)));
        });
        repacketizer.flush(|_| unreachable!("nothing waits"));

        prop_assert!(left.iter().all(|&(timestamp, sent)| sent == code(timestamp)));
        prop_assert_eq!(left.into_iter().map(|(timestamp, _)| timestamp).collect::<Vec<_>>(), expected);
        let marked: Vec<u32> = sent.iter().filter(|packet| packet.1).map(|packet| packet.0).collect();
        prop_assert_eq!(&marked, &spurts);
        // Only the last packet of a talkspurt may be short.
        for pair in sent.windows(2) {
            prop_assert!(pair[0].2 == packet_samples || pair[1].1, "{:?}", pair);
        }
        prop_assert!(sent.iter().all(|packet| packet.2 <= packet_samples));
    }
}

#[test]
fn packet_times_outside_10_to_60_ms_are_refused() {
    for samples in [0, 79, 481] {
        assert_eq!(Repacketizer::new(samples).unwrap_err().field(), "packet_samples");
    }
}
