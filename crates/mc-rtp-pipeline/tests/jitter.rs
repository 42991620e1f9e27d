//! The jitter buffer against a naive one, and the delay it aims at.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mc_rtp_pipeline::{Insertion, JitterBuffer, JitterConfig, MediaPacket, PacketError};
use proptest::prelude::*;

const PTIME: Duration = Duration::from_millis(20);

fn packet(sequence: u16, payload: &[u8]) -> MediaPacket<'_> {
    MediaPacket {
        payload_type: 0,
        marker: false,
        sequence,
        timestamp: u32::from(sequence) * 160,
        ssrc: 7,
        payload,
    }
}

fn buffer() -> JitterBuffer {
    JitterBuffer::new(&JitterConfig::default()).unwrap()
}

/// What waits, by number without wrap.
#[derive(Default)]
struct Naive {
    waiting: BTreeMap<i64, u8>,
    seen: BTreeSet<i64>,
    next: i64,
    late: u64,
    duplicates: u64,
}

impl Naive {
    fn insert(&mut self, number: i64, payload: u8) -> Insertion {
        if !self.seen.insert(number) {
            self.duplicates += 1;
            return Insertion::Duplicate;
        }
        if self.seen.len() == 1 {
            self.next = number;
        }
        if number < self.next {
            self.late += 1;
            return Insertion::Late;
        }
        self.waiting.insert(number, payload);
        if self.seen.len() == 1 { Insertion::NewSource } else { Insertion::Accepted }
    }

    fn take(&mut self) -> Option<(i64, i64, u8)> {
        let (number, payload) = self.waiting.pop_first()?;
        let missing = number - self.next;
        self.next = number + 1;
        Some((number, missing, payload))
    }
}

proptest! {
    #[test]
    fn it_agrees_with_a_sorted_map(
        first: u16,
        // Mostly inserting around the newest number, sometimes taking.
        steps in prop::collection::vec((0u8..4, -6i64..8), 1..400),
    ) {
        let (mut buffer, mut naive) = (buffer(), Naive::default());
        let first = i64::from(first) + 65_536;
        let mut newest = first;
        for (at, (action, step)) in steps.into_iter().enumerate() {
            if action == 0 || naive.waiting.len() > 40 {
                let taken = buffer.take().map(|taken| (taken.sequence, i64::from(taken.missing), taken.payload[0]));
                let expected = naive.take().map(|(number, missing, payload)| (number as u16, missing, payload));
                prop_assert_eq!(taken, expected);
            } else {
                let number = if at == 0 { first } else { newest + step };
                // Both hold 64 numbers from the one that is next.
                if number >= naive.next + 64 && at > 0 {
                    continue;
                }
                newest = newest.max(number);
                let payload = [number as u8; 3];
                let insertion = buffer.insert(&packet(number as u16, &payload), Duration::ZERO);
                prop_assert_eq!(insertion, naive.insert(number, payload[0]));
            }
            let next = buffer.peek().map(|waiting| waiting.sequence);
            prop_assert_eq!(next, naive.waiting.keys().next().map(|&number| number as u16));
            prop_assert_eq!(buffer.len(), naive.waiting.len());
        }
        let stats = buffer.stats();
        prop_assert_eq!((stats.late, stats.duplicates), (naive.late, naive.duplicates));
        let lost = (first..naive.next).filter(|number| !naive.seen.contains(number)).count() as u64;
        prop_assert_eq!(stats.lost, lost);
    }
}

#[test]
fn a_packet_far_ahead_pushes_the_oldest_out() {
    let mut buffer = buffer();
    for sequence in [65_530u16, 65_531, 3] {
        buffer.insert(&packet(sequence, &[1]), Duration::ZERO);
    }
    buffer.insert(&packet(60, &[2]), Duration::ZERO);
    assert_eq!(buffer.stats().discarded, 2);
    assert_eq!(buffer.take().unwrap().sequence, 3);
    assert_eq!(buffer.take().unwrap().missing, 56);
    assert_eq!(buffer.insert(&packet(1_000, &[3]), Duration::ZERO), Insertion::Accepted);
    assert_eq!(buffer.peek().unwrap().sequence, 1_000);
}

