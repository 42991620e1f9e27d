//! RTCP against the layouts of RFC 3550 §6, byte by byte, and its figures against examples worked by hand.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use std::time::Duration;

use mc_rtp_pipeline::MediaPacket;
use mc_rtp_pipeline::rtcp::{
    Membership, NoRoom, NtpTime, Reception, ReportBlock, RtcpError, RtcpPacket, RtcpPackets, RtcpSchedule,
    RtcpWriter, SenderInfo, round_trip,
};
use proptest::prelude::*;

const BLOCK: ReportBlock = ReportBlock {
    ssrc: 0x0102_0304,
    fraction_lost: 64,
    lost: -2,
    highest_sequence: 0x0001_FFFE,
    jitter: 160,
    last_report: 0xAABB_CCDD,
    since_last_report: 65_536,
};

const SENT: SenderInfo = SenderInfo {
    ntp: NtpTime(0x1122_3344_5566_7788),
    timestamp: 0x0A0B_0C0D,
    packets: 1_000,
    payload_bytes: 160_000,
};

#[rustfmt::skip]
const COMPOUND: [u8; 52 + 12 + 16] = [
    0x81, 200, 0, 12,  0xDE, 0xAD, 0xBE, 0xEF,
    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,  0x0A, 0x0B, 0x0C, 0x0D,  0, 0, 0x03, 0xE8,  0, 0x02, 0x71, 0x00,
    1, 2, 3, 4,  64, 0xFF, 0xFF, 0xFE,  0, 1, 0xFF, 0xFE,  0, 0, 0, 160,  0xAA, 0xBB, 0xCC, 0xDD,  0, 1, 0, 0,
    0x81, 202, 0, 2,  0xDE, 0xAD, 0xBE, 0xEF,  1, 1, b'a', 0,
    0x81, 203, 0, 3,  0xDE, 0xAD, 0xBE, 0xEF,  4, b'd', b'o', b'n',  b'e', 0, 0, 0,
];

#[test]
fn a_compound_packet_has_the_layout_of_the_rfc() {
    let mut buffer = [0xFF; 100];
    let mut writer = RtcpWriter::new(&mut buffer);
    writer.sender_report(0xDEAD_BEEF, &SENT, &[BLOCK]).unwrap();
    writer.cname(0xDEAD_BEEF, "a").unwrap().goodbye(0xDEAD_BEEF, "done").unwrap();
    assert_eq!(writer.packet(), COMPOUND);

    let packets: Vec<_> = RtcpPackets::parse(&COMPOUND).unwrap().collect();
    let [
        RtcpPacket::SenderReport { ssrc: 0xDEAD_BEEF, sent: SENT, received },
        RtcpPacket::SourceDescription { ssrc: 0xDEAD_BEEF, cname: b"a" },
        RtcpPacket::Goodbye { ssrc: 0xDEAD_BEEF, reason: b"done" },
    ] = packets[..]
    else {
        unreachable!("{packets:?}");
    };
    assert_eq!(received.about(0x0102_0304), Some(BLOCK));
    assert_eq!(received.about(1), None);
}

#[test]
fn what_does_not_fit_leaves_nothing_behind() {
    for room in 0..COMPOUND.len() {
        let mut buffer = vec![0; room];
        let mut writer = RtcpWriter::new(&mut buffer);
        let report = writer.sender_report(0xDEAD_BEEF, &SENT, &[BLOCK]).is_ok();
        let cname = report && writer.cname(0xDEAD_BEEF, "a").is_ok();
        let whole = if cname {
            64
        } else if report {
            52
        } else {
            0
        };
        assert_eq!(writer.packet(), &COMPOUND[..whole]);
    }
    let mut buffer = [0; 2_000];
    let mut writer = RtcpWriter::new(&mut buffer);
    assert_eq!(writer.receiver_report(1, &[BLOCK; 32]).err(), Some(NoRoom));
    assert_eq!(writer.cname(1, &"x".repeat(256)).err(), Some(NoRoom));
    assert!(writer.receiver_report(1, &[BLOCK; 31]).unwrap().cname(1, &"x".repeat(255)).is_ok());
    assert_eq!(RtcpPackets::parse(writer.packet()).unwrap().count(), 2);
}

