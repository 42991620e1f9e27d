//! Calls that outlive their relay, written down in a Redis: one that is played here, and a real one where there is one.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]
#![allow(clippy::print_stdout, reason = "whoever reads the test's output is told what was left out")]

mod common;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::proxy::{Proxy, phone, sdp};
use common::{FRAME, eventually, localhost, talk};
use mc_engine::PayloadFormat;
use mc_relay::{Checkpoint, NgConfig, RelayConfig};

type Hash = Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>;

/// Enough of Redis for one hash. While it is `away` it answers nothing and takes nobody.
struct Played {
    address: SocketAddr,
    hash: Hash,
    away: Arc<AtomicBool>,
}

impl Played {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let played =
            Self { address: listener.local_addr().unwrap(), hash: Hash::default(), away: Arc::default() };
        let (hash, away) = (Arc::clone(&played.hash), Arc::clone(&played.away));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (hash, away) = (Arc::clone(&hash), Arc::clone(&away));
                std::thread::spawn(move || serve(stream, &hash, &away));
            }
        });
        played
    }

    fn has(&self, call: &str) -> bool {
        self.hash.lock().unwrap().contains_key(call.as_bytes())
    }

    fn len(&self) -> usize {
        self.hash.lock().unwrap().len()
    }
}

fn serve(stream: TcpStream, hash: &Hash, away: &AtomicBool) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    let number = |reader: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        line.get(1..)?.trim().parse::<usize>().ok()
    };
    loop {
        let count = number(&mut reader)?;
        let mut words = Vec::new();
        for _ in 0..count {
            let mut word = vec![0; number(&mut reader)? + 2];
            reader.read_exact(&mut word).ok()?;
            word.truncate(word.len() - 2);
            words.push(word);
        }
        if away.load(Ordering::Relaxed) {
            return None;
        }
        let mut hash = hash.lock().unwrap();
        let answer = match words[0].as_slice() {
            b"HSET" => {
                for pair in words[2..].chunks_exact(2) {
                    hash.insert(pair[0].clone(), pair[1].clone());
                }
                b":1\r\n".to_vec()
            }
            b"HDEL" => {
                hash.remove(&words[2]);
                b":1\r\n".to_vec()
            }
            b"DEL" => {
                hash.clear();
                b":1\r\n".to_vec()
            }
            _ => {
                let mut answer = format!("*{}\r\n", 2 * hash.len()).into_bytes();
                for word in hash.iter().flat_map(|(key, value)| [key, value]) {
                    answer.extend(format!("${}\r\n", word.len()).bytes());
                    answer.extend(word);
                    answer.extend(b"\r\n");
                }
                answer
            }
        };
        writer.write_all(&answer).ok()?;
    }
}

/// A proxy whose relay writes calls down at `redis`.
fn proxy(redis: SocketAddr, ports: std::ops::RangeInclusive<u16>) -> Proxy {
    let mut proxy = Proxy::with(RelayConfig::default().with_ports(ports), NgConfig::at(localhost()));
    let checkpoint = Checkpoint::new(Arc::clone(&proxy.relay), redis, "mc-relay:test").unwrap();
    proxy.service = proxy.service.with_checkpoint(checkpoint, Duration::ZERO);
    proxy
}

/// A call goes on at the relay that takes over, and the next one does not know it any more once it has ended.
fn takes_over(redis: SocketAddr, ports: std::ops::RangeInclusive<u16>, written: impl Fn() -> usize) {
    let mut first = proxy(redis, ports.clone());
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    first.connect("goes on", &mut a, &mut b, "");
    talk(&mut a, &b);
    first.ask(&[("command", "block media"), ("call-id", "goes on"), ("from-tag", "b")]);
    let offered = phone(PayloadFormat::PCMU);
    let offer = first.offer("is offered", &sdp(&offered, ""), "").relay();
    let over = [phone(PayloadFormat::PCMU), phone(PayloadFormat::PCMU)];
    first.offer("is over", &sdp(&over[0], ""), "");
    first.ask(&[("command", "delete"), ("call-id", "is over")]);
    eventually("written down", || written() == 2 && first.relay.global_metrics().services.checkpoints >= 6);
    drop(first);

    let mut second = proxy(redis, ports.clone());
    assert_eq!(second.relay.global_metrics().services.restored, 2);
    assert_eq!(second.service.calls(), 2);
    let other = phone(PayloadFormat::PCMU);
    assert_eq!(second.offer("is new", &sdp(&other, ""), "").text("result"), "ok", "it has ports of its own");
    // Neither telephone notices.
    talk(&mut a, &b);
    assert_ne!(talk(&mut b, &a).payload, [0x55; FRAME], "what was blocked stays so");
    let mut late = phone(PayloadFormat::PCMU);
    let mut offered = offered;
    late.relay = offer;
    offered.relay = second.answer("is offered", &sdp(&late, "")).relay();
    talk(&mut offered, &late);
    talk(&mut late, &offered);
    for call in ["goes on", "is offered", "is new"] {
        assert_eq!(second.ask(&[("command", "delete"), ("call-id", call)]).text("result"), "ok");
    }
    eventually("forgotten", || written() == 0);
    drop(second);
    assert_eq!(proxy(redis, ports).service.calls(), 0);
}

