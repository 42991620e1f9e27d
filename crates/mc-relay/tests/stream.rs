//! What the relay learns of streams that pass: losses, what people would think of them, keys, speech, reports.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails fails its test")]

mod common;

use std::net::UdpSocket;
use std::time::Duration;

use common::{FRAME, PATIENCE, Peer, eventually, relay_with, stop, talk};
use mc_engine::{DtmfKey, EventReport, PayloadFormat};
use mc_relay::{
    AdvancedProcessorConfig, DialogId, DropReason, LegId, MediaConfig, MediaSessionController, Opinion,
    RelayConfig, RelayEvent, StreamMetrics,
};
use mc_rtp_pipeline::rtcp::{NtpTime, ReportBlock, RtcpPacket, RtcpPackets, RtcpWriter, SenderInfo};
use mc_rtp_pipeline::{PayloadTypes, StreamIdentity};
use mc_testkit::signal::{Talker, white_noise};

/// Payload type of keys.
const KEYS: u8 = 101;

/// A relay that looks at its calls often. Calls without media end after two seconds.
fn relay() -> MediaSessionController {
    relay_every(Duration::from_millis(100))
}

fn relay_every(interval: Duration) -> MediaSessionController {
    let often = RelayConfig::default()
        .with_workers(1)
        .with_review_interval(interval)
        .with_media_timeout(Duration::from_secs(2));
    relay_with(often)
}

