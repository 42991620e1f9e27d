//! What a call is to be: its two legs, and where they ended up.

use std::net::{IpAddr, SocketAddr};

use mc_engine::{AudioProcessingConfig, ConfigError};
use mc_rtp_pipeline::quality::CodecImpairment;
use mc_rtp_pipeline::{PacketTime, PayloadFormat, PayloadTypes, SAMPLE_RATE, StreamIdentity};

use crate::{DialogId, LegId, RelayError, SrtpKeys};

/// One side of a call. The default takes and sends PCMU, is processed as the engine says and awaits its
/// remote address.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LegConfig {
    /// Where signalling says the peer is; `None` until
    /// [`announce`](crate::MediaSessionController::announce).
    pub remote: Option<SocketAddr>,
    /// Where signalling says that RTCP is wanted. `None`: the port above that of [`remote`](Self::remote).
    pub rtcp: Option<SocketAddr>,
    /// Whether the peer shares one port between RTP and RTCP (RFC 5761); [`rtcp`](Self::rtcp) is not used
    /// then.
    pub rtcp_mux: bool,
    /// Whether signalling has seen that the peer is behind a NAT, and so not at the ports that it announced: the
    /// leg latches to the first port of its IP address that sends a valid packet. Otherwise another port than
    /// the announced one has to [wait](crate::RelayConfig::latch_after).
    pub behind_nat: bool,
    /// Another host from which this peer's media may come: that of its signalling. A port there has to wait as
    /// other ports of the announced host have to.
    pub signalled_from: Option<IpAddr>,
    /// Whether this peer sends from another port than it is sent to, as signalling has said: media goes to
    /// [`remote`](Self::remote) whatever port its own comes from, which needs no wait.
    pub asymmetric: bool,
    /// Milliseconds of audio in each packet to this peer, 10 to 60: G.711 is joined and cut to it. RTCP is not passed
    /// on then, since sequence numbers are not the sender's any more; [reports](MediaConfig::reports) are made instead.
    /// `None`: as they come.
    pub packet_ms: Option<u32>,
    /// Address to bind to instead of [`RelayConfig::local_ip`](crate::RelayConfig::local_ip). It must
    /// be of the remote address's family.
    pub local_ip: Option<IpAddr>,
    /// What this peer sends and is sent. Default: [`PayloadFormat::PCMU`].
    pub format: PayloadFormat,
    /// Payload types of this peer, beside that of [`format`](Self::format), that are passed to the other
    /// side as they are. Default: none.
    pub passed: PayloadTypes,
    /// The keys of its SRTP. Default: none, plain RTP.
    pub srtp: Option<SrtpKeys>,
    /// Payload type of the keys that this peer presses (RFC 4733), for those who want to know of them; they are
    /// [passed](Self::passed) or not all the same. Default: none.
    pub telephone_event: Option<u8>,
    /// Ticks a second of this peer's timestamps, for the figures about its stream. Default: 8000.
    pub clock_rate: u32,
    /// What this peer's codec does to speech, for people's opinion of its stream. Default:
    /// [`CodecImpairment::G711`], by which only what the network does counts.
    pub impairment: CodecImpairment,
    /// What is done to the audio that this peer sends; echo is cancelled against what is sent to it.
    /// `None` takes the [engine's](crate::RelayConfig::engine) default.
    pub processing: Option<AudioProcessingConfig>,
}

impl Default for LegConfig {
    fn default() -> Self {
        Self {
            remote: None,
            rtcp: None,
            rtcp_mux: false,
            behind_nat: false,
            signalled_from: None,
            asymmetric: false,
            packet_ms: None,
            local_ip: None,
            format: PayloadFormat::PCMU,
            passed: PayloadTypes::NONE,
            srtp: None,
            telephone_event: None,
            clock_rate: SAMPLE_RATE.hz(),
            impairment: CodecImpairment::G711,
            processing: None,
        }
    }
}

impl LegConfig {
    /// A leg to `remote`, otherwise as the default.
    #[must_use]
    pub fn to(remote: SocketAddr) -> Self {
        Self { remote: Some(remote), ..Self::default() }
    }

