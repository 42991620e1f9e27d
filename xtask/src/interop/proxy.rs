//! Kamailio as a proxy before one SIP server, with `mc relay` in the place of rtpengine.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::peers::{self, Peer};
use super::relay::Service;
use crate::{Outcome, workspace};

/// Time for Kamailio to listen.
const START: Duration = Duration::from_secs(2);

/// The proxy and its relay, which end with their owner.
pub(super) struct Proxy {
    /// Where calls go.
    pub(super) address: SocketAddrV4,
    /// Where it passes them on to: nobody is there yet.
    pub(super) server: SocketAddrV4,
    /// Where the relay shows its status.
    pub(super) http: SocketAddr,
    relay: Service,
    _kamailio: Peer,
}

impl Proxy {
    /// Starts both, for SIP and media at `ip`.
    pub(super) fn start(mc: &Path, folder: &Path, ip: Ipv4Addr) -> Outcome<Self> {
        let (ng, address, server) = (peers::free_port()?, peers::free_port()?, peers::free_port()?);
        // Free for UDP, and so for TCP: nobody else uses these numbers here.
        let http = SocketAddr::from((Ipv4Addr::LOCALHOST, peers::free_port()?));
        let relay = Service::start(mc, ng, http, ip)?;
        let (address, server) = (SocketAddrV4::new(ip, address), SocketAddrV4::new(ip, server));
        let kamailio = Peer::start(
            Command::new("kamailio")
                .args(["-DD", "-E", "-Y"])
                .arg(folder)
                .arg("-f")
                .arg(workspace::root().join("docs/relay/kamailio.cfg"))
                .args(["-A", &format!("PROXY=udp:{address}")])
                .args(["-A", &format!("SERVER=\"sip:service@{server}\"")])
                .args(["-A", &format!("RELAY=\"udp:127.0.0.1:{ng}\"")])
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
            "Kamailio",
        )?;
        sleep(START);
        Ok(Self { address, server, http, relay, _kamailio: kamailio })
    }

    /// Ends both; returns the line of totals that the relay prints.
    pub(super) fn stop(self) -> Outcome<String> {
        let printed = self.relay.stop()?;
        Ok(printed.lines().last().unwrap_or_default().to_owned())
    }
}

/// The number under `key` in a line of totals.
pub(super) fn count(totals: &str, key: &str) -> Outcome<u64> {
    let word = totals.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    word.and_then(|count| count.parse().ok()).ok_or_else(|| format!("no {key} in `{totals}`"))
}
