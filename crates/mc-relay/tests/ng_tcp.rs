//! The NG service over TCP: requests in a stream, and clients that are slow or up to no good.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use common::time::Time;
use common::{PATIENCE, localhost, relay, relay_with};
use mc_relay::{MediaSessionController, NgConfig, NgServer, NgService, RelayConfig};

/// A server on a thread of its own, until it is dropped.
struct Running {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start() -> Self {
        Self::on(relay())
    }

    fn on(relay: MediaSessionController) -> Self {
        let service = NgService::new(Arc::new(relay), NgConfig::at(localhost())).unwrap();
        let mut server = NgServer::bind((localhost(), 0).into(), service).unwrap();
        server.listen((localhost(), 0).into()).unwrap();
        let address = server.listener_addr().unwrap().unwrap();
        let stop = Arc::<AtomicBool>::default();
        let seen = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                server.serve(Duration::from_millis(20)).unwrap();
            }
        });
        Self { address, stop, thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().unwrap().join();
    }
}

fn ping(cookie: u32) -> String {
    format!("{cookie} d7:command4:pinge")
}

fn hear(stream: &mut TcpStream, expected: &str) {
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
}

fn pong(cookie: u32) -> String {
    format!("{cookie} d6:result4:ponge")
}

/// Whether the server has closed the connection.
fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 16]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn requests_follow_one_another_in_pieces_of_any_length() {
    let server = Running::start();
    let mut stream = server.connect();
    let requests: String = (0..50).map(ping).collect();
    let answers: String = (0..50).map(pong).collect();
    stream.write_all(requests.as_bytes()).unwrap();
    hear(&mut stream, &answers);
    for byte in ping(77).as_bytes() {
        stream.write_all(&[*byte]).unwrap();
        stream.flush().unwrap();
    }
    hear(&mut stream, &pong(77));
    // A request that makes no sense is answered, and the next one is served.
    stream.write_all(b"78 d7:command5:dancee").unwrap();
    let mut refused = [0; 200];
    let length = stream.read(&mut refused).unwrap();
    assert!(refused[..length].starts_with(b"78 d12:error-reason"));
    stream.write_all(ping(79).as_bytes()).unwrap();
    hear(&mut stream, &pong(79));
}

#[test]
fn what_is_no_request_ends_its_connection_and_no_other() {
    let server = Running::start();
    let mut good = server.connect();
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], b" ", &[b'x'; 400], b"c llllllllllllllllllllllllll"] {
        let mut bad = server.connect();
        bad.write_all(garbage).unwrap();
        assert!(is_closed(&mut bad), "{garbage:?}");
    }
    // One that never ends.
    let mut endless = server.connect();
    endless.write_all(b"c 999999:").unwrap();
    while endless.write_all(&[b'y'; 8_192]).is_ok() {}
    good.write_all(ping(1).as_bytes()).unwrap();
    hear(&mut good, &pong(1));
}

#[test]
fn there_is_always_room_for_one_more() {
    let server = Running::start();
    let mut all: Vec<TcpStream> = Vec::new();
    for number in 0..70 {
        let mut stream = server.connect();
        stream.write_all(ping(number).as_bytes()).unwrap();
        hear(&mut stream, &pong(number));
        all.push(stream);
    }
    assert!(is_closed(&mut all[0]) && is_closed(&mut all[5]));
    all[69].write_all(ping(100).as_bytes()).unwrap();
    hear(&mut all[69], &pong(100));
}

#[test]
fn a_request_that_is_too_long_ends_its_connection() {
    // Time stands still: it is not for being slow that it ends.
    let time = Time::starting_at(Duration::from_secs(100));
    let server = Running::on(relay_with(RelayConfig::default().with_clock(time.clock())));
    let mut long = server.connect();
    // One value after the other, none of which is too long.
    long.write_all(b"1 d").unwrap();
    let pair = format!("4:more1000:{}", "x".repeat(1_000));
    let refused = (0..20_000).find(|_| long.write_all(pair.as_bytes()).is_err());
    assert!(refused.is_some(), "20 MB of one request");
    let mut other = server.connect();
    other.write_all(ping(1).as_bytes()).unwrap();
    hear(&mut other, &pong(1));
}

#[test]
fn a_request_that_never_ends_ends_its_connection_and_one_that_is_awaited_does_not() {
    let time = Time::starting_at(Duration::from_secs(100));
    let server = Running::on(relay_with(RelayConfig::default().with_clock(time.clock())));
    let [mut slow, mut idle] = [(); 2].map(|()| server.connect());
    for stream in [&mut slow, &mut idle] {
        stream.write_all(ping(1).as_bytes()).unwrap();
        hear(stream, &pong(1));
    }
    slow.write_all(&ping(2).as_bytes()[..9]).unwrap();
    // The answer tells that the server has seen the beginning, and that there was time to go on.
    idle.write_all(ping(3).as_bytes()).unwrap();
    hear(&mut idle, &pong(3));
    time.set(Duration::from_secs(104));
    slow.write_all(&ping(2).as_bytes()[9..]).unwrap();
    hear(&mut slow, &pong(2));

    slow.write_all(&ping(4).as_bytes()[..9]).unwrap();
    idle.write_all(ping(5).as_bytes()).unwrap();
    hear(&mut idle, &pong(5));
    time.set(Duration::from_secs(110));
    assert!(is_closed(&mut slow));
    idle.write_all(ping(6).as_bytes()).unwrap();
    hear(&mut idle, &pong(6));
}

#[test]
fn who_does_not_take_answers_loses_the_connection() {
    let server = Running::start();
    let mut deaf = server.connect();
    deaf.set_write_timeout(Some(PATIENCE)).unwrap();
    // Many answers for few bytes, until nothing more fits on the way back.
    let requests: Vec<u8> = (0..1_000).flat_map(|number| ping(number).into_bytes()).collect();
    while deaf.write_all(&requests).is_ok() {}
    let mut other = server.connect();
    other.write_all(ping(1).as_bytes()).unwrap();
    hear(&mut other, &pong(1));
}