    /// Sets where the peer is.
    #[must_use]
    pub const fn with_remote(mut self, remote: Option<SocketAddr>) -> Self {
        self.remote = remote;
        self
    }

    /// Sets where the peer wants RTCP.
    #[must_use]
    pub const fn with_rtcp(mut self, rtcp: Option<SocketAddr>) -> Self {
        self.rtcp = rtcp;
        self
    }

    /// Sets whether the peer shares one port between RTP and RTCP.
    #[must_use]
    pub const fn with_rtcp_mux(mut self, rtcp_mux: bool) -> Self {
        self.rtcp_mux = rtcp_mux;
        self
    }

    /// Sets whether the ports of this peer are those that a NAT gave it.
    #[must_use]
    pub const fn with_behind_nat(mut self, behind_nat: bool) -> Self {
        self.behind_nat = behind_nat;
        self
    }

    /// Sets from which other host this peer's media may come.
    #[must_use]
    pub const fn with_signalled_from(mut self, host: Option<IpAddr>) -> Self {
        self.signalled_from = host;
        self
    }

    /// Sets whether this peer sends from another port than it is sent to.
    #[must_use]
    pub const fn with_asymmetric(mut self, asymmetric: bool) -> Self {
        self.asymmetric = asymmetric;
        self
    }

    /// Sets how much audio each packet to this peer holds, in milliseconds (10 to 60).
    #[must_use]
    pub const fn with_packet_ms(mut self, packet_ms: Option<u32>) -> Self {
        self.packet_ms = packet_ms;
        self
    }

    /// Sets which other payload types are passed on as they are.
    #[must_use]
    pub const fn with_passed(mut self, passed: PayloadTypes) -> Self {
        self.passed = passed;
        self
    }

    /// Sets the keys of its SRTP.
    #[must_use]
    pub fn with_srtp(mut self, keys: Option<SrtpKeys>) -> Self {
        self.srtp = keys;
        self
    }

    /// Sets the payload type of the keys that this peer presses.
    #[must_use]
    pub fn with_telephone_event(mut self, payload_type: impl Into<Option<u8>>) -> Self {
        self.telephone_event = payload_type.into();
        self
    }

    /// Sets the ticks a second of this peer's timestamps.
    #[must_use]
    pub const fn with_clock_rate(mut self, clock_rate: u32) -> Self {
        self.clock_rate = clock_rate;
        self
    }

    /// Sets what this peer's codec does to speech.
    #[must_use]
    pub const fn with_impairment(mut self, impairment: CodecImpairment) -> Self {
        self.impairment = impairment;
        self
    }

    /// What joins and cuts the packets to this peer, if they are.
    pub(crate) fn packet_time(&self) -> Result<Option<PacketTime>, ConfigError> {
        self.packet_ms.map(|ms| PacketTime::new(self.format.payload_type, ms)).transpose()
    }

    /// Where the peer wants RTCP, if it has a port of its own.
    pub(crate) fn rtcp_address(&self) -> Option<SocketAddr> {
        let above = |remote: SocketAddr| Some(SocketAddr::new(remote.ip(), remote.port().checked_add(1)?));
        self.rtcp.or_else(|| above(self.remote?))
    }

    /// Sets the address to bind to.
    #[must_use]
    pub const fn with_local_ip(mut self, local_ip: IpAddr) -> Self {
        self.local_ip = Some(local_ip);
        self
    }

    /// Sets what this peer sends and is sent.
    #[must_use]
    pub const fn with_format(mut self, format: PayloadFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets what is done to the audio that this peer sends.
    #[must_use]
    pub fn with_processing(mut self, processing: AudioProcessingConfig) -> Self {
        self.processing = Some(processing);
        self
    }
}

/// What a call is to be.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MediaConfig {
    /// Its sides, A and B.
    pub legs: [LegConfig; 2],
    /// By which numbers each side knows the other's stream. RTCP is passed on with
    /// [`StreamIdentity::Sender`] only: with numbers of our own it would speak of streams that the other
    /// side does not know. Default: [`StreamIdentity::Own`].
    pub identity: StreamIdentity,
    /// Whether each side gets a receiver report every five seconds (RFC 3550 §6.4.2) where the other side makes none
    /// that could be passed on; in the other side's name, since that is whom it knows. Default: no.
    pub reports: bool,
    /// The differentiated-services field of what is sent (RFC 2474): DSCP in its upper six bits. Default: 0.
    pub tos: u8,
}

