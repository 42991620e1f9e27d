//! `mc relay`: real sockets on both sides, and an end by signal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use common::{Folder, mc, refuse};
use mc_g711::{G711, Law};

/// A running relay; ended if the test fails.
struct Relay {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Relay {
    fn start(arguments: &str) -> Self {
        let mut child = mc().arg("relay").args(arguments.split(' ')).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The value of `key` in the next line.
    fn next(&mut self, key: &str) -> String {
        let line = self.lines.next().unwrap().unwrap();
        value(&line, key).to_owned()
    }

    fn next_address(&mut self) -> SocketAddr {
        self.next("local").parse().unwrap()
    }

    /// Ends it as an operator would, and returns what it says at the end.
    fn stop(mut self) -> Vec<String> {
        let signal = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(signal.success());
        let rest = self.lines.by_ref().map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

fn value<'a>(line: &'a str, key: &str) -> &'a str {
    let pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(found, _)| *found == key).unwrap_or_else(|| panic!("no {key} in {line:?}")).1
}

fn peer() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn packet(sequence: u8, payload_type: u8, payload: &[u8]) -> Vec<u8> {
    let header = [0x80, payload_type, 0, sequence, 0, 0, sequence, 0, 0, 0, 0, 7];
    [&header, payload].concat()
}

#[test]
fn packets_cross_in_both_laws_and_totals_add_up() {
    let ((a, a_address), (b, b_address)) = (peer(), peer());
    let mut relay = Relay::start(&format!(
        "--call {a_address},{b_address}/pcma --media-ip 127.0.0.1 --workers 1 --timeout 60"
    ));
    let (to_a, to_b) = (relay.next_address(), relay.next_address());

    let mu: Vec<u8> = (0..160).map(|code| code as u8).collect();
    let expected: Vec<u8> = mu
        .iter()
        .map(|code| G711::new(Law::A).encode_sample(G711::new(Law::Mu).decode_code(*code)))
        .collect();
    let mut datagram = [0; 2_048];
    for sequence in 1..=3 {
        a.send_to(&packet(sequence, 0, &mu), to_a).unwrap();
        let (length, source) = b.recv_from(&mut datagram).unwrap();
        assert_eq!(source, to_b);
        assert_eq!((datagram[1] & 0x7F, &datagram[12..length]), (8, expected.as_slice()));
    }
    b.send_to(&packet(1, 8, &expected), to_b).unwrap();
    assert_eq!(a.recv_from(&mut datagram).unwrap().0, 172);
    b.send_to(b"noise", to_b).unwrap();
    b.send_to(&packet(2, 8, &expected), to_b).unwrap();
    assert_eq!(a.recv_from(&mut datagram).unwrap().0, 172);

    let totals = relay.stop();
    assert_eq!(totals.len(), 3, "{totals:?}");
    assert_eq!(value(&totals[0], "ended"), "stopped");
    let counts = |line: &str| ["leg", "received", "sent", "dropped"].map(|key| value(line, key).to_owned());
    assert_eq!(counts(&totals[1]), ["A", "3", "2", "0"]);
    assert_eq!(counts(&totals[2]), ["B", "3", "3", "1"]);
}

#[test]
fn several_calls_have_lines_of_their_own() {
    let addresses: Vec<SocketAddr> = (0..4).map(|_| peer().1).collect();
    let [a, b, c, d] = addresses.as_slice() else { unreachable!() };
    let mut relay =
        Relay::start(&format!("--call {a},{b} --call {c}/pcma,{d} --media-ip 127.0.0.1 --process all"));
    for (call, leg) in [("1", "A"), ("1", "B"), ("2", "A"), ("2", "B")] {
        let line = relay.lines.next().unwrap().unwrap();
        assert_eq!((value(&line, "call"), value(&line, "leg")), (call, leg));
    }
    assert_eq!(relay.stop().len(), 6);
}

#[test]
fn a_relay_without_media_ends_by_itself() {
    let (a, b) = (peer().1, peer().1);
    let mut relay = Relay::start(&format!("--call {a},{b} --media-ip 127.0.0.1 --timeout 1"));
    let _started = (relay.next_address(), relay.next_address());
    assert_eq!(relay.next("ended"), "timed_out");
    assert!(relay.child.wait().unwrap().success());
}

#[test]
fn calls_that_cannot_be_are_refused() {
    let call = "127.0.0.1:4000,127.0.0.1:4002";
    refuse(["relay"], &["--call"]);
    refuse(["relay", "--ng", "127.0.0.1:0"], &["--media-ip"]);
    refuse(["relay", "--ng", "127.0.0.1:0", "--media-ip", "0.0.0.0"], &["media_ips", "0.0.0.0"]);
    refuse(
        ["relay", "--ng", "127.0.0.1:0", "--media-ip", "192.0.2.1,192.0.2.2"],
        &["media_ips", "192.0.2.2"],
    );
    refuse(["relay", "--call", call, "--media-ip", "127.0.0.1,::1"], &["--ng"]);
    refuse(["relay", "--ng", "192.0.2.1:22222", "--media-ip", "127.0.0.1"], &["192.0.2.1:22222"]);
    refuse(["relay", "--call", call, "--max-calls", "3"], &["--ng"]);
    for option in ["--http", "--ng-tcp", "--fork", "--redis"] {
        refuse(["relay", "--call", call, option, "127.0.0.1:0"], &[option, "--ng"]);
    }
    refuse(["relay", "--call", call, "--record-dir", "."], &["--record-dir", "--ng"]);
    refuse(["relay", "--call", "127.0.0.1:4000"], &["comma"]);
    refuse(["relay", "--call", "127.0.0.1:4000/opus,127.0.0.1:4002"], &["opus", "pcmu"]);
    refuse(["relay", "--call", "127.0.0.1:0,127.0.0.1:4002"], &["leg A", "127.0.0.1:0"]);
    refuse(["relay", "--call", "[::1]:4000,127.0.0.1:4002", "--media-ip", "127.0.0.1"], &["families"]);
    refuse(["relay", "--call", call, "--ports", "9"], &["--ports"]);
    refuse(["relay", "--call", call, "--ports", "9-8"], &["ports"]);
    refuse(["relay", "--call", call, "--workers", "0"], &["workers", "0"]);
    refuse(["relay", "--call", call, "--timeout", "0"], &["media_timeout"]);
    refuse(["relay", "--call", call, "--media-ip", "192.0.2.1"], &["192.0.2.1"]);
    refuse(["relay", "--call", call, "--process", "reverb"], &["reverb", "aec"]);
}

/// The relay as a proxy's rtpengine: asked over UDP, until it is told to stop.
#[test]
fn a_proxy_is_served_until_the_signal() {
    let mut relay = Relay::start("--ng 127.0.0.1:0 --media-ip 127.0.0.1");
    let address = relay.next("ng");
    let proxy = peer().0;
    proxy.send_to(b"7 d7:command4:pinge", address).unwrap();
    let mut answer = [0; 100];
    let length = proxy.recv(&mut answer).unwrap();
    assert_eq!(&answer[..length], b"7 d6:result4:ponge");
    assert_eq!(relay.stop(), ["ended calls_cut=0 streams=0 received=0 sent=0 dropped=0"]);
}

/// What Prometheus asks for while a proxy is served.
#[test]
fn operators_are_shown_what_goes_on() {
    let mut relay =
        Relay::start("--ng 127.0.0.1:0 --media-ip 127.0.0.1 --http 127.0.0.1:0 --fork 127.0.0.1:0");
    relay.next("ng");
    relay.next("fork");
    let mut operator = TcpStream::connect(relay.next("http")).unwrap();
    operator.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    operator.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\nmc_relay_calls 0\n"), "{answer}");
    assert_eq!(relay.stop(), ["ended calls_cut=0 streams=0 received=0 sent=0 dropped=0"]);
}

/// The example for operators is taken as it is, but for addresses that only its host has.
#[test]
fn the_example_of_a_configuration_works() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/relay/relay.toml");
    let mut relay = Relay::start(&format!(
        "--config {example} --ng 127.0.0.1:0 --ng-tcp 127.0.0.1:0 --media-ip 127.0.0.1 --http 127.0.0.1:0 --log warn"
    ));
    relay.next("ng");
    relay.next("ng-tcp");
    let mut operator = TcpStream::connect(relay.next("http")).unwrap();
    operator.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    operator.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\nmc_relay_calls_limit 1000\n"), "{answer}");
    relay.stop();
}

