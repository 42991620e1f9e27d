//! Where a leg's media may come from, and where it goes.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The far side of one leg.
///
/// Signalling announces an address. Behind a NAT the port in it is often wrong, so media is sent to
/// where it comes from instead (symmetric RTP, RFC 4961; latching, RFC 7362 §4). Latching to anyone
/// would hand the call to the first who guesses the port, so only the announced IP address, and that of the
/// peer's signalling, are trusted, and the first source there that sent a valid packet settles the port: at once if it is the one that
/// was announced. Another one has to wait whether the announced port speaks up: whoever else shares the peer's
/// address cannot take the call from it by being first. When the announced port has been silent for that long, it is
/// enough to keep sending for a fifth of it: a peer that begins to speak late loses no more, and packets of an
/// earlier call that went astray are no peer.
///
/// A peer that is announced as asymmetric sends from where it likes on these hosts, and is sent to where it was
/// announced.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    announced: Option<SocketAddr>,
    /// Where its signalling comes from, if that is another host.
    signalled_from: Option<IpAddr>,
    /// How long another port than the announced one has to wait, and when the announced one has had its time.
    wait_ns: u64,
    open_from_ns: u64,
    waiting: Option<Candidate>,
    settled: Option<SocketAddr>,
    asymmetric: bool,
}

/// Into the wait, how long another port has to keep sending at least.
const PERSISTENCE: u64 = 5;

/// Another port of the announced host, while it waits.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    source: SocketAddr,
    since_ns: u64,
    heard_ns: u64,
}

impl Peer {
    /// A peer that was announced at `now_ns`.
    pub(crate) fn new(
        announced: Option<SocketAddr>,
        signalled_from: Option<IpAddr>,
        wait: Duration,
        now_ns: u64,
    ) -> Self {
        let wait_ns = wait.as_nanos() as u64;
        let open_from_ns = now_ns + wait_ns;
        Self {
            announced,
            signalled_from,
            wait_ns,
            open_from_ns,
            waiting: None,
            settled: None,
            asymmetric: false,
        }
    }

    /// Media to it goes to where it was announced whatever its own comes from.
    pub(crate) const fn with_asymmetric(mut self, asymmetric: bool) -> Self {
        self.asymmetric = asymmetric;
        self
    }

    /// Whether a packet that came from `source` at `now_ns` may be looked at.
    pub(crate) fn accepts(&mut self, source: SocketAddr, now_ns: u64) -> bool {
        match (self.settled, self.announced) {
            (Some(settled), _) => same_endpoint(settled, source),
            (None, Some(announced)) if same_endpoint(announced, source) => true,
            (None, Some(announced)) => {
                let hosts = [Some(announced.ip()), self.signalled_from];
                hosts.contains(&Some(source.ip())) && self.has_waited(source, now_ns)
            }
            (None, None) => false,
        }
    }

    /// One candidate waits at a time; when it falls silent for as long as it had to wait, it makes room.
    fn has_waited(&mut self, source: SocketAddr, now_ns: u64) -> bool {
        let since = |then_ns| now_ns.saturating_sub(then_ns);
        let candidate = match &mut self.waiting {
            Some(waiting) if same_endpoint(waiting.source, source) => {
                waiting.heard_ns = now_ns;
                waiting
            }
            Some(waiting) if since(waiting.heard_ns) < self.wait_ns => return false,
            slot => slot.insert(Candidate { source, since_ns: now_ns, heard_ns: now_ns }),
        };
        now_ns >= self.open_from_ns && since(candidate.since_ns) >= self.wait_ns / PERSISTENCE
    }

    /// Takes note that an accepted `source` sent a valid packet. True when it is the first, and media goes there
    /// from now on instead of to where the peer was announced.
    pub(crate) fn confirm(&mut self, source: SocketAddr) -> bool {
        if self.is_settled() {
            return false;
        }
        self.settled = Some(source);
        !self.asymmetric && self.announced.is_none_or(|announced| !same_endpoint(announced, source))
    }

    /// Whether a valid packet has come.
    pub(crate) const fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    /// Where to send, once anything is known.
    pub(crate) fn destination(&self) -> Option<SocketAddr> {
        let announced = self.announced.filter(|_| self.asymmetric);
        announced.or(self.settled).or(self.announced)
    }
}

