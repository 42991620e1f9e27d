//! What operators see, over real connections.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use common::time::Time;
use common::{PATIENCE, Peer, localhost, relay_with, simple_call, talk};
use mc_engine::PayloadFormat;
use mc_relay::{HttpServer, LegId, MediaConfig, MediaSessionController, NgConfig, NgService, RelayConfig};
use mc_rtp_pipeline::PayloadTypes;
use serde_json::Value;

/// A relay that is watched.
struct House {
    relay: Arc<MediaSessionController>,
    service: NgService,
    server: HttpServer,
}

impl House {
    fn new(max_calls: usize) -> Self {
        Self::on(RelayConfig::default().with_workers(2), max_calls)
    }

    fn on(config: RelayConfig, max_calls: usize) -> Self {
        Self::of(Arc::new(relay_with(config)), max_calls)
    }

    fn of(relay: Arc<MediaSessionController>, max_calls: usize) -> Self {
        let config = NgConfig::at(localhost()).with_max_calls(max_calls);
        let service = NgService::new(Arc::clone(&relay), config).unwrap();
        let server =
            HttpServer::bind((localhost(), 0).into(), Arc::clone(&relay), service.metrics()).unwrap();
        Self { relay, service, server }
    }

    fn connect(&self) -> TcpStream {
        let connection = TcpStream::connect(self.server.local_addr().unwrap()).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        connection
    }

