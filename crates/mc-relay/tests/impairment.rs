//! A call over a bad network: a tenth of the packets lost, 50 ms of jitter, some overtaken, some doubled.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::collections::HashSet;
use std::time::Duration;

use common::network::{Arrival, Network, PACE};
use common::time::Time;
use common::{FRAME, Peer, connect, relay_with, simple_call, stop, talk};
use mc_engine::{AudioProcessingConfig, G711, PacketError, PayloadFormat};
use mc_relay::{DropReason, LegId, MediaSessionController, Opinion, RelayConfig};
use mc_rtp_pipeline::{JitterConfig, MediaPacket, Playout, PlayoutStats};
use mc_testkit::measure::rms_dbfs;
use mc_testkit::signal::Talker;

/// When the first packet is sent.
const START: Duration = Duration::from_secs(100);

fn relay_at(time: Time) -> MediaSessionController {
    let config = RelayConfig::default().with_workers(1).with_clock(time.clock());
    // Streams are rated when the test lets that much time pass.
    relay_with(config.with_review_interval(Duration::from_secs(60)))
}

/// A payload like no other of the call.
fn numbered(index: usize) -> Vec<u8> {
    let mut payload = vec![0x55; FRAME];
    payload[..8].copy_from_slice(&index.to_be_bytes());
    payload
}

/// The arrivals that are the first of their packet.
fn first_ones(arrivals: &[Arrival]) -> Vec<Arrival> {
    let mut seen = HashSet::new();
    arrivals.iter().copied().filter(|arrival| seen.insert(arrival.index)).collect()
}

/// Interarrival jitter by its definition (RFC 3550 §6.4.1).
fn jitter_of(arrivals: &[Arrival]) -> Duration {
    let transit = |arrival: &Arrival| arrival.at.as_secs_f64() - (PACE * arrival.index as u32).as_secs_f64();
    let jitter = arrivals.windows(2).fold(0.0, |jitter, pair| {
        let change = (transit(&pair[1]) - transit(&pair[0])).abs();
        jitter + (change - jitter) / 16.0
    });
    Duration::from_secs_f64(jitter)
}