#[test]
fn what_is_no_compound_packet_is_refused() {
    let broken = |at: usize, value: u8| {
        let mut bytes = COMPOUND;
        bytes[at] = value;
        RtcpPackets::parse(&bytes).err()
    };
    assert_eq!(broken(0, 0x41), Some(RtcpError::Version));
    assert_eq!(broken(1, 202), Some(RtcpError::FirstPacket));
    assert_eq!(broken(0, 0x82), Some(RtcpError::Length), "two blocks announced");
    assert_eq!(broken(52 + 3, 9), Some(RtcpError::Length), "runs past the end");
    assert_eq!(broken(52 + 9, 9), Some(RtcpError::Length), "a name longer than its packet");
    assert_eq!(broken(0, 0xA1), Some(RtcpError::Padding), "padding before the end");
    assert_eq!(broken(64, 0xA1), Some(RtcpError::Padding), "no padding's length");
    assert_eq!(RtcpPackets::parse(&[]).err(), Some(RtcpError::Length));
    for length in 1..COMPOUND.len() {
        let whole = matches!(length, 52 | 64);
        assert_eq!(RtcpPackets::parse(&COMPOUND[..length]).is_ok(), whole, "{length} bytes");
    }
}

proptest! {
    #[test]
    fn anything_is_read_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let [first, second, ..] = &mut bytes[..] {
            *first = 0x80 | *first & 0x3F;
            *second = 200 + *second % 4;
        }
        if let Ok(packets) = RtcpPackets::parse(&bytes) {
            prop_assert!(packets.count() > 0);
        }
    }

    #[test]
    fn blocks_come_back_as_they_were_written(
        ssrc: u32, fraction_lost: u8, lost in -0x80_0000..0x80_0000i32, highest_sequence: u32, jitter: u32, last_report: u32,
        since_last_report: u32,
    ) {
        let block = ReportBlock { ssrc, fraction_lost, lost, highest_sequence, jitter, last_report, since_last_report };
        let mut buffer = [0; 32];
        let mut writer = RtcpWriter::new(&mut buffer);
        writer.receiver_report(7, &[block]).unwrap();
        let mut packets = RtcpPackets::parse(writer.packet()).unwrap();
        let Some(RtcpPacket::ReceiverReport { ssrc: 7, received }) = packets.next() else {
            unreachable!("a receiver report was written");
        };
        prop_assert_eq!(received.iter().collect::<Vec<_>>(), [block]);
    }
}

#[test]
fn the_round_trip_is_that_of_the_rfcs_example() {
    // RFC 3550 §6.4.1, figure 2.
    let now = NtpTime(0xB44D_B705_2000_0000 + (0xB710_8000 - 0xB705_2000) * (1 << 16));
    let block = ReportBlock { last_report: 0xB705_2000, since_last_report: 0x0005_4000, ..BLOCK };
    assert_eq!(now.middle(), 0xB710_8000);
    assert_eq!(round_trip(&block, now), Some(Duration::from_millis(6_125)));
    assert_eq!(round_trip(&ReportBlock { last_report: 0, ..block }, now), None);
    assert_eq!(round_trip(&ReportBlock { since_last_report: 0x000C_0000, ..block }, now), None);
}

#[test]
fn ntp_time_counts_from_1900() {
    assert_eq!(NtpTime::from_unix(Duration::ZERO).0 >> 32, 2_208_988_800);
    assert_eq!(NtpTime::from_unix(Duration::from_millis(1_500)).0, (2_208_988_801 << 32) | 0x8000_0000);
}

fn packet(sequence: u16) -> MediaPacket<'static> {
    let timestamp = u32::from(sequence).wrapping_mul(160);
    MediaPacket { payload_type: 0, marker: false, sequence, timestamp, ssrc: 9, payload: &[0; 160] }
}

#[test]
fn losses_are_counted_across_the_wrap_and_since_the_last_block() {
    let mut reception = Reception::new(8_000);
    assert_eq!(reception.report_block(Duration::ZERO), None);
    let at = |index: u64| Duration::from_millis(20 * index);
    let first = 65_500u16;
    for index in (0..100u16).filter(|index| index % 10 != 3) {
        reception.note(&packet(first.wrapping_add(index)), at(u64::from(index)));
    }
    let block = reception.report_block(at(100)).unwrap();
    assert_eq!((block.ssrc, block.lost, block.fraction_lost), (9, 10, 25));
    assert_eq!(block.highest_sequence, u32::from(first) + 99);
    assert_eq!((block.last_report, block.since_last_report), (0, 0));

    // The next ten come twice.
    for index in 100..110u16 {
        for _ in 0..2 {
            reception.note(&packet(first.wrapping_add(index)), at(u64::from(index)));
        }
    }
    reception.note_report(8, NtpTime(1 << 40), at(105));
    reception.note_report(9, SENT.ntp, at(110));
    let block = reception.report_block(at(160)).unwrap();
    assert_eq!((block.lost, block.fraction_lost), (0, 0));
    assert_eq!((block.last_report, block.since_last_report), (SENT.ntp.middle(), 65_536));
}

#[test]
fn jitter_settles_at_the_mean_change_of_the_transit_time() {
    let mut reception = Reception::new(8_000);
    for index in 0..2_000u16 {
        // Every other packet is 10 ms late: the transit changes by 80 ticks each time.
        let late = Duration::from_millis(10 * u64::from(index % 2));
        reception.note(&packet(index), Duration::from_millis(20) * u32::from(index) + late);
    }
    let jitter = reception.report_block(Duration::from_secs(40)).unwrap().jitter;
    assert!((79..=80).contains(&jitter), "{jitter}");
    assert_eq!(reception.jitter().as_millis(), u128::from(jitter / 8));
}

