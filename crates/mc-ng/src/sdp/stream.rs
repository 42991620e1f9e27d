//! Where a side wants its media, and in which formats.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Media, Session};

use super::Format;
use super::format::formats;
use crate::AddressFamily;

/// Which way media flows, as the describing side sees it (RFC 3264 §5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendReceive,
    /// It sends and does not listen: it holds the other side.
    SendOnly,
    /// It listens only.
    ReceiveOnly,
    /// Neither.
    Inactive,
}

/// One `m=` line and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaStream {
    /// `audio`, `video`, …
    pub kind: String,
    /// Transport, such as `RTP/AVP`.
    pub protocol: String,
    /// Whether it is turned off, by port 0 (RFC 3264 §6).
    pub is_rejected: bool,
    /// Where RTP is wanted; `None` for an address that is a name or all zeros.
    pub rtp: Option<SocketAddr>,
    /// Where RTCP is wanted unless both share a port: as said (RFC 3605), or the port above. `None` as for
    /// RTP.
    pub rtcp: Option<SocketAddr>,
    /// Whether it was signalled from another address than it names, as from behind a NAT: its ports are then not
    /// those that its media comes from.
    pub behind_nat: bool,
    /// Where its SIP message came from, if that is another address than that of [`rtp`](Self::rtp).
    pub signalled_from: Option<IpAddr>,
    /// Whether RTP and RTCP may share a port (RFC 5761).
    pub rtcp_mux: bool,
    /// The formats it takes, most wanted first.
    pub formats: Vec<Format>,
    /// Which way media flows.
    pub direction: Direction,
    /// The family of its address, where it names one.
    pub family: Option<AddressFamily>,
    /// Whether its address is all zeros, which is an old way to hold (RFC 3264 §8.4).
    pub is_zero_address: bool,
    /// Milliseconds of audio a packet, where stated.
    pub ptime_ms: Option<u32>,
    /// The values of its `crypto` attributes: the keys that its side is going to send under (RFC 4568).
    pub crypto: Vec<String>,
}

impl Direction {
    /// The attribute that says so (RFC 8866 §6.7).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

impl MediaStream {
    /// Notes where the SIP message came from. A private address in the description of somebody who signals from a
    /// public one is that of a telephone behind a NAT.
    #[must_use]
    pub fn with_signalled_from(mut self, source: Option<IpAddr>) -> Self {
        let Some(address) = self.rtp.map(|rtp| rtp.ip()) else { return self };
        self.signalled_from = source.filter(|source| *source != address);
        self.behind_nat |=
            is_private(address) && self.signalled_from.is_some_and(|source| !is_private(source));
        self
    }

    /// The first format of voice.
    #[must_use]
    pub fn voice(&self) -> Option<&Format> {
        self.formats.iter().find(|format| format.is_voice())
    }
}

/// The media of a session description, in order. `trusted` takes the place of the addresses in it.
#[must_use]
pub fn streams(session: &Session, trusted: Option<IpAddr>) -> Vec<MediaStream> {
    session.medias.iter().map(|media| stream(session, media, trusted)).collect()
}

fn stream(session: &Session, media: &Media, trusted: Option<IpAddr>) -> MediaStream {
    let connection = media.connections.first().or(session.connection.as_ref());
    let stated = connection.and_then(|connection| Some(connection.try_address().ok()?.ip));
    let address = trusted.or(stated).filter(|address| !address.is_unspecified());
    let is_zero_address = stated.is_some_and(|address| address.is_unspecified());
    let at = |port: u16| address.filter(|_| port != 0).map(|address| SocketAddr::new(address, port));
    let attribute = |name| media.get_first_attribute_value(name);
    let rtcp_port = attribute("rtcp").flatten().and_then(|value| value.split(' ').next()?.parse().ok());
    MediaStream {
        kind: media.media.clone(),
        protocol: media.proto.clone(),
        is_rejected: media.port == 0,
        rtp: at(media.port),
        rtcp: at(rtcp_port.unwrap_or_else(|| media.port.checked_add(1).unwrap_or_default())),
        behind_nat: trusted.is_some_and(|trusted| stated != Some(trusted)),
        signalled_from: None,
        rtcp_mux: media.has_attribute("rtcp-mux"),
        formats: formats(media),
        direction: match direction(session, media) {
            Direction::SendReceive if is_zero_address => Direction::SendOnly,
            Direction::ReceiveOnly if is_zero_address => Direction::Inactive,
            stated => stated,
        },
        family: address.or(stated).map(AddressFamily::of),
        is_zero_address,
        ptime_ms: ptime_ms(media),
        crypto: media.get_attribute_values("crypto").flatten().map(str::to_owned).collect(),
    }
}

/// Milliseconds of audio a packet, where stated.
pub(super) fn ptime_ms(media: &Media) -> Option<u32> {
    media.get_first_attribute_value("ptime").flatten()?.trim().parse().ok()
}

/// Whether nobody has this address outside a network of its own (RFC 1918, RFC 4193, RFC 6598).
const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.octets()[0] == 100 && v4.octets()[1] & 0xC0 == 64,
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

fn direction(session: &Session, media: &Media) -> Direction {
    let all = [Direction::SendReceive, Direction::SendOnly, Direction::ReceiveOnly, Direction::Inactive];
    let said = |names: &dyn Fn(&str) -> bool| all.into_iter().find(|direction| names(direction.name()));
    said(&|name| media.has_attribute(name))
        .or_else(|| said(&|name| session.attributes.iter().any(|attribute| attribute.attribute == name)))
        .unwrap_or_default()
}