#[test]
fn what_arrives_is_passed_on_once_and_the_call_beside_loses_nothing() {
    const SENT: usize = 1_500;
    let time = Time::starting_at(START);
    let relay = relay_at(time);
    let [mut a, mut b] = simple_call(&relay, "rough");
    let [mut c, mut d] = simple_call(&relay, "smooth");
    let packets: Vec<[Vec<u8>; 2]> =
        (0..SENT).map(|index| [a.packet(&numbered(index)), b.packet(&numbered(index))]).collect();
    let arrivals = [Network::rough(1).carry(SENT), Network::rough(2).carry(SENT)];

    let mut both: Vec<(LegId, Arrival)> = Vec::new();
    for (leg, arrivals) in LegId::ALL.into_iter().zip(&arrivals) {
        both.extend(arrivals.iter().map(|&arrival| (leg, arrival)));
    }
    both.sort_by_key(|(_, arrival)| arrival.at);
    let (mut passed, mut beside) = ([HashSet::new(), HashSet::new()], [None, None]);
    for &(leg, Arrival { at, index }) in &both {
        time.set(START + at);
        let (from, to) = if leg == LegId::A { (&a, &b) } else { (&b, &a) };
        from.send_raw(&packets[index][leg.index()]);
        if passed[leg.index()].insert(index) {
            let heard = to.hear();
            assert_eq!(heard.payload, numbered(index), "in the order in which they came");
            // Numbers are the sender's, moved as a whole: a receiver puts everything in its place.
            let moved = heard.sequence.wrapping_sub(index as u16);
            assert_eq!(*beside[leg.index()].get_or_insert(moved), moved);
        }
        assert_eq!(talk(&mut c, &d).payload, [0x55; FRAME]);
        assert_eq!(talk(&mut d, &c).payload, [0x55; FRAME]);
    }
    time.pass(&relay, Duration::from_secs(60));

    let totals = stop(&relay, "rough").metrics;
    for (leg, arrivals) in LegId::ALL.into_iter().zip(&arrivals) {
        let (found, firsts) = (totals.leg(leg), first_ones(arrivals));
        let doubled = (arrivals.len() - firsts.len()) as u64;
        assert!(doubled > 50 && firsts.len() < SENT - 100, "the network is rough");
        assert_eq!(found.dropped(DropReason::Packet(PacketError::Duplicate)), doubled);
        assert_eq!(found.dropped_total(), doubled);
        assert_eq!(totals.leg(leg.other()).packets_sent, firsts.len() as u64);
        let overtaken = firsts.iter().scan(0, |newest: &mut usize, arrival| {
            let is_late = arrival.index < *newest;
            *newest = arrival.index.max(*newest);
            Some(is_late)
        });
        let overtaken = overtaken.filter(|&is_late| is_late).count() as u64;
        assert_eq!(found.media.packets.reordered, overtaken);
        assert!(overtaken > 100, "{overtaken}");

        let span = 1 + firsts.iter().map(|arrival| arrival.index).max().unwrap() - firsts[0].index;
        assert_eq!((found.stream.expected, found.stream.received), (span as u64, firsts.len() as u64));
        let off = found.stream.jitter.abs_diff(jitter_of(&firsts));
        assert!(off < Duration::from_millis(1), "{:?} is off by {off:?}", found.stream.jitter);
        assert!(found.stream.opinion().unwrap() < Opinion::SomeDissatisfied, "{:?}", found.stream.mos);
    }
    let beside = stop(&relay, "smooth").metrics;
    for leg in LegId::ALL {
        let found = beside.leg(leg);
        assert_eq!((found.packets_sent, found.dropped_total()), (both.len() as u64, 0));
        assert_eq!((found.stream.expected, found.stream.lost()), (both.len() as u64, 0));
    }
}

/// What a telephone has played.
struct Played {
    samples: Vec<f32>,
    stats: PlayoutStats,
    /// The delay of what it played after a third of the time, and at the end.
    delays: [Duration; 2],
}

/// Plays packets that come over `network`; `through` is told when each is there, and gives what a telephone gets of it.
fn played(packets: usize, network: &Network, mut through: impl FnMut(Arrival) -> Option<Vec<u8>>) -> Played {
    const STEP: Duration = Duration::from_millis(10);
    let arrivals = network.carry(packets);
    let mut coming = arrivals.into_iter().peekable();
    let mut telephone = Playout::new(&JitterConfig::default(), G711::new(PayloadFormat::PCMU.law)).unwrap();
    let (mut samples, mut delays) = (Vec::new(), [Duration::ZERO; 2]);
    let steps = 2 * packets as u32;
    for step in 0..steps {
        let now = STEP * step;
        while let Some(arrival) = coming.next_if(|arrival| arrival.at <= now) {
            if let Some(packet) = through(arrival) {
                telephone.insert(&MediaPacket::parse(&packet).unwrap(), arrival.at);
            }
        }
        let mut out = [0.0; FRAME / 2];
        telephone.play(&mut out, now);
        samples.extend(out);
        delays[usize::from(step > steps / 3)] = telephone.delay().unwrap_or_default();
    }
    Played { samples, stats: *telephone.stats(), delays }
}

/// What B plays of what A says over `network`, where the legs are processed as `processing` says; B talks, too.
fn played_through_relay(speech: &[f32], network: &Network, processing: &AudioProcessingConfig) -> Played {
    let time = Time::starting_at(START);
    let relay = relay_at(time);
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    connect(&relay, "heard", [&mut a, &mut b], |legs| {
        for leg in legs {
            *leg = leg.clone().with_processing(processing.clone());
        }
    });
    let frames: Vec<Vec<u8>> = speech.chunks_exact(FRAME).map(|frame| a.audio_packet(frame)).collect();
    let answer = Talker::new(8, 8_000).say(speech.len() as f64 / 8_000.0, -26.0).samples;
    let mut answers = answer.chunks_exact(FRAME);
    let (mut seen, mut answered) = (HashSet::new(), Duration::ZERO);
    played(frames.len(), network, |Arrival { at, index }| {
        while answered <= at {
            time.set(START + answered);
            answers.next().into_iter().for_each(|frame| {
                b.send_audio(frame);
                a.hear();
            });
            answered += PACE;
        }
        time.set(START + at);
        a.send_raw(&frames[index]);
        seen.insert(index).then(|| b.hear_raw())
    })
}