#[test]
fn a_jump_of_the_numbers_is_another_sender_and_no_loss() {
    let mut reception = Reception::new(8_000);
    let sequences = [10, 11, 13, 12, 30_000, 30_001, 5, 6, 8];
    for (index, sequence) in sequences.into_iter().enumerate() {
        reception.note(&packet(sequence), Duration::from_millis(20 * index as u64));
    }
    reception.note(&MediaPacket { ssrc: 10, ..packet(900) }, Duration::from_millis(200));
    assert_eq!((reception.expected(), reception.received()), (4 + 2 + 4 + 1, 10));
    assert_eq!(reception.ssrc(), Some(10));
    assert_eq!(reception.report_block(Duration::from_secs(1)).unwrap().lost, 0);
}

#[test]
fn a_key_held_down_is_no_jitter() {
    let mut reception = Reception::new(8_000);
    let held = |sequence| MediaPacket { timestamp: 8_000, ..packet(sequence) };
    for index in 0..100u16 {
        let packet = if (50..80).contains(&index) { held(index) } else { packet(index) };
        reception.note(&packet, Duration::from_millis(20) * u32::from(index));
    }
    assert_eq!((reception.jitter(), reception.received()), (Duration::ZERO, 100));
}

/// Two who both send.
const CALL: Membership = Membership { members: 2, senders: 2, we_send: true };

/// The times at which `schedule` reports in an hour, looked at every 10 ms.
fn reports(schedule: &mut RtcpSchedule, bytes: usize, membership: Membership) -> Vec<f64> {
    let mut times = Vec::new();
    for tick in 0..360_000 {
        let now = Duration::from_millis(10 * tick);
        if schedule.is_due(now, membership) {
            schedule.sent(bytes, now, membership);
            times.push(now.as_secs_f64());
        }
    }
    times
}

fn intervals(times: &[f64]) -> (f64, f64, f64) {
    let steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (least, most) =
        steps.iter().fold((f64::MAX, 0.0f64), |(least, most), &s| (least.min(s), most.max(s)));
    (least, steps.iter().sum::<f64>() / steps.len() as f64, most)
}

#[test]
fn reports_of_a_call_come_every_5_s_varied_by_half() {
    // Divided by e - 3/2, and the mean made up for by reconsideration (RFC 3550 §6.3.1).
    for seed in 0..10 {
        let times = reports(&mut RtcpSchedule::new(500, Duration::from_secs(5), seed), 100, CALL);
        assert!((1.02..3.1).contains(&times[0]), "the first after half the time: {}", times[0]);
        let (least, mean, most) = intervals(&times);
        assert!(least > 2.05 && most < 6.17, "{least} to {most} s");
        assert!((mean - 5.0).abs() < 0.4, "{mean} s");
    }
}

#[test]
fn many_members_share_the_bandwidth_and_senders_have_their_quarter() {
    let schedule = || RtcpSchedule::new(500, Duration::from_secs(5), 3);
    let mean = |bytes: usize, membership| intervals(&reports(&mut schedule(), bytes, membership)).1;
    // 128 bytes with headers, of 1,000 members at 375 bytes a second: 341 s. Of ten senders at 125: 10 s.
    let listener = mean(100, Membership { members: 1_010, senders: 10, we_send: false });
    assert!((listener / 341.3 - 1.0).abs() < 0.25, "{listener} s");
    let sender = mean(100, Membership { members: 1_010, senders: 10, we_send: true });
    assert!((sender / 10.24 - 1.0).abs() < 0.1, "{sender} s");
    // Where many send, all share alike.
    let all = mean(100, Membership { members: 100, senders: 100, we_send: true });
    assert!((all / 25.6 - 1.0).abs() < 0.15, "{all} s");
}

#[test]
fn members_who_come_before_a_report_is_due_put_it_off() {
    let mut schedule = RtcpSchedule::new(500, Duration::from_secs(5), 3);
    assert!(!schedule.is_due(Duration::ZERO, CALL));
    let crowd = Membership { members: 10_000, senders: 0, we_send: false };
    assert!(!schedule.is_due(Duration::from_secs(10), crowd));
    assert!(schedule.is_due(Duration::from_secs(10_000), crowd));
    // Larger reports of others make ours rarer.
    let mut busy = RtcpSchedule::new(500, Duration::from_secs(5), 3);
    (0..1_000).for_each(|_| busy.received(10_000));
    let times = reports(&mut busy, 10_000, CALL);
    assert!(intervals(&times).1 > 30.0);
}