/// Two peers with keys, RTCP with their RTP, and their senders' numbers; `change` has the last word.
fn call(relay: &MediaSessionController, change: impl FnOnce(MediaConfig) -> MediaConfig) -> [Peer; 2] {
    let [mut a, mut b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let leg = |peer: &Peer| {
        let leg = peer.leg().with_passed(PayloadTypes::ALL).with_telephone_event(KEYS);
        leg.with_rtcp_mux(true)
    };
    let media = MediaConfig::new(leg(&a), leg(&b)).with_identity(StreamIdentity::Sender);
    let info = relay.start_media("stream", change(media)).unwrap();
    (a.relay, b.relay) = (Some(info.local_address(LegId::A)), Some(info.local_address(LegId::B)));
    [a, b]
}

fn figures(relay: &MediaSessionController, leg: LegId) -> StreamMetrics {
    relay.call_metrics(&"stream".into()).unwrap().leg(leg).stream
}

/// The events so far that `pick` picks.
fn events<T>(relay: &MediaSessionController, pick: impl Fn(RelayEvent) -> Option<T>) -> Vec<T> {
    std::iter::from_fn(|| relay.next_event(Duration::ZERO)).filter_map(pick).collect()
}

/// `count` packets from one peer to the other, of which every `lost`th is lost on its way to the relay.
fn talk_with_losses(from: &mut Peer, to: &Peer, count: usize, lost: usize) {
    for index in 1..=count {
        if index % lost == 0 {
            from.packet(&[0x55; FRAME]);
        } else {
            talk(from, to);
        }
    }
}

#[test]
fn losses_are_counted_and_rated_leg_by_leg() {
    let relay = relay();
    let [mut a, mut b] = call(&relay, |media| media);
    assert_eq!(figures(&relay, LegId::A), StreamMetrics::default());
    talk_with_losses(&mut a, &b, 109, 10);
    talk(&mut b, &a);
    eventually("it is rated", || figures(&relay, LegId::A).scores.count > 0);
    let stream = figures(&relay, LegId::A);
    assert_eq!((stream.expected, stream.received, stream.lost()), (109, 99, 10));
    assert_eq!(stream.ssrc, Some(u32::from(a.address().port())));
    // 109 packets that came all at once instead of in 2 s: that is jitter, too.
    assert!(stream.jitter > Duration::from_millis(5), "{:?}", stream.jitter);
    let lowest = stream.scores.lowest.unwrap();
    assert!(lowest < 3.6, "rated {lowest}");
    let other = figures(&relay, LegId::B);
    assert_eq!((other.expected, other.lost(), other.scores.lowest), (1, 0, other.scores.highest));
    let told = events(&relay, |event| match event {
        RelayEvent::Quality { dialog, leg, stream } => Some((dialog, leg, stream.opinion())),
        _ => None,
    });
    let (dialog, leg, opinion) = told.first().unwrap();
    assert_eq!((dialog.as_str(), *leg), ("stream", LegId::A));
    assert!(opinion.unwrap() < Opinion::SomeDissatisfied, "{told:?}");
    assert!(told.iter().all(|(_, leg, _)| *leg == LegId::A), "nothing is said of what stays good");

    // When all arrives again people are content, and the call is not forgotten.
    eventually("it is well again", || {
        talk(&mut a, &b);
        std::thread::sleep(Duration::from_millis(20));
        figures(&relay, LegId::A).opinion() == Some(Opinion::Satisfied)
    });
    assert_eq!(relay.global_metrics().opinions[Opinion::Satisfied as usize], 1);
    let stream = stop(&relay, "stream").metrics.leg(LegId::A).stream;
    assert_eq!(stream.lost(), 10);
    assert!(stream.scores.lowest.unwrap() <= lowest);
    assert_eq!(relay.global_metrics().opinions, [0; 4]);
}

#[test]
fn what_arrives_late_or_twice_or_from_a_sender_that_starts_over_is_no_loss() {
    let relay = relay();
    let [mut a, b] = call(&relay, |media| media);
    let [first, second, third] = [(); 3].map(|()| a.packet(&[0x55; FRAME]));
    for packet in [&first, &third, &second, &second] {
        a.send_raw(packet);
    }
    (0..3).for_each(|_| drop(b.hear()));
    let mut restarted = a.packet(&[0x55; FRAME]);
    restarted[2] ^= 0x40;
    a.send_raw(&restarted);
    b.hear();
    eventually("all are counted", || figures(&relay, LegId::A).received == 4);
    let stream = figures(&relay, LegId::A);
    assert_eq!((stream.expected, stream.lost()), (4, 0));
}

#[test]
fn keys_are_told_and_counted_once_and_passed_unless_they_are_blocked() {
    let relay = relay();
    let [mut a, b] = call(&relay, |media| media);
    let name = DialogId::from("stream");
    for (index, key) in ['5', '#'].into_iter().enumerate() {
        let event = DtmfKey::from_symbol(key).unwrap().event();
        relay.block_keys(&name, LegId::A, index == 1).unwrap();
        for (duration, end) in [(160u16, 0u8), (320, 0), (480, 0x80), (480, 0x80), (480, 0x80)] {
            let mut packet = a.packet(&[event, 10 | end, (duration >> 8) as u8, duration as u8]);
            packet[1] = KEYS;
            // All packets of a key have the timestamp of its beginning.
            packet[4..8].copy_from_slice(&(90_000 + 1_000 * index as u32).to_be_bytes());
            a.send_raw(&packet);
            if index == 0 {
                assert_eq!(b.hear().payload_type, KEYS);
            }
        }
    }
    talk(&mut a, &b);
    let keys = events(&relay, |event| match event {
        RelayEvent::Key { leg: LegId::A, report, .. } => Some(report),
        _ => None,
    });
    let pressed =
        |event| [EventReport::Started { event, volume: 10 }, EventReport::Ended { event, duration: 480 }];
    assert_eq!(keys, [pressed(5), pressed(11)].concat());
    let metrics = stop(&relay, "stream").metrics;
    assert_eq!(metrics.leg(LegId::A).stream.keys, 2);
    assert_eq!(metrics.leg(LegId::A).dropped(DropReason::KeyBlocked), 5);
    assert_eq!(metrics.leg(LegId::A).stream.lost(), 0);
}

#[test]
fn speech_is_told_when_it_begins_and_when_it_ends() {
    let relay = relay();
    let [mut a, mut b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let only_vad = AdvancedProcessorConfig::default().with_advanced_aec(None).with_advanced_agc(None);
    let info = relay.start_advanced_media("stream", MediaConfig::new(a.leg(), b.leg()), &only_vad).unwrap();
    a.relay = Some(info.local_address(LegId::A));
    b.relay = Some(info.local_address(LegId::B));
    let quiet = white_noise(1, -66.0, 16_000);
    let speech = Talker::new(4, 8_000).say(3.0, -24.0).samples;
    for frame in [&quiet, &speech, &quiet, &quiet].into_iter().flat_map(|part| part.chunks_exact(FRAME)) {
        a.send_audio(frame);
        b.hear();
    }
    let told = events(&relay, |event| match event {
        RelayEvent::Speech { leg, speaks, .. } => Some((leg, speaks)),
        _ => None,
    });
    assert_eq!((told.first(), told.last()), (Some(&(LegId::A, true)), Some(&(LegId::A, false))));
    let alternating = told.windows(2).all(|pair| pair[0].1 != pair[1].1);
    assert!(alternating, "{told:?}");
}

/// A compound packet of a sender that has sent `middle` as the middle of its time, and received what `block` says.
fn sender_report(ssrc: u32, ntp: NtpTime, block: Option<ReportBlock>) -> Vec<u8> {
    let mut buffer = [0; 200];
    let mut writer = RtcpWriter::new(&mut buffer);
    let sent = SenderInfo { ntp, ..SenderInfo::default() };
    writer.sender_report(ssrc, &sent, block.as_slice()).unwrap().cname(ssrc, "somebody").unwrap();
    writer.packet().to_vec()
}

fn hear_raw(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 1_500];
    let length = socket.recv(&mut buffer).unwrap();
    buffer[..length].to_vec()
}

#[test]
fn reports_that_pass_tell_the_round_trip_and_the_loss_beyond() {
    let relay = relay();
    let [mut a, mut b] = call(&relay, |media| media);
    let (at_b, _) = (talk(&mut a, &b), talk(&mut b, &a));
    // A reports that it sends; B answers 40 ms later, of which it has kept 10 ms, and has missed a quarter.
    let ntp = NtpTime(0x1234_5678_9ABC_DEF0);
    let report = sender_report(at_b.ssrc, ntp, None);
    a.send_raw(&report);
    assert_eq!(hear_raw(&b.socket), report, "it passes as it is");
    std::thread::sleep(Duration::from_millis(40));
    let block = ReportBlock {
        ssrc: at_b.ssrc,
        fraction_lost: 64,
        last_report: ntp.middle(),
        since_last_report: 65_536 / 100,
        ..ReportBlock::default()
    };
    b.send_raw(&sender_report(7, NtpTime(1), Some(block)));
    hear_raw(&a.socket);
    let stream = figures(&relay, LegId::B);
    assert_eq!(stream.reported_loss, Some(0.25));
    let round_trip = stream.round_trip.unwrap();
    assert!(round_trip >= Duration::from_millis(29), "{round_trip:?}");
    assert!(round_trip < PATIENCE);
    let stream = figures(&relay, LegId::A);
    assert_eq!((stream.reported_loss, stream.round_trip), (None, None));

    // An answer to what was never said, and one about somebody else, tell nothing.
    let strange = ReportBlock { last_report: 99, fraction_lost: 128, ..block };
    b.send_raw(&sender_report(7, NtpTime(2), Some(strange)));
    b.send_raw(&sender_report(7, NtpTime(3), Some(ReportBlock { ssrc: 1, ..strange })));
    (0..2).for_each(|_| drop(hear_raw(&a.socket)));
    let stream = figures(&relay, LegId::B);
    assert_eq!((stream.reported_loss, stream.round_trip), (Some(0.5), Some(round_trip)));
    stop(&relay, "stream");
}

#[test]
fn reports_are_made_in_the_name_of_a_peer_that_makes_none() {
    for identity in [StreamIdentity::Sender, StreamIdentity::Own] {
        let relay = relay();
        let [mut a, mut b] = call(&relay, |media| media.with_reports(true).with_identity(identity));
        talk(&mut b, &a);
        let heard = talk(&mut b, &a).ssrc;
        talk_with_losses(&mut a, &b, 19, 4);
        let own = u32::from(a.address().port());
        let report = hear_raw(&a.socket);
        let mut packets = RtcpPackets::parse(&report).expect("a compound packet");
        let Some(RtcpPacket::ReceiverReport { ssrc, received }) = packets.next() else {
            unreachable!("{report:?}");
        };
        let block = received.about(own).expect("a block about what A sends");
        assert_eq!((ssrc, block.lost), (heard, 4), "{identity:?}: A knows B by this number");
        assert!(matches!(packets.next(), Some(RtcpPacket::SourceDescription { ssrc, .. }) if ssrc == heard));
        let made = stop(&relay, "stream").metrics.leg(LegId::A).control_made;
        assert!(made > 0);
    }
}

#[test]
fn who_reports_is_not_spoken_for() {
    let relay = relay_every(Duration::from_millis(500));
    let [mut a, mut b] = call(&relay, |media| media.with_reports(true));
    let empty: [u8; 8] = [0x80, 201, 0, 1, 1, 2, 3, 4];
    let mut reviews = 0;
    while reviews < 2 {
        b.send_raw(&empty);
        assert_eq!(hear_raw(&a.socket), empty, "nothing but what B says");
        talk(&mut b, &a);
        // B hears what A does not say.
        a.send(&[0x55; FRAME]);
        while hear_raw(&b.socket).len() < FRAME {}
        std::thread::sleep(Duration::from_millis(30));
        reviews = figures(&relay, LegId::A).scores.count;
    }
    let metrics = stop(&relay, "stream").metrics;
    assert_eq!(metrics.leg(LegId::A).control_made, 0);
    assert!(metrics.leg(LegId::B).control_made > 0);
}
