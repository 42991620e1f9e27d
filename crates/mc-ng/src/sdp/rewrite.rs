//! Putting the relay in between: its addresses in the place of a side's own.

use std::net::IpAddr;

use sdp_types::{Connection, Media, Session};

use super::Format;
use super::arrange::arrange;
use super::format::set_formats;
use crate::NgError;

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

/// How a session description is to be changed before the other side gets it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rewrite {
    /// The relay's address, as the other side is to see it.
    pub address: IpAddr,
    /// Change the `o=` line, too.
    pub origin: bool,
    /// The transport to state for every stream; `None` keeps each one's own.
    pub transport: Option<String>,
}

impl Rewrite {
    /// Puts `address` in, and keeps the rest.
    #[must_use]
    pub const fn to(address: IpAddr) -> Self {
        Self { address, origin: false, transport: None }
    }

    /// Sets whether the `o=` line is changed, too.
    #[must_use]
    pub const fn with_origin(mut self, origin: bool) -> Self {
        self.origin = origin;
        self
    }

    /// Sets the transport to state.
    #[must_use]
    pub fn with_transport(mut self, transport: Option<String>) -> Self {
        self.transport = transport;
        self
    }

    /// Changes what concerns the session as a whole, once its [streams](Self::stream) are changed: every
    /// address is the relay's then, where the session had one and where streams had their own.
    pub fn session(&self, session: &mut Session) {
        session.attributes.retain(|attribute| {
            !ENDS_HERE.contains(&attribute.attribute.as_str()) && attribute.attribute != "group"
        });
        if session.connection.is_some() || session.medias.iter().any(|media| media.connections.is_empty()) {
            session.set_connection(Connection::from_ip_addr(self.address));
        }
        if self.origin {
            session.origin.set_unicast_ip_address(self.address);
        }
        arrange(session);
    }

    /// Changes one stream: `ports` of the relay, or none to turn it off; `formats` in the place of its
    /// own.
    ///
    /// # Errors
    /// [`NgError::Transport`] when the transport to state is not plain RTP.
    pub fn stream(
        &self,
        media: &mut Media,
        ports: Option<RelayPorts>,
        formats: Option<&[Format]>,
    ) -> Result<(), NgError> {
        media.attributes.retain(|attribute| {
            !ENDS_HERE.contains(&attribute.attribute.as_str()) && attribute.attribute != "rtcp"
        });
        let own_address = !media.connections.is_empty();
        media.connections.clear();
        let Some(ports) = ports else {
            media.port = 0;
            return Ok(());
        };
        if own_address {
            media.connections.push(Connection::from_ip_addr(self.address));
        }
        if let Some(transport) = &self.transport {
            if !matches!(transport.as_str(), "RTP/AVP" | "RTP/AVPF") {
                return Err(NgError::Transport(transport.clone()));
            }
            media.proto.clone_from(transport);
        }
        media.port = ports.rtp;
        media.num_ports = None;
        media.attributes.retain(|attribute| attribute.attribute != "rtcp-mux");
        if ports.shared {
            media.add_attribute_from_str("rtcp-mux");
        }
        media.add_attribute_with_value("rtcp", ports.rtcp);
        if let Some(formats) = formats {
            set_formats(media, formats);
        }
        Ok(())
    }
}
