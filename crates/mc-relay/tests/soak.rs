//! Half an hour of 500 calls that come and go, in simulated time: what calls take they give back.
//!
//! One test in this program, because it counts what the whole process holds. Each side sends a packet every five seconds;
//! with `MC_SOAK_PACKETS=250` in the environment, as many as telephones do: 90 million.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use common::proxy::{Proxy, sdp};
use common::time::Time;
use common::{FRAME, Peer, eventually, localhost};
use mc_engine::PayloadFormat;
use mc_relay::{Clip, LegId, NgConfig, Recorder, RelayConfig};
use mc_testkit::alloc::{CountingAllocator, live_bytes};
use mc_testkit::rng::Rng;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const CALLS: usize = 500;
const STEP: Duration = Duration::from_secs(1);
/// Steps from packet to packet of a call.
const PACE: usize = 5;
/// Calls that send before what was sent is fetched: what a socket's queue surely holds.
const BATCH: usize = 25;
/// Each of so many calls is played something to, and one of these is recorded.
const GUESTS: usize = 50;
const RECORDED: usize = 20 * GUESTS;
/// Each of so many calls ends without being deleted; each of so many is offered and answered again.
const FORGOTTEN: usize = 20;
const UPDATED: usize = 7;

struct Call {
    number: usize,
    /// Where its sides send to.
    relay: [SocketAddr; 2],
    packets: u16,
    /// Steps that it has lived, and will.
    age: usize,
    life: usize,
}

impl Call {
    fn name(&self) -> String {
        format!("call-{}", self.number)
    }

    fn is_guest(&self) -> bool {
        self.number.is_multiple_of(GUESTS)
    }

    /// The next packet of both sides; told from others by the call's number.
    fn packet(&mut self, payload_type: u8) -> Vec<u8> {
        let mut packet = vec![0x80, payload_type];
        packet.extend(self.packets.to_be_bytes());
        packet.extend((u32::from(self.packets) * FRAME as u32).to_be_bytes());
        packet.extend((self.number as u32).to_be_bytes());
        packet.resize(12 + FRAME, 0x55);
        self.packets = self.packets.wrapping_add(1);
        packet
    }
}

/// The telephones of all calls, who share two sockets, and those of guests two others.
struct Telephones {
    regular: [Peer; 2],
    guests: [Peer; 2],
}

struct Soak {
    proxy: Proxy,
    recorder: Recorder,
    time: Time,
    telephones: Telephones,
    calls: Vec<Call>,
    begun: usize,
    rng: Rng,
    /// Packets of a call at a time.
    packets: usize,
    clip: Clip,
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

impl Soak {
    fn new(folder: &std::path::Path) -> Self {
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
        let time = Time::starting_at(Duration::from_secs(1_000));
        let proxy = Proxy::with(RelayConfig::default().with_clock(time.clock()), NgConfig::at(localhost()));
        let recorder = Recorder::new(std::sync::Arc::clone(&proxy.relay), folder).unwrap();
        let [regular, guests] = [PayloadFormat::PCMU, PayloadFormat::PCMA]
            .map(|of_b| [Peer::new(PayloadFormat::PCMU), Peer::new(of_b)]);
        let telephones = Telephones { regular, guests };
        telephones.guests.iter().for_each(|guest| guest.socket.set_nonblocking(true).unwrap());
        let packets = std::env::var("MC_SOAK_PACKETS").map_or(1, |packets| packets.parse().unwrap());
        let clip = Clip::new(vec![1_000; 40 * FRAME]);
        Self {
            proxy,
            recorder,
            time,
            telephones,
            calls: Vec::new(),
            begun: 0,
            rng: Rng::new(7),
            packets,
            clip,
        }
    }

    /// Signals a call; returns where its sides send to after that.
    fn signal(&mut self, name: &str, is_guest: bool) -> [SocketAddr; 2] {
        let Telephones { regular, guests } = &self.telephones;
        let [a, b] = if is_guest { guests } else { regular };
        let flags = if is_guest { "codec-transcode-PCMA" } else { "" };
        let to_b = self.proxy.offer(name, &sdp(a, ""), flags).relay().unwrap();
        let to_a = self.proxy.answer(name, &sdp(b, "")).relay().unwrap();
        [to_a, to_b]
    }

