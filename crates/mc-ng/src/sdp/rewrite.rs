//! Putting the relay in between: its addresses in the place of a side's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sdp_types::{Connection, Media, Session};

use super::arrange::{arrange, is_direction};
use super::format::set_formats;
use super::stream::ptime_ms;
use super::{Direction, Format, is_relayed};
use crate::{MediaOptions, NgError, Replace};

/// Attributes of what is not relayed: ICE (RFC 8839), DTLS and SDES keys (RFC 8842, RFC 4568), and
/// bundling, which would let a side send one stream's media to another's port (RFC 9143).
const ENDS_HERE: &[&str] = &[
    "candidate",
    "remote-candidates",
    "end-of-candidates",
    "ice-ufrag",
    "ice-pwd",
    "ice-options",
    "ice-lite",
    "ice-mismatch",
    "ice-pacing",
    "fingerprint",
    "setup",
    "tls-id",
    "crypto",
    "bundle-only",
];

/// Ports of the relay for one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayPorts {
    /// For RTP.
    pub rtp: u16,
    /// For RTCP.
    pub rtcp: u16,
    /// Whether RTCP may, or will, share the port of RTP (RFC 5761).
    pub shared: bool,
}

/// What one stream becomes on its way to the other side.
#[derive(Clone, Copy, Debug)]
pub struct StreamChange<'a> {
    /// Ports of the relay.
    pub ports: RelayPorts,
    /// The transport, such as `RTP/AVP`.
    pub protocol: &'a str,
    /// The formats in the place of its own; `None` keeps them.
    pub formats: Option<&'a [Format]>,
    /// Milliseconds of audio a packet that it asks for, if it does.
    pub ptime_ms: Option<u32>,
    /// Which way media flows, where the address says so and not an attribute: see
    /// [`is_zero_address`](super::MediaStream::is_zero_address).
    pub hold: Option<Direction>,
    /// The values of its `crypto` attributes: the keys that it is going to be sent under (RFC 4568).
    pub crypto: &'a [String],
}

/// How a session description is to be changed before the other side gets it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rewrite {
    /// The relay's address, as the other side is to see it.
    pub address: IpAddr,
    /// Which parts are changed, beside where media goes.
    pub replace: Replace,
    /// Whether the port of RTCP is stated (RFC 3605).
    pub rtcp_attribute: bool,
    /// Whether header extensions are left in (RFC 8285).
    pub extensions: bool,
}

impl Rewrite {
    /// Puts `address` in, and keeps the rest.
    #[must_use]
    pub const fn to(address: IpAddr) -> Self {
        Self { address, replace: Replace::NONE, rtcp_attribute: true, extensions: true }
    }

    /// Puts `address` in, and changes what else `options` ask for.
    #[must_use]
    pub fn as_asked(address: IpAddr, options: &MediaOptions) -> Self {
        Self {
            address,
            replace: options.replace,
            rtcp_attribute: !options.no_rtcp_attribute,
            extensions: !options.strip_extensions,
        }
    }

    /// Changes what concerns the session as a whole, once its streams are [changed](Self::stream) or
    /// [turned off](turn_off): every address is the relay's then, where the session had one and where streams had
    /// their own.
    pub fn session(&self, session: &mut Session) {
        session
            .attributes
            .retain(|attribute| attribute.attribute != "group" && self.passes(&attribute.attribute));
        let is_needed = session.medias.iter().any(|media| media.connections.is_empty());
        match &session.connection {
            Some(connection) if self.keeps_zeros(connection) => session.set_connection(self.zeros()),
            None if !is_needed => {}
            _ => session.set_connection(self.connection()),
        }
        for media in session.medias.iter_mut().filter(|media| media.port == 0) {
            media.attributes.retain(|attribute| attribute.attribute == "mid");
            media.connections.iter_mut().for_each(|connection| *connection = self.connection());
        }
        if self.replace.origin {
            session.origin.set_unicast_ip_address(self.address);
        }
        arrange(session);
    }

    /// Changes one stream.
    ///
    /// # Errors
    /// [`NgError::Transport`] for one that is not relayed.
    pub fn stream(&self, media: &mut Media, change: &StreamChange<'_>) -> Result<(), NgError> {
        let StreamChange { ports, protocol, formats, .. } = *change;
        if !is_relayed(protocol) {
            return Err(NgError::Transport(protocol.to_owned()));
        }
        media.attributes.retain(|attribute| {
            !matches!(attribute.attribute.as_str(), "rtcp" | "rtcp-mux")
                && self.passes(&attribute.attribute)
                && !(change.hold.is_some() && is_direction(attribute))
        });
        if let Some(connection) = media.connections.first() {
            let own = if self.keeps_zeros(connection) { self.zeros() } else { self.connection() };
            media.connections = vec![own];
        }
        media.proto = protocol.to_owned();
        media.port = ports.rtp;
        media.num_ports = None;
        if ports.shared {
            media.add_attribute_from_str("rtcp-mux");
        }
        if self.rtcp_attribute {
            media.add_attribute_with_value("rtcp", ports.rtcp);
        }
        if let Some(direction) = change.hold {
            media.add_attribute_from_str(direction.name());
        }
        if ptime_ms(media) != change.ptime_ms {
            media.attributes.retain(|attribute| attribute.attribute != "ptime");
            if let Some(ptime_ms) = change.ptime_ms {
                media.add_attribute_with_value("ptime", ptime_ms);
            }
        }
        for keys in change.crypto {
            media.add_attribute_with_value("crypto", keys);
        }
        if let Some(formats) = formats {
            set_formats(media, formats);
        }
        Ok(())
    }

    fn connection(&self) -> Connection {
        Connection::from_ip_addr(self.address)
    }

    /// All zeros, in the relay's family.
    fn zeros(&self) -> Connection {
        Connection::from_ip_addr(match self.address {
            IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
        })
    }

    fn keeps_zeros(&self, connection: &Connection) -> bool {
        !self.replace.zero_address
            && connection.try_address().is_ok_and(|address| address.ip.is_unspecified())
    }

    /// Whether an attribute is left to the other side.
    fn passes(&self, name: &str) -> bool {
        !ENDS_HERE.contains(&name) && (self.extensions || !matches!(name, "extmap" | "extmap-allow-mixed"))
    }
}

/// Turns a stream off (RFC 3264 §6).
pub const fn turn_off(media: &mut Media) {
    media.port = 0;
}
