//! Peers of a call over real loopback sockets. They wait for packets, never for time to pass.
#![allow(dead_code, reason = "each test program uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

pub(crate) mod network;
pub(crate) mod proxy;
pub(crate) mod secure;
pub(crate) mod time;
pub(crate) mod watched;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use mc_engine::{G711, PayloadFormat};
use mc_relay::{
    CallMetrics, CallTotals, LegConfig, LegId, MediaConfig, MediaSessionController, MediaSessionInfo,
    RelayConfig,
};
use mc_testkit::room::Room;

/// How long anything may take before a test gives up. Never reached when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Samples of a 20 ms packet.
pub(crate) const FRAME: usize = 160;

pub(crate) fn localhost() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

pub(crate) fn relay_with(config: RelayConfig) -> MediaSessionController {
    // How busy the machine is that runs the tests is no reason to refuse a call.
    let config = config.with_local_ip(localhost()).with_time_one_in(1).with_max_load(None);
    MediaSessionController::new(config).unwrap()
}

pub(crate) fn relay() -> MediaSessionController {
    relay_with(RelayConfig::default().with_workers(1))
}

/// An RTP packet as a peer sees it.
#[derive(Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: Vec<u8>,
}

/// A telephone: sends and receives RTP.
pub(crate) struct Peer {
    pub(crate) socket: UdpSocket,
    pub(crate) format: PayloadFormat,
    pub(crate) relay: Option<SocketAddr>,
    pub(crate) sequence: u16,
    timestamp: u32,
}

impl Peer {
    pub(crate) fn at(ip: IpAddr, format: PayloadFormat) -> Self {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, format, relay: None, sequence: 7, timestamp: 70_000 }
    }

    pub(crate) fn new(format: PayloadFormat) -> Self {
        Self::at(localhost(), format)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(crate) fn leg(&self) -> LegConfig {
        LegConfig::to(self.address()).with_format(self.format)
    }

    /// The next packet of this peer's stream.
    pub(crate) fn packet(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, self.format.payload_type];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        // As good a source as any, and another for each peer.
        packet.extend(u32::from(self.address().port()).to_be_bytes());
        packet.extend(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(payload.len() as u32);
        packet
    }

    pub(crate) fn send(&mut self, payload: &[u8]) {
        let packet = self.packet(payload);
        self.send_raw(&packet);
    }

    pub(crate) fn send_raw(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.relay.unwrap()).unwrap();
    }

    /// The next packet of this peer's stream, of what it says.
    pub(crate) fn audio_packet(&mut self, samples: &[f32]) -> Vec<u8> {
        let mut payload = vec![0; samples.len()];
        G711::new(self.format.law).encode_f32(samples, &mut payload).unwrap();
        self.packet(&payload)
    }

    pub(crate) fn send_audio(&mut self, samples: &[f32]) {
        let packet = self.audio_packet(samples);
        self.send_raw(&packet);
    }

    /// The next datagram.
    pub(crate) fn hear_raw(&self) -> Vec<u8> {
        let mut buffer = [0; 2_000];
        let (length, _) = self.socket.recv_from(&mut buffer).expect("a packet from the relay");
        buffer[..length].to_vec()
    }

    pub(crate) fn hear(&self) -> Heard {
        let buffer = self.hear_raw();
        let word = |at: usize| u32::from_be_bytes(buffer[at..at + 4].try_into().unwrap());
        assert_eq!(buffer[0], 0x80);
        Heard {
            payload_type: buffer[1] & 0x7F,
            sequence: word(0) as u16,
            timestamp: word(4),
            ssrc: word(8),
            payload: buffer[12..].to_vec(),
        }
    }

    pub(crate) fn hear_audio(&self) -> Vec<f32> {
        let payload = self.hear().payload;
        let mut samples = vec![0.0; payload.len()];
        G711::new(self.format.law).decode_f32(&payload, &mut samples).unwrap();
        samples
    }
}

/// Starts a call between two peers, whose legs may be changed first.
pub(crate) fn connect(
    relay: &MediaSessionController,
    name: &str,
    peers: [&mut Peer; 2],
    change: impl FnOnce(&mut [LegConfig; 2]),
) -> MediaSessionInfo {
    let mut media = MediaConfig::new(peers[0].leg(), peers[1].leg());
    change(&mut media.legs);
    let info = relay.start_media(name, media).unwrap();
    for (peer, leg) in peers.into_iter().zip(LegId::ALL) {
        peer.relay = Some(info.local_address(leg));
    }
    info
}

/// Two PCMU peers in a call named `name`.
pub(crate) fn simple_call(relay: &MediaSessionController, name: &str) -> [Peer; 2] {
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    connect(relay, name, [&mut a, &mut b], |_| ());
    [a, b]
}

/// One packet from one peer to the other.
pub(crate) fn talk(from: &mut Peer, to: &Peer) -> Heard {
    from.send(&[0x55; FRAME]);
    to.hear()
}

/// Ends a call and checks that every datagram is accounted for.
pub(crate) fn stop(relay: &MediaSessionController, name: &str) -> CallTotals {
    let totals = relay.stop_media(&name.into()).unwrap();
    assert_accounted_for(&totals.metrics);
    totals
}

/// What one leg received was sent to the other, or dropped for a reason.
pub(crate) fn assert_accounted_for(metrics: &CallMetrics) {
    for leg in LegId::ALL {
        let (received, sent) = (metrics.leg(leg), metrics.leg(leg.other()));
        assert_eq!(
            received.packets_received + received.control_received,
            sent.packets_sent + sent.control_sent + received.dropped_total(),
            "leg {leg}"
        );
    }
}

/// The newest frame of what the room makes of `played`.
pub(crate) fn last_of_echo(room: &Room, played: &[f32]) -> Vec<f32> {
    let response = room.impulse_response();
    let from = played.len() - FRAME;
    (from..played.len())
        .map(|n| response.iter().zip(played[..=n].iter().rev()).map(|(tap, sample)| tap * sample).sum())
        .collect()
}

/// Waits until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