    fn begin_call(&mut self) {
        let (number, life) = (self.begun, self.rng.index(100..500));
        self.begun += 1;
        let mut call = Call { number, relay: [([127, 0, 0, 1], 0).into(); 2], packets: 0, age: 0, life };
        call.relay = self.signal(&call.name(), call.is_guest());
        let dialog = format!("{}/0", call.name()).into();
        if call.is_guest() {
            self.proxy.relay.play_media(&dialog, LegId::A, &self.clip, 2).unwrap();
        }
        if number.is_multiple_of(RECORDED) {
            self.recorder.start(&dialog, None).unwrap();
        }
        self.calls.push(call);
    }

    fn end_call(&mut self, index: usize) {
        let call = self.calls.swap_remove(index);
        if !call.number.is_multiple_of(FORGOTTEN) {
            let name = call.name();
            let answer = self.proxy.ask(&[("command", "delete"), ("call-id", &name), ("from-tag", "a")]);
            assert_eq!(answer.text("result"), "ok");
        }
    }

    /// A second of all calls.
    fn step(&mut self) {
        for index in (0..self.calls.len()).rev() {
            let call = &mut self.calls[index];
            call.age += 1;
            let (name, is_guest) = (call.name(), call.is_guest());
            if call.age == call.life {
                self.end_call(index);
            } else if call.age == call.life / 2 && call.number.is_multiple_of(UPDATED) {
                let relay = self.signal(&name, is_guest);
                assert_eq!(self.calls[index].relay, relay, "ports stay");
            }
        }
        while self.calls.len() < CALLS {
            self.begin_call();
        }
        let due: Vec<usize> = (0..CALLS)
            .filter(|&index| self.calls[index].number % PACE == self.calls[index].age % PACE)
            .collect();
        for batch in due.chunks(BATCH) {
            for _ in 0..self.packets {
                self.talk(batch);
            }
        }
        self.time.pass(&self.proxy.relay, STEP);
        self.proxy.now += STEP;
    }

    /// A packet each way in these calls.
    fn talk(&mut self, calls: &[usize]) {
        let Telephones { regular, guests } = &self.telephones;
        let mut expected = HashSet::new();
        for &index in calls {
            let call = &mut self.calls[index];
            let from = if call.is_guest() { guests } else { regular };
            for leg in LegId::ALL {
                let packet = call.packet(from[leg.index()].format.payload_type);
                from[leg.index()].socket.send_to(&packet, call.relay[leg.index()]).unwrap();
            }
            if !call.is_guest() {
                expected.insert(call.number as u32);
            }
        }
        for telephone in regular {
            let heard: HashSet<u32> = (0..expected.len()).map(|_| telephone.hear().ssrc).collect();
            assert_eq!(heard, expected);
        }
        for guest in guests {
            while guest.socket.recv(&mut [0; 1_500]).is_ok() {}
        }
    }

    fn run(&mut self, minutes: usize) {
        for _ in 0..minutes {
            (0..60).for_each(|_| self.step());
            let metrics = self.proxy.relay.global_metrics();
            assert!(metrics.active_calls >= CALLS);
            assert_eq!(metrics.port_pairs_taken, 2 * metrics.active_calls);
        }
    }

    /// Ends all calls, and returns what is held then: bytes and descriptors.
    fn hold_when_idle(&mut self) -> (i64, usize) {
        while !self.calls.is_empty() {
            self.end_call(0);
        }
        for _ in 0..61 {
            self.time.pass(&self.proxy.relay, STEP);
            self.proxy.now += STEP;
        }
        // The service hears with its next request which calls have ended.
        assert_eq!(self.proxy.ask(&[("command", "ping")]).text("result"), "pong");
        let relay = &self.proxy.relay;
        eventually("recordings are written", || relay.global_metrics().services.recordings_active == 0);
        (live_bytes(), descriptors())
    }
}

#[test]
fn half_an_hour_of_500_calls_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut soak = Soak::new(folder.path());
    soak.run(5);
    let (bytes, descriptors) = soak.hold_when_idle();
    soak.run(25);
    let (bytes_after, descriptors_after) = soak.hold_when_idle();
    let metrics = soak.proxy.relay.global_metrics();
    let ended = (metrics.stopped_calls + metrics.timed_out_calls, metrics.timed_out_calls);
    assert_eq!(ended, (soak.begun as u64, soak.begun.div_ceil(FORGOTTEN) as u64));
    assert!(soak.begun > 5 * CALLS && metrics.services.plays > 50 && metrics.services.recordings > 2);
    assert_eq!(metrics.calls.legs.iter().map(mc_relay::LegMetrics::dropped_total).sum::<u64>(), 0);
    assert_eq!(descriptors_after, descriptors);
    // 2,500 calls later.
    let grown = bytes_after - bytes;
    assert!(grown < 20_000, "{grown} bytes more than {bytes}");
}
