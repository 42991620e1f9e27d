//! What is played of what arrives.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use std::time::Duration;

use mc_g711::{G711, Law};
use mc_rtp_pipeline::{JitterConfig, MediaPacket, Playout};
use mc_testkit::measure::{rms_dbfs, snr_db};
use mc_testkit::rng::Rng;
use mc_testkit::signal::{Talker, sine};

const PACKET: usize = 160;
const TICK: usize = 80;

/// A stream of PCMU packets and what they decode to.
struct Stream {
    codes: Vec<u8>,
    audio: Vec<f32>,
}

impl Stream {
    fn of(samples: &[f32]) -> Self {
        let codec = G711::new(Law::Mu);
        let whole = samples.len() / PACKET * PACKET;
        let (mut codes, mut audio) = (vec![0; whole], vec![0.0; whole]);
        codec.encode_f32(&samples[..whole], &mut codes).unwrap();
        codec.decode_f32(&codes, &mut audio).unwrap();
        Self { codes, audio }
    }

    fn speech(seconds: f64) -> Self {
        Self::of(&Talker::new(5, 8_000).say(seconds, -20.0).samples)
    }

    fn packets(&self) -> usize {
        self.codes.len() / PACKET
    }

    /// Packet `index` of a stream whose numbers wrap after 100 packets.
    fn packet(&self, index: usize) -> MediaPacket<'_> {
        let start = index * PACKET;
        MediaPacket {
            payload_type: 0,
            marker: false,
            sequence: (index as u16).wrapping_sub(100),
            timestamp: (start as u32).wrapping_sub(50 * PACKET as u32),
            ssrc: 3,
            payload: &self.codes[start..start + PACKET],
        }
    }

    /// Plays it to a receiver, packet `n` arriving after `arrival_ms(n)` or never.
    fn play(&self, config: &JitterConfig, arrival_ms: impl Fn(usize) -> Option<f64>) -> Played {
        let mut receiver = Playout::new(config, G711::new(Law::Mu)).unwrap();
        let mut arrivals: Vec<(f64, usize)> =
            (0..self.packets()).filter_map(|index| Some((arrival_ms(index)?, index))).collect();
        arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut waiting = arrivals.into_iter().peekable();
        let (mut audio, mut delays) = (Vec::new(), Vec::new());
        while waiting.peek().is_some() || !receiver.is_drained() {
            let now_ms = (audio.len() / 8) as f64;
            while let Some((ms, index)) = waiting.next_if(|&(ms, _)| ms <= now_ms) {
                receiver.insert(&self.packet(index), Duration::from_secs_f64(ms / 1e3));
            }
            let mut tick = [0.0; TICK];
            receiver.play(&mut tick, Duration::from_secs_f64(now_ms / 1e3));
            audio.extend_from_slice(&tick);
            delays.extend(receiver.delay().map(|delay| delay.as_secs_f64() * 1e3));
        }
        Played { audio, delays, receiver }
    }
}

struct Played {
    audio: Vec<f32>,
    /// In milliseconds, one for each tick.
    delays: Vec<f64>,
    receiver: Playout<G711>,
}

impl Played {
    /// What was played from where the stream's first sample is, for a delay that never changed.
    fn aligned<'a>(&'a self, stream: &Stream) -> &'a [f32] {
        let start = (0..4_000).min_by(|&a, &b| {
            let distance = |start: usize| -> f32 {
                let heard = self.audio.iter().skip(start).zip(&stream.audio[..20_000]).skip(8_000);
                heard.map(|(a, b)| (a - b) * (a - b)).sum()
            };
            distance(a).total_cmp(&distance(b))
        });
        &self.audio[start.unwrap()..]
    }
}

fn on_time(index: usize) -> Option<f64> {
    Some(index as f64 * 20.0)
}

#[test]
fn without_loss_or_jitter_the_audio_is_what_was_sent() {
    let stream = Stream::speech(6.0);
    for config in [JitterConfig::default(), JitterConfig::fixed(Duration::from_millis(60))] {
        let played = stream.play(&config, on_time);
        let delay = config.spare + Duration::from_millis(12); // a tick, and a bin of the histogram
        let silence = if config.is_fixed() { 480 } else { delay.as_millis() as usize * 8 };
        let start = played.audio.len() - stream.audio.len();
        assert!(start <= silence && start + 2 * TICK > silence, "{start} samples of silence first");
        assert!(played.aligned(&stream)[..40_000] == stream.audio[..40_000], "{config:?}");
        let stats = played.receiver.stats();
        assert!(stats.concealed < TICK as u64, "{stats:?}");
        assert_eq!(stats.undecodable, 0);
    }
}

#[test]
fn order_and_duplicates_do_not_matter_within_the_delay() {
    let stream = Stream::speech(4.0);
    let config = JitterConfig::fixed(Duration::from_millis(80));
    let mut rng = Rng::new(1);
    let jitter: Vec<f64> = (0..stream.packets()).map(|_| rng.uniform(0.0..55.0)).collect();
    let shuffled = stream
        .play(&config, |index| Some(index as f64 * 20.0 + if index == 0 { 0.0 } else { jitter[index] }));
    let ordered = stream.play(&config, on_time);
    assert!(shuffled.audio[..16_000] == ordered.audio[..16_000]);
    assert!(shuffled.receiver.packets().reordered > 20);
    assert_eq!(shuffled.receiver.packets().lost, 0);
}