#[test]
fn another_relay_carries_calls_on() {
    let redis = Played::start();
    takes_over(redis.address, 15_400..=15_439, || redis.len());
}

#[test]
fn a_call_whose_ports_are_taken_is_forgotten_and_the_others_are_not() {
    let redis = Played::start();
    let mut first = proxy(redis.address, 15_440..=15_455);
    let phones: Vec<_> = (0..2).map(|_| phone(PayloadFormat::PCMU)).collect();
    let ports: Vec<u16> = ["1", "2"]
        .iter()
        .zip(&phones)
        .map(|(call, peer)| first.offer(call, &sdp(peer, ""), "").port())
        .collect();
    eventually("written down", || redis.len() == 2);
    drop(first);
    let _other_program = std::net::UdpSocket::bind((localhost(), ports[0])).unwrap();
    let second = proxy(redis.address, 15_440..=15_455);
    assert_eq!((second.service.calls(), second.relay.global_metrics().port_pairs_taken), (1, 2));
    eventually("forgotten", || redis.len() == 1);
}

#[test]
fn of_a_call_that_cannot_be_carried_on_nothing_is_left() {
    let redis = Played::start();
    let mut first = proxy(redis.address, 15_500..=15_515);
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    first.connect("call", &mut a, &mut b, "");
    // A second line, whose ports will not be had.
    let one = sdp(&a, "");
    let offered = first.offer("call", &(one.clone() + &one[one.find("m=").unwrap()..]), "");
    let second_line = offered.text("sdp").rsplit_once("m=audio ").unwrap().1;
    let port: u16 = second_line.split(' ').next().unwrap().parse().unwrap();
    eventually("written down", || first.relay.global_metrics().services.checkpoints == 3);
    drop(first);
    let _other_program = std::net::UdpSocket::bind((localhost(), port)).unwrap();
    let second = proxy(redis.address, 15_500..=15_515);
    assert_eq!((second.service.calls(), second.relay.global_metrics().port_pairs_taken), (0, 0));
    eventually("forgotten", || redis.len() == 0);
}

#[test]
fn without_redis_calls_go_on_and_are_written_when_it_is_back() {
    let redis = Played::start();
    let mut proxy = proxy(redis.address, 15_460..=15_475);
    let [mut a, mut b] = [PayloadFormat::PCMU; 2].map(phone);
    let over = phone(PayloadFormat::PCMU);
    proxy.offer("is over", &sdp(&over, ""), "");
    eventually("written down", || redis.len() == 1);
    redis.away.store(true, Ordering::Relaxed);
    proxy.connect("call", &mut a, &mut b, "");
    eventually("it is missed", || proxy.relay.global_metrics().services.redis_connected == 0);
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
    proxy.ask(&[("command", "delete"), ("call-id", "is over")]);
    assert!(redis.has("is over") && !redis.has("call"));
    let written = proxy.relay.global_metrics().services.checkpoints;
    redis.away.store(false, Ordering::Relaxed);
    eventually("it is back", || {
        proxy.relay.global_metrics().services.redis_connected == 1 && redis.has("call")
    });
    assert!(!redis.has("is over"), "what has ended meanwhile is forgotten");
    assert_eq!(proxy.relay.global_metrics().services.checkpoints, written + 1);
    proxy.ask(&[("command", "delete"), ("call-id", "call")]);
    eventually("forgotten", || redis.len() == 0);
}

#[test]
fn a_relay_starts_without_redis() {
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // It takes connections and says nothing.
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    for redis in [nowhere, deaf.local_addr().unwrap()] {
        let mut proxy = proxy(redis, 15_480..=15_495);
        assert_eq!(proxy.ask(&[("command", "ping")]).text("result"), "pong");
        assert_eq!(proxy.relay.global_metrics().services.redis_connected, 0);
    }
}

#[test]
fn what_cannot_be_read_is_no_call() {
    let redis = Played::start();
    redis.hash.lock().unwrap().insert(b"call".to_vec(), b"d5:local".to_vec());
    let proxy = proxy(redis.address, 15_480..=15_495);
    assert_eq!((proxy.service.calls(), proxy.relay.global_metrics().services.restored), (0, 0));
}

/// Ended when the test is.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

#[test]
fn the_real_redis_does_what_the_played_one_does() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let started = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn();
    let Ok(server) = started else {
        println!("skipped: there is no redis-server on this machine");
        return;
    };
    let _server = Server(server);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    eventually("Redis listens", || TcpStream::connect(address).is_ok());
    let written = || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"*2\r\n$4\r\nHLEN\r\n$13\r\nmc-relay:test\r\n").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_start_matches(':').trim().parse().unwrap()
    };
    takes_over(address, 15_500..=15_539, written);
}