impl MediaConfig {
    /// A call between two legs.
    #[must_use]
    pub const fn new(a: LegConfig, b: LegConfig) -> Self {
        Self { legs: [a, b], identity: StreamIdentity::Own, reports: false, tos: 0 }
    }

    /// Sets whether reports are made where a side makes none.
    #[must_use]
    pub const fn with_reports(mut self, reports: bool) -> Self {
        self.reports = reports;
        self
    }

    /// Sets the differentiated-services field of what is sent.
    #[must_use]
    pub const fn with_tos(mut self, tos: u8) -> Self {
        self.tos = tos;
        self
    }

    /// Sets by which numbers each side knows the other's stream.
    #[must_use]
    pub const fn with_identity(mut self, identity: StreamIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// Whether packets are joined or cut, so that RTCP speaks of others than were sent.
    pub(crate) fn is_cut(&self) -> bool {
        self.legs.iter().any(|leg| leg.packet_ms.is_some())
    }

    /// What the stream of `leg` stands on: what changes here needs another session.
    pub(crate) fn stream_differs(&self, other: &Self, leg: LegId) -> bool {
        let basis = |media: &Self| {
            let (own, far) = (&media.legs[leg.index()], &media.legs[leg.other().index()]);
            (own.format, own.passed, far.format, media.identity)
        };
        basis(self) != basis(other)
    }

    /// Gives legs that bring no processing of their own `processing`, if there is any.
    pub(crate) fn complete(&mut self, processing: Option<&AudioProcessingConfig>) {
        for leg in &mut self.legs {
            leg.processing = leg.processing.take().or_else(|| processing.cloned());
        }
    }
}

/// A call that has been started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaSessionInfo {
    /// The call.
    pub dialog: DialogId,
    /// The local addresses of legs A and B: what signalling offers to the peers. With an unspecified
    /// local IP only the port is of use to them.
    pub local: [SocketAddr; 2],
}

impl MediaSessionInfo {
    pub(crate) const fn new(dialog: DialogId, local: [SocketAddr; 2]) -> Self {
        Self { dialog, local }
    }

    /// The local address of one leg.
    #[must_use]
    pub const fn local_address(&self, leg: LegId) -> SocketAddr {
        self.local[leg.index()]
    }
}

/// Checks that media can be sent to `remote` from `local_ip`.
pub(crate) fn check_remote(leg: LegId, local_ip: IpAddr, remote: SocketAddr) -> Result<(), RelayError> {
    if remote.port() == 0 || remote.ip().is_unspecified() || remote.ip().is_multicast() {
        return Err(RelayError::Remote { leg, remote });
    }
    if remote.is_ipv4() != local_ip.is_ipv4() {
        return Err(RelayError::AddressFamily { leg, local_ip, remote });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(local: &str, remote: &str) -> Result<(), RelayError> {
        check_remote(LegId::B, local.parse().unwrap(), remote.parse().unwrap())
    }

    #[test]
    fn a_remote_that_cannot_be_sent_to_is_named() {
        for remote in ["192.0.2.1:0", "0.0.0.0:4000", "224.0.0.1:4000"] {
            let error = check("127.0.0.1", remote).unwrap_err();
            assert!(
                matches!(error, RelayError::Remote { .. }) && error.to_string().contains(remote),
                "{error}"
            );
        }
        assert!(check("127.0.0.1", "192.0.2.1:4000").is_ok());
    }

    #[test]
    fn both_ends_are_of_one_family() {
        assert!(matches!(check("127.0.0.1", "[::1]:4000"), Err(RelayError::AddressFamily { .. })));
        assert!(matches!(check("::", "192.0.2.1:4000"), Err(RelayError::AddressFamily { .. })));
        assert!(check("::", "[2001:db8::1]:4000").is_ok());
    }
}