#[test]
fn a_new_ssrc_and_a_restart_start_over() {
    let mut buffer = buffer();
    buffer.insert(&packet(10, &[1]), Duration::ZERO);
    let other = MediaPacket { ssrc: 8, ..packet(40_000, &[2]) };
    assert_eq!(buffer.insert(&other, Duration::ZERO), Insertion::NewSource);
    assert_eq!((buffer.len(), buffer.stats().discarded), (1, 1));
    assert_eq!(buffer.take().unwrap().missing, 0);

    let stray = MediaPacket { ssrc: 8, ..packet(100, &[3]) };
    assert_eq!(buffer.insert(&stray, Duration::ZERO), Insertion::Stray);
    let follower = MediaPacket { ssrc: 8, ..packet(101, &[3]) };
    assert_eq!(buffer.insert(&follower, Duration::ZERO), Insertion::NewSource);
    assert_eq!(buffer.stats().source_changes, 2);
}

#[test]
fn what_has_no_room_is_refused() {
    let mut buffer = buffer();
    assert_eq!(buffer.insert(&packet(1, &[0; 481]), Duration::ZERO), Insertion::Oversized);
    assert_eq!(buffer.insert(&packet(1, &[0; 480]), Duration::ZERO), Insertion::NewSource);
    assert_eq!(MediaPacket::parse(&[0x80; 11]), Err(PacketError::TooShort));
    let error = JitterBuffer::new(&JitterConfig::default().with_in_time(1.0)).unwrap_err();
    assert_eq!(error.field(), "in_time");
}

/// Delivers `packets` whose transit takes `transit_ms` of their number, and returns the delay aimed at.
fn aim(buffer: &mut JitterBuffer, packets: std::ops::Range<u16>, transit_ms: impl Fn(u16) -> f64) -> f64 {
    for sequence in packets {
        let sent = PTIME * u32::from(sequence);
        let arrival = sent + Duration::from_secs_f64(transit_ms(sequence) / 1e3);
        buffer.insert(&packet(sequence, &[0]), arrival);
        buffer.update_target(PTIME);
        buffer.take();
    }
    buffer.target_delay().as_secs_f64() * 1e3
}

#[test]
fn the_delay_aimed_at_follows_the_jitter() {
    let (mut quiet, mut jittery) = (buffer(), buffer());
    // One period being played and one spare packet; jitter of a rounding.
    let steady = aim(&mut quiet, 0..1_000, |_| 50.0);
    assert!((40.0..=43.0).contains(&steady), "{steady} ms");
    // Every tenth packet 60 ms late: above the 3 % that may be.
    let late = aim(&mut jittery, 0..1_000, |sequence| if sequence % 10 == 0 { 110.0 } else { 50.0 });
    assert!((100.0..=103.0).contains(&late), "{late} ms");
    // It forgets.
    let calm = aim(&mut jittery, 1_000..3_000, |_| 50.0);
    assert!((40.0..=43.0).contains(&calm), "{calm} ms");
}

#[test]
fn a_spike_is_no_reason_to_wait_but_a_longer_route_is_followed() {
    let mut buffer = buffer();
    aim(&mut buffer, 0..500, |_| 30.0);
    let spiked =
        aim(&mut buffer, 500..520, |sequence| 30.0 + f64::from(505u16.saturating_sub(sequence)) * 20.0);
    assert!(spiked < 45.0, "{spiked} ms");
    // 80 ms longer: at first it looks like jitter, after 16 packets like a route.
    let doubtful = aim(&mut buffer, 520..532, |_| 110.0);
    assert!(doubtful > 115.0, "{doubtful} ms");
    let believed = aim(&mut buffer, 532..540, |_| 110.0);
    assert!(believed < 45.0, "{believed} ms");
    let back = aim(&mut buffer, 540..1_000, |_| 30.0);
    assert!(back < 45.0, "{back} ms");
}

#[test]
fn bursts_of_losses_are_waited_for() {
    let mut buffer = buffer();
    let singles = aim(&mut buffer, 0..1_000, |_| 30.0);
    let mut at = 1_000;
    for _ in 0..12 {
        aim(&mut buffer, at..at + 30, |_| 30.0);
        at += 33;
    }
    let bursts = aim(&mut buffer, at..at + 30, |_| 30.0);
    assert!((bursts - singles - 40.0).abs() < 1.0, "{singles} and {bursts} ms");
    let calm = aim(&mut buffer, at + 30..at + 5_000, |_| 30.0);
    assert!((calm - singles).abs() < 1.0, "{singles} and {calm} ms");
}