#[test]
fn what_is_wrong_in_a_configuration_is_found_by_file_line_and_field() {
    let folder = Folder::new();
    let path = folder.path("relay.toml");
    for (text, words) in [
        ("ng = \"127.0.0.1:0\"\nmax-cals = 3\n", ["relay.toml:2:", "max-cals"]),
        ("\n\nworkers = \"two\"\n", ["relay.toml:3: workers:", "string"]),
        ("# four\nworkers = 0\n", ["relay.toml:2: workers:", "1 to 256"]),
        ("timeout = 0\n", ["relay.toml:1: timeout:", "100 ms"]),
        ("ng = \"localhost\"\n", ["relay.toml:1: ng:", "address"]),
        ("ports = \"9\"\n", ["relay.toml:1: ports:", "FIRST-LAST"]),
        ("process = [\"reverb\"]\n", ["relay.toml:1: process:", "aec"]),
        ("log = \"loud\"\n", ["relay.toml:1: log:", "debug"]),
        ("drain = 1\ndrain\n", ["relay.toml:2:", "drain"]),
    ] {
        std::fs::write(&path, text).unwrap();
        refuse([OsStr::new("relay"), OsStr::new("--config"), path.as_os_str()], &words);
    }
    std::fs::write(&path, "drain = 1\n").unwrap();
    refuse([OsStr::new("relay"), OsStr::new("--config"), path.as_os_str()], &["--ng"]);
    refuse(["relay", "--config", "no-such-file.toml"], &["no-such-file.toml"]);
}
