//! Where a leg's media may come from, and where it goes.

use std::net::SocketAddr;

/// The far side of one leg.
///
/// Signalling announces an address. Behind a NAT the port in it is often wrong, so media is sent to
/// where it comes from instead (symmetric RTP, RFC 4961; latching, RFC 7362 §4). Latching to anyone
/// would hand the call to the first who guesses the port, so only the announced IP address is
/// trusted, and only the first source that sent a valid packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    announced: Option<SocketAddr>,
    latched: Option<SocketAddr>,
}

impl Peer {
    pub(crate) fn new(announced: Option<SocketAddr>) -> Self {
        Self { announced, latched: None }
    }

    /// Whether a packet from `source` may be looked at.
    pub(crate) fn accepts(&self, source: SocketAddr) -> bool {
        match (self.latched, self.announced) {
            (Some(latched), _) => same_endpoint(latched, source),
            (None, Some(announced)) => announced.ip() == source.ip(),
            (None, None) => false,
        }
    }

    /// Takes note that an accepted `source` sent a valid packet. True when it is the first, and not
    /// where the peer was announced.
    pub(crate) fn confirm(&mut self, source: SocketAddr) -> bool {
        if self.latched.is_some() {
            return false;
        }
        self.latched = Some(source);
        self.announced.is_none_or(|announced| !same_endpoint(announced, source))
    }

    /// Where to send, once anything is known.
    pub(crate) fn destination(&self) -> Option<SocketAddr> {
        self.latched.or(self.announced)
    }
}

/// Flow label and scope of an IPv6 address are not part of who sent a packet.
fn same_endpoint(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() && one.port() == other.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_is_trusted_before_an_address_is_announced() {
        let peer = Peer::new(None);
        assert!(!peer.accepts(address("192.0.2.1:4000")));
        assert_eq!(peer.destination(), None);
    }

    #[test]
    fn the_announced_ip_is_trusted_until_a_valid_packet_settles_the_port() {
        for (announced, behind_nat, stranger) in [
            ("192.0.2.1:4000", "192.0.2.1:61000", "192.0.2.2:4000"),
            ("[2001:db8::1]:4000", "[2001:db8::1]:61000", "[2001:db8::2]:4000"),
        ] {
            let (announced, behind_nat) = (address(announced), address(behind_nat));
            let mut peer = Peer::new(Some(announced));
            assert!(peer.accepts(announced) && peer.accepts(behind_nat));
            assert!(!peer.accepts(address(stranger)));
            assert_eq!(peer.destination(), Some(announced));

            assert!(peer.confirm(behind_nat));
            assert_eq!(peer.destination(), Some(behind_nat));
            assert!(peer.accepts(behind_nat) && !peer.accepts(announced));
            assert!(!peer.confirm(behind_nat), "only the first one is news");
        }
    }

    #[test]
    fn a_peer_that_is_where_it_was_announced_is_no_news_and_settles_too() {
        let announced = address("192.0.2.1:4000");
        let mut peer = Peer::new(Some(announced));
        assert!(!peer.confirm(announced));
        assert!(!peer.accepts(address("192.0.2.1:4002")));
    }
}
