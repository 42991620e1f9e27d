//! A leg's audio over a WebSocket, as a consumer and the peers hear it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::time::Time;
use common::{FRAME, PATIENCE, eventually, relay, relay_with, simple_call, stop, talk};
use mc_engine::{G711, Law};
use mc_relay::{ForkServer, MediaSessionController, RelayConfig};
use mc_testkit::signal::{Talker, sine};
use serde_json::Value;
use tungstenite::client::{IntoClientRequest, client};
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Error, HandshakeError, Message, WebSocket};

struct Forked {
    relay: Arc<MediaSessionController>,
    server: ForkServer,
}

fn forked() -> Forked {
    forked_on(relay())
}

fn forked_on(relay: MediaSessionController) -> Forked {
    let relay = Arc::new(relay);
    let server = ForkServer::bind(([127, 0, 0, 1], 0).into(), Arc::clone(&relay)).unwrap();
    Forked { relay, server }
}

impl Forked {
    /// Asks for `path`; the status where it is refused.
    fn ask(&self, path: &str, origin: Option<&str>) -> Result<WebSocket<TcpStream>, u16> {
        let stream = TcpStream::connect(self.server.local_addr().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = format!("ws://relay{path}").into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().unwrap());
        }
        match client(request, stream) {
            Ok((socket, _)) => Ok(socket),
            Err(HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    fn consumer(&self, path: &str) -> Consumer {
        let mut consumer = Consumer(self.ask(path, None).unwrap());
        let start = consumer.event();
        assert_eq!(
            (&start["event"], &start["rate"], &start["encoding"]),
            (&"start".into(), &16_000.into(), &"s16le".into())
        );
        consumer
    }
}

struct Consumer(WebSocket<TcpStream>);

impl Consumer {
    /// The next event; audio before it is left out.
    fn event(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The next frame's samples; events before it are told to `note`.
    fn frame(&mut self, mut note: impl FnMut(Value)) -> Vec<i16> {
        loop {
            match self.0.read().unwrap() {
                Message::Binary(audio) => {
                    assert_eq!(audio.len(), 640);
                    return audio
                        .chunks_exact(2)
                        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                        .collect();
                }
                Message::Text(text) => note(serde_json::from_str(&text).unwrap()),
                _ => {}
            }
        }
    }

    fn say(&mut self, samples: &[f32]) {
        let audio: Vec<u8> =
            samples.iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()).collect();
        self.0.send(Message::binary(audio)).unwrap();
    }

    fn command(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }
}

fn rms(samples: impl IntoIterator<Item = f32>) -> f32 {
    let (sum, count) =
        samples.into_iter().fold((0.0, 0.0), |(sum, count), sample| (sum + sample * sample, count + 1.0));
    f32::sqrt(sum / count)
}

#[test]
fn a_consumer_hears_its_leg_at_16_khz_and_is_told_of_speech() {
    let forked = forked();
    let [mut a, mut b] = simple_call(&forked.relay, "call id@host/0");
    let mut consumer = forked.consumer("/calls/call%20id@host/A");
    let speech = Talker::new(5, 8_000).say(1.5, -26.0).samples;
    let mut events = Vec::new();
    for frame in speech.chunks_exact(FRAME) {
        a.send_audio(frame);
        b.hear();
        // What B says is not for this consumer.
        talk(&mut b, &a);
        // Frames come as time passes, one for each packet.
        consumer.frame(|event| events.push(event));
    }
    assert_eq!(events[0]["event"], "speech_start");
    assert!(events[0]["at_ms"].as_u64().unwrap() < 2_000);
    let mut second = forked.consumer("/calls/call%20id@host%2F0/B");
    talk(&mut b, &a);
    second.frame(drop);
    let services = forked.relay.global_metrics().services;
    assert_eq!((services.forks, services.forks_active, services.fork_packets_lost), (2, 2, 0));
    stop(&forked.relay, "call id@host/0");
    while consumer.event()["event"] != "stop" {}
    let Message::Close(Some(close)) = consumer.0.read().unwrap() else { panic!("no reason") };
    assert_eq!(u16::from(close.code), 1_000);
    eventually("they have left", || forked.relay.global_metrics().services.forks_active == 0);
}

#[test]
fn what_a_consumer_says_is_heard_until_it_is_told_to_stop() {
    let forked = forked();
    let [a, mut b] = simple_call(&forked.relay, "bot/0");
    talk(&mut b, &a);
    let mut consumer = forked.consumer("/calls/bot/A");
    // Nobody else talks to A: packets come at their own pace.
    consumer.say(&sine(16_000, 1_000.0, 0.5, 8_000));
    consumer.command(r#"{"command":"mark","name":"half a second"}"#);
    let answer: Vec<f32> = (0..25).flat_map(|_| a.hear_audio()).collect();
    assert!((rms(answer[400..3_600].iter().copied()) - 0.3535).abs() < 0.02);
    let mark = consumer.event();
    assert_eq!((&mark["event"], &mark["name"]), (&"mark".into(), &"half a second".into()));
    assert_eq!(consumer.event()["event"], "played");
    // A long answer, and A barges in.
    consumer.say(&sine(16_000, 1_000.0, 0.5, 16_000 * 50));
    consumer.command(r#"{"command":"mark","name":"never"}"#);
    a.hear();
    consumer.command(r#"{"command":"flush"}"#);
    let flushed = consumer.event();
    assert_eq!(flushed["event"], "flushed");
    assert_eq!(flushed["marks"], serde_json::json!(["never"]));
    assert!((45_000..50_000).contains(&flushed["unsaid_ms"].as_u64().unwrap()), "{flushed}");
    // What was on its way comes still; then the other side is heard again.
    eventually("B is heard", || talk(&mut b, &a).payload == [0x55; FRAME]);
    for wrong in ["dance", r#"{"command":"dance"}"#, r#"{"command":"mark"}"#] {
        consumer.command(wrong);
        assert_eq!(consumer.event()["event"], "error", "{wrong}");
    }
    let minute = sine(16_000, 1_000.0, 0.5, 16_000 * 40);
    consumer.say(&minute);
    consumer.say(&minute);
    let event = consumer.event();
    assert_eq!(event["event"], "overflow");
    assert!(event["lost_ms"].as_u64().unwrap() > 19_000);
    assert!(forked.relay.global_metrics().services.fork_samples_refused > 150_000);
}

#[test]
fn what_comes_in_uneven_pieces_is_said_as_one() {
    let forked = forked();
    let [a, mut b] = simple_call(&forked.relay, "tts/0");
    talk(&mut b, &a);
    let mut consumer = forked.consumer("/calls/tts/A");
    let tone = sine(16_000, 1_000.0, 0.5, 16_000);
    // In pieces of 7 to 97 ms, all together before the first of them is over.
    let mut rest = &tone[..];
    for piece in (0..).map(|n| 16 * (7 + 30 * (n % 4))) {
        let (said, left) = rest.split_at(piece.min(rest.len()));
        consumer.say(said);
        rest = left;
        if rest.is_empty() {
            break;
        }
    }
    let heard: Vec<f32> = (0..50).flat_map(|_| a.hear_audio()).collect();
    // No sample of silence within.
    let loudest = |part: &[f32]| part.iter().fold(0.0f32, |most, sample| most.max(sample.abs()));
    for (index, part) in heard[80..7_900].chunks_exact(20).enumerate() {
        assert!(loudest(part) > 0.4, "at {} samples: {}", 80 + 20 * index, loudest(part));
    }
    while consumer.event()["event"] != "played" {}
}

#[test]
fn packets_that_come_together_all_carry_what_the_consumer_says() {
    let forked = forked();
    let [a, mut b] = simple_call(&forked.relay, "burst/0");
    talk(&mut b, &a);
    let mut consumer = forked.consumer("/calls/burst/A");
    consumer.say(&sine(16_000, 1_000.0, 0.5, 32_000));
    a.hear();
    // What a network does that holds packets back for 240 ms.
    (0..12).for_each(|_| b.send(&[0x55; FRAME]));
    let heard: Vec<Vec<u8>> = (0..12).map(|_| a.hear().payload).collect();
    assert!(heard.iter().all(|payload| payload[..] != [0x55; FRAME]), "B is not heard in between");
}

#[test]
fn a_consumer_that_stops_reading_loses_audio_and_the_call_nothing() {
    let forked = forked();
    let [mut a, b] = simple_call(&forked.relay, "deaf/0");
    let consumer = forked.consumer("/calls/deaf/A");
    let begin = Instant::now();
    while forked.relay.global_metrics().services.fork_packets_lost == 0 {
        assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
        assert!(begin.elapsed() < PATIENCE, "never full");
    }
    drop(consumer);
    eventually("it is noticed", || forked.relay.global_metrics().services.forks_active == 0);
    talk(&mut a, &b);
    let totals = stop(&forked.relay, "deaf/0");
    assert_eq!(totals.metrics.legs[0].dropped_total(), 0);
}

#[test]
fn a_consumer_that_takes_nothing_for_ten_seconds_is_given_up_and_not_before() {
    let time = Time::starting_at(Duration::from_secs(100));
    let config = RelayConfig::default().with_workers(1).with_clock(time.clock());
    let forked = forked_on(relay_with(config));
    let [mut a, b] = simple_call(&forked.relay, "deaf/0");
    let _consumer = forked.consumer("/calls/deaf/A");
    let mut talked = Duration::ZERO;
    eventually("it is given up", || {
        assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
        let step = Duration::from_millis(20);
        time.pass(&forked.relay, step);
        talked += step;
        forked.relay.global_metrics().services.forks_active == 0
    });
    // What the system holds for it comes before that.
    assert!((10..60).contains(&talked.as_secs()), "{talked:?}");
    assert!(forked.relay.global_metrics().services.fork_packets_lost > 0);
    talk(&mut a, &b);
}

#[test]
fn a_message_that_does_not_end_ends_its_connection() {
    let forked = forked();
    let [_a, _b] = simple_call(&forked.relay, "long/0");
    let mut consumer = forked.consumer("/calls/long/A");
    // More than a minute of audio, in pieces that are shorter.
    for (piece, code) in [Data::Binary, Data::Continue, Data::Continue].into_iter().enumerate() {
        let frame = Frame::message(vec![0; 700_000], OpCode::Data(code), piece == 2);
        // What has been refused already is closed.
        let _ = consumer.0.send(Message::Frame(frame));
    }
    eventually("it has left", || forked.relay.global_metrics().services.forks_active == 0);
    assert_eq!(forked.relay.global_metrics().services.fork_samples_refused, 0);
}

#[test]
fn another_consumer_takes_the_place_and_strangers_get_none() {
    let forked = forked();
    let [mut a, b] = simple_call(&forked.relay, "one/0");
    let mut first = forked.consumer("/calls/one/A");
    let mut second = forked.consumer("/calls/one/A");
    assert_eq!(first.event()["event"], "stop");
    eventually("the first has left", || forked.relay.global_metrics().services.forks_active == 1);
    let level = G711::new(Law::Mu).decode_code(0x55);
    eventually("the second hears", || {
        talk(&mut a, &b);
        second.frame(drop).iter().any(|sample| sample.abs_diff(level) < level.unsigned_abs() / 2)
    });
    for (path, origin, status) in [
        ("/calls/two/A", None, 404),
        ("/calls/one/C", None, 404),
        ("/", None, 404),
        ("/calls/one/A", Some("https://page.example"), 403),
    ] {
        assert_eq!(forked.ask(path, origin).err(), Some(status), "{path}");
    }
    // The server ends, and with it its consumers.
    drop(forked.server);
    while second.event()["event"] != "stop" {}
}
