//! The way of the audio, there and back.

use std::time::Duration;

use mc_engine::{EndpointConfig, Insertion, MediaEndpoint, PacketError, PayloadFormat, Received};
use mc_testkit::alloc::count_allocations;
use mc_testkit::measure::{energy, rms_dbfs};
use mc_testkit::signal::sine;

use crate::wire::{FRAME, at, bring, endpoint, fields, played, sent, telephone};

/// What `receiver` plays of `signal`, when packet n arrives as often as `copies(n)` says.
fn over(receiver: &mut MediaEndpoint, signal: &[f32], copies: impl Fn(usize) -> usize) -> Vec<f32> {
    let mut sender = telephone(PayloadFormat::PCMU);
    let mut heard = Vec::new();
    for (tick, frame) in signal.chunks_exact(FRAME).enumerate() {
        for packet in sent(&mut sender, frame) {
            for _ in 0..copies(tick) {
                receiver.receive(&packet, at(tick)).unwrap();
            }
        }
        heard.extend(played(receiver, tick));
    }
    heard
}

#[test]
fn packets_are_numbered_stamped_and_marked() {
    let config = EndpointConfig::default()
        .with_formats(PayloadFormat::PCMA)
        .with_ssrc(0xABCD)
        .with_first(65_535, u32::MAX - 100);
    let mut sender = endpoint(&config);
    let mut header = || {
        let packets = sent(&mut sender, &[0.0; FRAME]);
        let packet = fields(&packets[0]);
        assert_eq!((packets.len(), packet.payload_type, packet.payload.len()), (1, 8, FRAME));
        assert_eq!(packet.ssrc, 0xABCD);
        (packet.marker, packet.sequence, packet.timestamp)
    };
    assert_eq!(header(), (true, 65_535, u32::MAX - 100), "marked: the first");
    assert_eq!(header(), (false, 0, 59), "both numbers wrap");
    assert_eq!(header(), (false, 1, 59 + 160));
    let performance = sender.handle().metrics().performance;
    assert_eq!((performance.packets_out, performance.bytes_out), (3, 3 * 172));
}

#[test]
fn what_is_lost_is_concealed_and_what_comes_twice_is_played_once() {
    let tone = sine(8_000, 200.0, 0.3, 200 * FRAME);
    let mut receiver = telephone(PayloadFormat::PCMU);
    let played = over(&mut receiver, &tone, |n| if n % 20 == 19 { 0 } else { 1 + n % 2 });
    let settled = &played[50 * FRAME..];
    assert!((rms_dbfs(settled) - rms_dbfs(&tone)).abs() < 1.0);
    for (n, frame) in settled.chunks(FRAME).enumerate() {
        assert!(energy(frame) > 0.25 * FRAME as f64 * 0.045, "frame {n} is a hole");
    }
    let handle = receiver.handle();
    let metrics = handle.metrics().endpoint.unwrap();
    assert!(metrics.played.concealed > 0 && metrics.received.duplicates > 50, "{metrics:?}");
    assert_eq!((metrics.received, metrics.played), (*receiver.packets(), *receiver.played()));
    assert!(handle.endpoint().unwrap().delay.is_some_and(|delay| delay < Duration::from_millis(120)));
}

#[test]
fn what_is_no_packet_of_the_stream_is_counted_and_changes_nothing() {
    let mut receiver = telephone(PayloadFormat::PCMU);
    assert_eq!(receiver.receive(&[1, 2, 3], at(0)), Err(PacketError::TooShort));
    let packets = sent(&mut telephone(PayloadFormat::PCMA), &[0.1; FRAME]);
    assert_eq!(receiver.receive(&packets[0], at(0)), Err(PacketError::PayloadType));
    assert_eq!(receiver.receive(&[0x80, 200, 0, 9], at(0)), Err(PacketError::Rtcp), "a report cut short");
    let packets = sent(&mut telephone(PayloadFormat::PCMU), &[0.1; FRAME]);
    assert_eq!(receiver.receive(&packets[0], at(0)), Ok(Received::Audio(Insertion::NewSource)));
    receiver.handle().stop();
    assert_eq!(receiver.receive(&packets[0], at(0)), Err(PacketError::Stopped));

    let metrics = receiver.handle().metrics();
    let reasons: Vec<_> = metrics.packets.drops().collect();
    let expected = [PacketError::TooShort, PacketError::Rtcp, PacketError::PayloadType, PacketError::Stopped];
    assert_eq!(reasons, expected.map(|reason| (reason, 1)));
    assert_eq!((metrics.performance.packets_in, metrics.performance.dropped), (5, 4));
    assert_eq!(metrics.endpoint.unwrap().reports_refused, 1);
}

#[test]
fn nothing_is_allocated_while_packets_come_and_go() {
    let config =
        EndpointConfig::default().with_rate(mc_engine::SampleRate::Hz16000).with_telephone_event(101);
    let (mut sender, mut receiver) = (endpoint(&config), endpoint(&config));
    let tone = sine(16_000, 200.0, 0.3, 2 * FRAME);
    let mut out = [0.0; 2 * FRAME];
    let key = mc_engine::DtmfKey::from_symbol('#').unwrap();
    let (allocations, ()) = count_allocations(|| {
        for tick in 0..1_000 {
            if tick == 500 {
                sender.press(key, 100);
            }
            sender.send(&tone, |packet| {
                if tick % 7 != 3 {
                    let _ = receiver.receive(packet, at(tick));
                }
            });
            sender.poll_report(at(tick), |report| bring(&mut receiver, report, at(tick)));
            receiver.play(&mut out, at(tick));
            receiver.poll_report(at(tick), |report| bring(&mut sender, report, at(tick)));
        }
    });
    assert_eq!(allocations, 0);
    let metrics = sender.handle().metrics().endpoint.unwrap();
    assert!(metrics.sent.keys > 0 && metrics.reports_sent > 1 && metrics.reports_received > 1, "{metrics:?}");
}