    /// Sends `request` as it is and returns the whole answer.
    fn send(&self, request: &[u8]) -> String {
        let mut connection = self.connect();
        connection.write_all(request).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The status and the body of what `GET` answers.
    fn get(&self, path: &str) -> (u16, String) {
        let answer = self.send(format!("GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n").as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
        (status(head), body.to_owned())
    }

    fn status_json(&self) -> Value {
        serde_json::from_str(&self.get("/status.json").1).unwrap()
    }
}

fn status(answer: &str) -> u16 {
    answer.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap()
}

/// The value of a sample, by its name and labels.
fn sample(text: &str, name: &str) -> Option<f64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .map(|value| value.parse().unwrap())
}

#[test]
fn metrics_say_what_was_carried() {
    let house = House::new(7);
    let [mut a, b] = simple_call(&house.relay, "1");
    for _ in 0..5 {
        talk(&mut a, &b);
    }
    a.send_raw(b"noise");
    common::eventually("the noise counts", || {
        let text = house.get("/metrics").1;
        sample(&text, "mc_relay_packets_dropped_total{leg=\"A\",reason=\"too_short\"}") == Some(1.0)
    });
    let text = house.get("/metrics").1;
    for (name, value) in [
        ("mc_relay_calls", 0.0),
        ("mc_relay_calls_limit", 7.0),
        ("mc_relay_draining", 0.0),
        ("mc_relay_streams", 1.0),
        ("mc_relay_streams_ended_total{reason=\"stopped\"}", 0.0),
        ("mc_relay_port_pairs_taken", 2.0),
        ("mc_relay_packets_received_total{leg=\"A\"}", 6.0),
        ("mc_relay_packets_sent_total{leg=\"B\"}", 5.0),
        ("mc_relay_packets_sent_total{leg=\"A\"}", 0.0),
        ("mc_relay_latency_seconds_count", 5.0),
        ("mc_relay_latency_seconds_bucket{le=\"+Inf\"}", 5.0),
    ] {
        assert_eq!(sample(&text, name), Some(value), "{name} in\n{text}");
    }
    house.relay.stop_media(&"1".into()).unwrap();
    let text = house.get("/metrics").1;
    assert_eq!(sample(&text, "mc_relay_streams"), Some(0.0));
    assert_eq!(sample(&text, "mc_relay_streams_ended_total{reason=\"stopped\"}"), Some(1.0));
    assert_eq!(sample(&text, "mc_relay_packets_received_total{leg=\"A\"}"), Some(6.0));
}

/// Every sample stands under a family with a type, each family once, counters end in `_total`.
#[test]
fn metrics_are_well_formed() {
    let house = House::new(usize::MAX);
    let text = house.get("/metrics").1;
    let mut families = BTreeSet::new();
    let mut family = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(families.insert(name.to_owned()), "{name} comes twice");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            family = name.to_owned();
        } else if !line.starts_with("# HELP ") {
            assert!(line.starts_with(&family), "{line} under {family}");
            assert!(line.rsplit_once(' ').unwrap().1.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(families.len() > 15, "{families:?}");
}

/// An offer, but for its cookie.
fn offer() -> String {
    let sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
    format!("d7:call-id1:x7:command5:offer8:from-tag1:a3:sdp{}:{sdp}e", sdp.len())
}

#[test]
fn readiness_follows_the_service_and_health_does_not() {
    let mut house = House::new(1);
    assert_eq!(house.get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(house.get("/readyz"), (200, "ready\n".to_owned()));
    let request = format!("1 {}", offer());
    house.service.handle(request.as_bytes(), Duration::ZERO).unwrap();
    assert_eq!(house.get("/readyz"), (503, "all sessions are taken\n".to_owned()));
    house.service.handle(b"2 d7:call-id1:x7:command6:deletee", Duration::ZERO).unwrap();
    assert_eq!(house.get("/readyz").0, 200);
    house.service.drain();
    assert_eq!(house.get("/readyz"), (503, "the relay is shutting down\n".to_owned()));
    assert_eq!(house.get("/healthz").0, 200);
    assert_eq!(house.status_json()["refusal"], "the relay is shutting down");
}

#[test]
fn a_relay_without_ports_is_not_ready() {
    let house = House::on(RelayConfig::default().with_workers(1).with_ports(15_600..=15_603), 9);
    assert_eq!(house.get("/readyz").0, 200);
    let reserved = house.relay.reserve([None, None]).unwrap();
    assert_eq!(house.get("/readyz"), (503, "no ports left\n".to_owned()));
    drop(reserved);
    assert_eq!(house.get("/readyz").0, 200);
}

#[test]
fn the_page_and_its_figures_show_each_leg() {
    let house = House::new(usize::MAX);
    let (code, page) = house.get("/");
    assert_eq!(code, 200);
    assert!(page.starts_with("<!DOCTYPE html>"));
    for outside in ["http://", "https://"] {
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(outside), "a page of its own");
    }
    let name = "\"<script>";
    let [mut a, b] = simple_call(&house.relay, name);
    talk(&mut a, &b);
    let status = house.status_json();
    assert_eq!(status["max_calls"], Value::Null);
    assert_eq!(status["streams"], 1);
    assert_eq!(status["shown"][0]["dialog"], name);
    assert_eq!(status["shown"][0]["legs"][0]["received"], 1);
    assert_eq!(status["shown"][0]["legs"][1]["muted"], false);
    assert_eq!(status["shown"][0]["legs"][0]["mos_history"], serde_json::json!(vec![Value::Null; 16]));
    assert_eq!(status["workers"].as_array().unwrap().len(), 2);
    assert_eq!(status["services"]["recordings"], 0);
}

#[test]
fn refusals_are_told_by_their_reason_and_the_worst_streams_first() {
    let mut house = House::on(RelayConfig::default().with_review_interval(Duration::from_millis(100)), 0);
    for (cookie, request) in [(1, "7:command7:unknown"), (2, "7:call-id1:x7:command10:play media"), (3, "x")]
    {
        house.service.handle(format!("{cookie} d{request}e").as_bytes(), Duration::ZERO).unwrap();
    }
    house.service.drain();
    let offer = format!("4 {}", offer());
    house.service.handle(offer.as_bytes(), Duration::ZERO).unwrap();
    let requests = &house.status_json()["requests"];
    assert_eq!(requests["refused"], 4, "{requests}");
    let reasons = requests["reasons"].as_object().unwrap();
    assert_eq!(reasons["unknown call"], 1, "{requests}");
    assert_eq!(reasons["the relay is shutting down"], 1, "{requests}");
    assert_eq!(reasons.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 4);
    let text = house.get("/metrics").1;
    assert_eq!(sample(&text, "mc_relay_ng_refused_total{reason=\"unknown call\"}"), Some(1.0));
    // The second stream loses every other packet, the first none.
    let [mut a, b] = simple_call(&house.relay, "1 good");
    let [mut c, d] = simple_call(&house.relay, "2 bad");
    common::eventually("both are rated, the worse one first", || {
        talk(&mut a, &b);
        talk(&mut c, &d);
        c.packet(&[0x55; 160]);
        let shown = house.status_json()["shown"].clone();
        let mos = |stream: usize| shown[stream]["legs"][0]["mos"].as_f64();
        assert!(shown.as_array().unwrap().len() == 2);
        mos(0).zip(mos(1)).is_some_and(|(worse, better)| worse < better) && shown[0]["dialog"] == "2 bad"
    });
}

#[test]
fn other_paths_and_methods_are_refused() {
    let house = House::new(1);
    assert_eq!(house.get("/admin").0, 404);
    assert_eq!(house.get("/metrics/../etc/passwd").0, 404);
    assert_eq!(house.get("/healthz?verbose=1").0, 200);
    let post = house.send(b"POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
    assert_eq!(status(&post), 405);
    assert!(post.contains("Allow: GET, HEAD\r\n"));
    let head = house.send(b"HEAD / HTTP/1.1\r\n\r\n");
    assert_eq!(status(&head), 200);
    assert!(head.ends_with("\r\n\r\n"));
}

#[test]
fn what_is_no_request_is_told_so() {
    let house = House::new(1);
    assert_eq!(status(&house.send(b"\x16\x03\x01 TLS?\r\n\r\n")), 400);
    assert_eq!(status(&house.send(b"GET /\r\n\r\n")), 400);
    let long = format!("GET / HTTP/1.1\r\nCookie: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(status(&house.send(long.as_bytes())), 431);
    // Half a request and then nothing: there is no answer, and others are served.
    let half = house.connect();
    (&half).write_all(b"GET / HT").unwrap();
    half.shutdown(Shutdown::Write).unwrap();
    assert_eq!((&half).read(&mut [0; 9]).unwrap(), 0);
    assert_eq!(house.get("/healthz").0, 200);
}

/// More clients that say nothing than there are threads delay an answer; they do not prevent it.
#[test]
fn clients_that_are_silent_are_sent_away() {
    let house = House::new(1);
    let silent: Vec<TcpStream> = (0..6).map(|_| house.connect()).collect();
    assert_eq!(house.get("/healthz").0, 200);
    let mut answer = String::new();
    (&silent[0]).read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 408);
}

#[test]
fn an_address_in_use_is_refused_and_a_server_that_is_gone_frees_it() {
    let house = House::new(1);
    let address: SocketAddr = house.server.local_addr().unwrap();
    let bind = || HttpServer::bind(address, Arc::clone(&house.relay), house.service.metrics());
    assert!(bind().is_err());
    drop(house.server);
    assert!(TcpStream::connect(address).is_err());
}

/// What a worker does with its next packet.
static MOOD: AtomicU8 = AtomicU8::new(WELL);
const WELL: u8 = 0;
const STUCK: u8 = 1;
const FAILING: u8 = 2;

/// Lets the worker go on when the test is over, however that ends.
struct WellAtLast;

impl Drop for WellAtLast {
    fn drop(&mut self) {
        MOOD.store(WELL, Ordering::SeqCst);
    }
}

/// Read around each packet, by the worker.
fn moody_probe() -> u64 {
    while MOOD.load(Ordering::SeqCst) == STUCK {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(MOOD.swap(WELL, Ordering::SeqCst) != FAILING, "this panic is part of the test");
    0
}

#[test]
fn a_worker_that_is_stuck_is_ill_and_a_call_that_fails_is_counted() {
    let house = House::on(RelayConfig::default().with_workers(1).with_allocation_probe(moody_probe), 9);
    let _well_at_last = WellAtLast;
    let [mut a, b] = simple_call(&house.relay, "moods");
    talk(&mut a, &b);
    MOOD.store(STUCK, Ordering::SeqCst);
    a.send(&[0x55; 160]);
    assert_eq!(house.get("/healthz"), (503, "a worker does not answer\n".to_owned()));
    MOOD.store(WELL, Ordering::SeqCst);
    b.hear();
    assert_eq!(house.get("/healthz").0, 200);
    MOOD.store(FAILING, Ordering::SeqCst);
    a.send(&[0x55; 160]);
    common::eventually("the call has failed", || house.relay.dialogs().is_empty());
    let text = house.get("/metrics").1;
    for (reason, count) in [("stopped", 0.0), ("timed_out", 0.0), ("failed", 1.0)] {
        let name = format!("mc_relay_streams_ended_total{{reason=\"{reason}\"}}");
        assert_eq!(sample(&text, &name), Some(count));
    }
    assert_eq!(house.status_json()["ended"]["failed"], 1);
}

#[test]
fn a_relay_whose_workers_are_busy_is_not_ready() {
    let config = RelayConfig::default().with_workers(1).with_local_ip(localhost()).with_max_load(Some(0.01));
    let relay = Arc::new(MediaSessionController::new(config).unwrap());
    let house = House::of(relay, usize::MAX);
    assert_eq!(house.get("/readyz").0, 200);
    let mut promised = Vec::new();
    while let Ok(reservation) = house.relay.reserve([None, None]) {
        promised.push(reservation);
    }
    assert_eq!(house.get("/readyz"), (503, "the workers are busy\n".to_owned()));
}

#[test]
fn what_is_made_lost_and_pressed_is_told_leg_by_leg() {
    let time = Time::starting_at(Duration::from_secs(100));
    let house = House::on(RelayConfig::default().with_workers(1).with_clock(time.clock()), 9);
    let [mut a, mut b] = [(); 2].map(|()| Peer::new(PayloadFormat::PCMU));
    let leg = |peer: &Peer| peer.leg().with_rtcp_mux(true).with_telephone_event(101);
    let media = MediaConfig::new(leg(&a).with_passed(PayloadTypes::ALL), leg(&b));
    let info = house.relay.start_media("reports", media.with_reports(true)).unwrap();
    (a.relay, b.relay) = (Some(info.local_address(LegId::A)), Some(info.local_address(LegId::B)));
    talk(&mut a, &b);
    talk(&mut b, &a);
    a.packet(&[0x55; 160]);
    a.format.payload_type = 101;
    // The key 5, released.
    a.send(&[5, 0x8A, 0, 160]);
    b.hear();
    for _ in 0..3 {
        time.pass(&house.relay, Duration::from_secs(5));
    }
    let text = house.get("/metrics").1;
    for leg in ["A", "B"] {
        assert_eq!(sample(&text, &format!("mc_relay_rtcp_made_total{{leg=\"{leg}\"}}")), Some(3.0));
        assert_eq!(sample(&text, &format!("mc_relay_rtcp_sent_total{{leg=\"{leg}\"}}")), Some(0.0));
    }
    for (name, a, b) in [("rtp_expected", 3.0, 1.0), ("rtp_arrived", 2.0, 1.0), ("keys", 1.0, 0.0)] {
        let of = |leg| sample(&text, &format!("mc_relay_{name}_total{{leg=\"{leg}\"}}"));
        assert_eq!((of("A"), of("B")), (Some(a), Some(b)), "{name}");
    }
}

#[test]
fn a_hundred_streams_are_shown_and_all_are_counted() {
    let house = House::new(usize::MAX);
    let peer = Peer::new(PayloadFormat::PCMU);
    for number in 0..105 {
        house.relay.start_media(format!("{number}"), MediaConfig::new(peer.leg(), peer.leg())).unwrap();
    }
    let status = house.status_json();
    assert_eq!((status["streams"].as_u64(), status["shown"].as_array().unwrap().len()), (Some(105), 100));
}

#[test]
fn what_a_client_still_sends_after_its_answer_is_read() {
    let house = House::new(9);
    let mut connection = house.connect();
    connection.write_all(b"POST /healthz HTTP/1.1\r\nHost: relay\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 405);
    // Somebody who is gone answers the first with a reset, and the second is refused.
    for _ in 0..2 {
        connection.write_all(&[b'x'; 1_000]).unwrap();
    }
}