#[test]
fn a_lost_packet_of_a_tone_is_hardly_heard() {
    for frequency in [100.0, 150.0, 220.0, 310.0, 437.0] {
        let stream = Stream::of(&sine(8_000, frequency, 0.3, 24_000));
        let played = stream.play(&JitterConfig::fixed(Duration::from_millis(60)), |index| {
            (index % 10 != 5).then_some(index as f64 * 20.0)
        });
        let snr = snr_db(&stream.audio[8_000..20_000], &played.audio[8_480..20_480]);
        assert!(snr > 25.0, "{snr} dB at {frequency} Hz");
    }
}

#[test]
fn concealment_of_speech_has_its_level_and_dies_away_when_nothing_comes() {
    let stream = Stream::speech(8.0);
    let config = JitterConfig::fixed(Duration::from_millis(60));
    let whole = stream.play(&config, on_time);
    let lossy = stream.play(&config, |index| (index % 7 != 3).then_some(index as f64 * 20.0));
    assert_eq!(lossy.receiver.packets().lost as usize, (stream.packets() + 3) / 7);
    let (a, b) = (rms_dbfs(&whole.audio), rms_dbfs(&lossy.audio));
    assert!((a - b).abs() < 1.0, "{a} and {b} dBFS");

    let mut cut = stream.play(&config, |index| (index < 100).then_some(index as f64 * 20.0)).receiver;
    let mut tail = [0.0; 1_600];
    cut.play(&mut tail, Duration::from_secs(3));
    cut.play(&mut tail, Duration::from_secs(4));
    assert!(tail == [0.0; 1_600]);
}

#[test]
fn a_slow_and_a_fast_sender_are_followed() {
    let stream = Stream::speech(60.0);
    for ppm in [-200.0, 200.0] {
        let played = stream.play(&JitterConfig::default(), |index| {
            Some(index as f64 * 20.0 * (1.0 + ppm * 1e-6) + (index % 3) as f64)
        });
        let settled = &played.delays[100..played.delays.len() - 10];
        let (least, most) = settled.iter().fold((f64::MAX, 0.0f64), |(a, b), &d| (a.min(d), b.max(d)));
        assert!(least > 15.0 && most < 65.0, "{ppm} ppm: {least} to {most} ms");
        assert!(played.receiver.stats().concealed < 800, "{:?}", played.receiver.stats());
        assert_eq!(played.receiver.packets().late, 0);
    }
}

#[test]
fn a_stalled_network_loses_no_audio_and_the_delay_comes_back() {
    let stream = Stream::speech(12.0);
    // Packets 200 to 204 wait for each other, 100 ms in all.
    let played = stream.play(&JitterConfig::default(), |index| {
        let spike = if (200..206).contains(&index) { (206 - index) as f64 * 18.0 } else { 0.0 };
        Some(index as f64 * 20.0 + spike)
    });
    let (packets, stats) = (played.receiver.packets(), played.receiver.stats());
    assert_eq!((packets.late, packets.lost), (0, 0), "{packets:?}");
    assert!(stats.shortened > 200, "{stats:?}");
    let at = |seconds: usize| played.delays[seconds * 100];
    assert!(at(3) < 45.0 && at(9) < 55.0, "{} and {} ms", at(3), at(9));
    assert!(played.delays[400..450].iter().any(|&delay| delay > 90.0));
}

/// Packets of a talker who leaves pauses out: 2 s of speech, a description of noise, 1 s of nothing, speech again.
fn with_a_pause(stream: &Stream, pause: &[u8], payload_type: u8) -> Playout<G711> {
    let mut receiver = Playout::new(&JitterConfig::default(), G711::new(Law::Mu)).unwrap();
    receiver = receiver.with_telephone_events(101);
    let mut audio = Vec::new();
    for tick in 0..620u64 {
        let now = Duration::from_millis(10 * tick);
        let index = (tick / 2) as usize;
        // Nothing is numbered while nothing is sent, and time runs on.
        let packet = match index {
            _ if tick % 2 == 1 => None,
            0..100 => Some(stream.packet(index)),
            100..103 => {
                let timestamp = stream.packet(100).timestamp;
                Some(MediaPacket { payload_type, payload: pause, timestamp, ..stream.packet(index) })
            }
            150..300 => {
                Some(MediaPacket { sequence: stream.packet(index - 47).sequence, ..stream.packet(index) })
            }
            _ => None,
        };
        if let Some(packet) = packet {
            receiver.insert(&packet, now);
        }
        let mut out = [0.0; TICK];
        receiver.play(&mut out, now);
        audio.extend_from_slice(&out);
    }
    let (packets, stats) = (receiver.packets(), receiver.stats());
    assert_eq!((packets.lost, packets.late), (0, 0), "{packets:?}");
    assert!(stats.noise > 7_000 && stats.noise < 9_000, "{stats:?}");
    let pause = rms_dbfs(&audio[2 * 8_000 + 800..3 * 8_000]);
    if payload_type == 13 {
        assert!((pause + 45.0).abs() < 1.5, "{pause} dBFS");
    } else {
        assert!(pause < -90.0, "{pause} dBFS");
    }
    // The speech behind the pause is whole.
    let second = &stream.audio[150 * PACKET..250 * PACKET];
    let found = (24_000..25_000).any(|at| audio[at..at + second.len()] == *second);
    assert!(found);
    receiver
}

#[test]
fn a_pause_that_is_not_sent_is_comfort_noise_and_no_loss() {
    let stream = Stream::speech(6.0);
    let receiver = with_a_pause(&stream, &[45], 13);
    assert!(receiver.is_drained());
}

#[test]
fn a_key_is_a_pause_and_no_loss() {
    let stream = Stream::speech(6.0);
    with_a_pause(&stream, &[5, 0x0A, 0x03, 0x20], 101);
}