/// How alike the levels of two recordings are from 20 ms to 20 ms, wherever one lags behind the other by up to 300 ms:
/// their correlation, 1 for the same.
fn likeness(one: &[f32], other: &[f32]) -> f64 {
    let levels = |audio: &[f32]| -> Vec<f64> {
        audio.chunks_exact(FRAME).map(|frame| f64::from(rms_dbfs(frame).max(-60.0))).collect()
    };
    let (one, other) = (levels(one), levels(other));
    let correlation = |lag: usize| {
        let pairs: Vec<(f64, f64)> = one.iter().copied().zip(other[lag..].iter().copied()).collect();
        let count = pairs.len() as f64;
        let (mean_x, mean_y) =
            pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / count, y + pair.1 / count));
        let sum =
            |of: fn(f64, f64) -> f64| -> f64 { pairs.iter().map(|(x, y)| of(x - mean_x, y - mean_y)).sum() };
        sum(|x, y| x * y) / (sum(|x, _| x * x) * sum(|_, y| y * y)).sqrt()
    };
    (0..15).map(correlation).fold(-1.0, f64::max)
}

#[test]
fn what_is_heard_over_a_bad_network_is_what_would_be_heard_without_the_relay() {
    let speech = Talker::new(5, 8_000).say(12.0, -26.0).samples;
    let mut sender = Peer::new(PayloadFormat::PCMU);
    let frames: Vec<Vec<u8>> = speech.chunks_exact(FRAME).map(|frame| sender.audio_packet(frame)).collect();
    let direct = played(frames.len(), &Network::rough(3), |arrival| Some(frames[arrival.index].clone()));
    let relayed = played_through_relay(&speech, &Network::rough(3), &AudioProcessingConfig::default());
    assert!(direct.stats.concealed > 8_000, "{:?}", direct.stats);
    assert_eq!((direct.stats, direct.delays), (relayed.stats, relayed.delays));
    assert_eq!(direct.samples, relayed.samples);
}

#[test]
fn processed_audio_over_a_bad_network_is_concealed_in_time_and_keeps_its_level() {
    let speech = Talker::new(5, 8_000).say(12.0, -26.0).samples;
    let processing = AudioProcessingConfig::all()
        .with_use_advanced_aec(true)
        .with_use_advanced_vad(true)
        .with_use_advanced_agc(true);
    let plain = AudioProcessingConfig::default();
    let [clean, clean_plain] =
        [&processing, &plain].map(|processing| played_through_relay(&speech, &Network::smooth(), processing));
    for seed in 3..7 {
        let [rough, rough_plain] = [&processing, &plain]
            .map(|processing| played_through_relay(&speech, &Network::rough(seed), processing));
        assert!((rms_dbfs(&rough.samples) - rms_dbfs(&clean.samples)).abs() < 1.5, "seed {seed}");
        assert!(rough.stats.concealed * 20 <= rough_plain.stats.concealed * 21, "{:?}", rough.stats);
        let [early, late] = rough.delays;
        assert!(late < Duration::from_millis(120) && late < early + PACE * 3 / 2, "{early:?}, {late:?}");
        // Of what the processors do to gaps, and to packets out of order, little is to be heard.
        let alike = likeness(&clean.samples, &rough.samples);
        let alike_plain = likeness(&clean_plain.samples, &rough_plain.samples);
        assert!(alike > 0.85 && alike > alike_plain - 0.1, "seed {seed}: {alike}, {alike_plain} without");
    }
}