/// Flow label and scope of an IPv6 address are not part of who sent a packet.
fn same_endpoint(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() && one.port() == other.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(1);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn ms(ms: u64) -> u64 {
        ms * 1_000_000
    }

    #[test]
    fn an_asymmetric_peer_is_sent_to_where_it_was_announced() {
        let (announced, source) = (address("192.0.2.1:4000"), address("192.0.2.1:61000"));
        let mut peer = Peer::new(Some(announced), None, Duration::ZERO, 0).with_asymmetric(true);
        assert!(peer.accepts(source, 0) && !peer.accepts(address("192.0.2.2:4000"), 0));
        assert!(!peer.confirm(source), "which is no latching");
        assert_eq!(peer.destination(), Some(announced));
        assert!(!peer.accepts(address("192.0.2.1:61002"), 0), "it has shown where it sends from");
    }

    #[test]
    fn nobody_is_trusted_before_an_address_is_announced() {
        let mut peer = Peer::new(None, None, Duration::ZERO, 0);
        assert!(!peer.accepts(address("192.0.2.1:4000"), 0));
        assert_eq!(peer.destination(), None);
    }

    #[test]
    fn without_a_wait_the_first_valid_packet_of_the_announced_ip_settles_the_port() {
        for (announced, behind_nat, stranger) in [
            ("192.0.2.1:4000", "192.0.2.1:61000", "192.0.2.2:4000"),
            ("[2001:db8::1]:4000", "[2001:db8::1]:61000", "[2001:db8::2]:4000"),
        ] {
            let (announced, behind_nat) = (address(announced), address(behind_nat));
            let mut peer = Peer::new(Some(announced), None, Duration::ZERO, 0);
            assert!(peer.accepts(announced, 0) && peer.accepts(behind_nat, 0));
            assert!(!peer.accepts(address(stranger), 0));
            assert_eq!(peer.destination(), Some(announced));

            assert!(peer.confirm(behind_nat));
            assert_eq!(peer.destination(), Some(behind_nat));
            assert!(peer.accepts(behind_nat, 0) && !peer.accepts(announced, 0));
            assert!(!peer.confirm(behind_nat), "only the first one is news");
        }
    }

    #[test]
    fn a_peer_that_is_where_it_was_announced_is_no_news_and_settles_too() {
        let announced = address("192.0.2.1:4000");
        let mut peer = Peer::new(Some(announced), None, WAIT, 0);
        assert!(peer.accepts(announced, 0));
        assert!(!peer.confirm(announced));
        assert!(!peer.accepts(address("192.0.2.1:4002"), ms(5_000)));
    }

    /// When a port that sends every 20 ms from `first_ms` on is accepted, of a peer that was announced at 500 ms.
    fn accepted_ms(first_ms: u64) -> u64 {
        let (announced, other) = (address("192.0.2.1:4000"), address("192.0.2.1:4002"));
        let mut peer = Peer::new(Some(announced), None, WAIT, ms(500));
        (first_ms..).step_by(20).find(|&at| peer.accepts(other, ms(at))).unwrap()
    }

    #[test]
    fn another_port_waits_until_the_announced_one_has_had_its_time() {
        // From the announcement on, and for a moment at least.
        for (first, accepted) in [(500, 1_500), (1_200, 1_500), (1_400, 1_600), (9_000, 9_200)] {
            assert_eq!(accepted_ms(first), accepted, "{first}");
        }
        let (announced, other) = (address("192.0.2.1:4000"), address("192.0.2.1:4002"));
        let mut peer = Peer::new(Some(announced), None, WAIT, ms(500));
        assert!(!peer.accepts(other, ms(600)) && !peer.accepts(other, ms(1_499)));
        let mut outlasted = peer.clone();
        assert!(peer.accepts(announced, ms(1_490)), "it speaks up in time");
        peer.confirm(announced);
        assert!(!peer.accepts(other, ms(1_500)));

        assert!(outlasted.accepts(other, ms(1_500)) && outlasted.confirm(other));
        assert!(!outlasted.accepts(announced, ms(1_500)));
        assert!(!outlasted.accepts(address("192.0.2.2:4002"), ms(9_000)), "another host");
    }

    #[test]
    fn one_candidate_waits_until_it_falls_silent() {
        let [one, other] = ["192.0.2.1:1", "192.0.2.1:2"].map(address);
        let mut peer = Peer::new(Some(address("192.0.2.1:4000")), None, WAIT, 0);
        assert!(!peer.accepts(one, 0) && !peer.accepts(one, ms(900)));
        assert!(!peer.accepts(other, ms(1_800)), "the first one is still there");
        assert!(!peer.accepts(other, ms(1_900)), "and now no longer");
        assert!(!peer.accepts(one, ms(2_000)));
        assert!(peer.accepts(other, ms(2_100)));
    }

    #[test]
    fn the_host_that_signals_waits_like_any_other_port() {
        let (announced, signalling) = (address("10.0.0.7:4000"), address("192.0.2.9:61000"));
        let mut peer = Peer::new(Some(announced), Some(signalling.ip()), WAIT, 0);
        assert!(!peer.accepts(signalling, 0) && !peer.accepts(address("192.0.2.8:4000"), 0));
        assert!(peer.clone().accepts(announced, ms(500)));
        assert!(peer.accepts(signalling, ms(1_000)) && peer.confirm(signalling));
        assert!(!peer.accepts(announced, ms(1_000)));

        let mut behind_nat = Peer::new(Some(announced), Some(signalling.ip()), Duration::ZERO, 0);
        assert!(behind_nat.accepts(signalling, 0));
    }
}
