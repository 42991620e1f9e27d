//! A SIP proxy, and what telephones say of themselves.

use std::sync::Arc;
use std::time::Duration;

use mc_engine::PayloadFormat;
use mc_relay::{MediaSessionController, NgConfig, NgService, RelayConfig};

use super::{Peer, localhost, relay_with};

/// A service and the number of its next request.
pub(crate) struct Proxy {
    pub(crate) service: NgService,
    pub(crate) relay: Arc<MediaSessionController>,
    pub(crate) cookie: u32,
    /// When requests arrive.
    pub(crate) now: Duration,
}

/// An answer, as text: enough to look into.
pub(crate) struct Answer(pub(crate) String);

impl Answer {
    /// The string under `key`.
    pub(crate) fn text(&self, key: &str) -> &str {
        let after = self
            .0
            .split(&format!("{}:{key}", key.len()))
            .nth(1)
            .unwrap_or_else(|| panic!("{key}: {}", self.0));
        let (length, rest) = after.split_once(':').unwrap();
        &rest[..length.parse().unwrap()]
    }

    pub(crate) fn port(&self) -> u16 {
        self.text("sdp").split("m=audio ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    }

    /// Where a peer sends to after it was told this.
    pub(crate) fn relay(&self) -> Option<std::net::SocketAddr> {
        Some((localhost(), self.port()).into())
    }
}

impl Proxy {
    pub(crate) fn with(relay: RelayConfig, config: NgConfig) -> Self {
        Self::on(relay_with(relay.with_workers(1)), config)
    }

    pub(crate) fn on(relay: MediaSessionController, config: NgConfig) -> Self {
        let relay = Arc::new(relay);
        Self {
            service: NgService::new(Arc::clone(&relay), config).unwrap(),
            relay,
            cookie: 0,
            now: Duration::ZERO,
        }
    }

    pub(crate) fn new() -> Self {
        Self::with(RelayConfig::default(), NgConfig::at(localhost()))
    }

    /// Sends a request of these pairs.
    pub(crate) fn ask(&mut self, pairs: &[(&str, &str)]) -> Answer {
        self.cookie += 1;
        let string = |text: &str| format!("{}:{text}", text.len());
        let list = |text: &str| format!("l{}e", text.split(',').map(string).collect::<String>());
        let pairs = pairs.iter().map(|(key, value)| match *key {
            "flags" => string(key) + &list(value),
            _ => string(key) + &string(value),
        });
        let datagram = format!("{} d{}e", self.cookie, pairs.collect::<String>());
        let answer = self.service.handle(datagram.as_bytes(), self.now).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        Answer(answer.strip_prefix(&format!("{} ", self.cookie)).unwrap().to_owned())
    }

    pub(crate) fn offer(&mut self, call: &str, sdp: &str, flags: &str) -> Answer {
        self.ask(&[
            ("command", "offer"),
            ("call-id", call),
            ("from-tag", "a"),
            ("sdp", sdp),
            ("flags", flags),
        ])
    }

    pub(crate) fn answer(&mut self, call: &str, sdp: &str) -> Answer {
        self.ask(&[
            ("command", "answer"),
            ("call-id", call),
            ("from-tag", "a"),
            ("to-tag", "b"),
            ("sdp", sdp),
        ])
    }

    /// A call between two peers.
    pub(crate) fn connect(&mut self, call: &str, a: &mut Peer, b: &mut Peer, flags: &str) {
        b.relay = self.offer(call, &sdp(a, ""), flags).relay();
        a.relay = self.answer(call, &sdp(b, "")).relay();
    }
}

/// What a telephone that speaks one form of G.711 and sends events says of itself.
pub(crate) fn sdp(peer: &Peer, attributes: &str) -> String {
    let (address, payload_type) = (peer.address(), peer.format.payload_type);
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {payload_type} 101\r\na=rtpmap:101 telephone-event/8000\r\n{attributes}",
        ip = address.ip(),
        port = address.port()
    )
}

pub(crate) fn phone(format: PayloadFormat) -> Peer {
    Peer::new(format)
}
