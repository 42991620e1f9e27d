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
    /// The port of the loopback address at which the relay is asked.
    pub(super) ng: u16,
    relay: Service,
    _kamailio: Peer,
}

/// Options of the relay beside those that every run has.
#[derive(Default)]
pub(super) struct Options(Vec<String>);

impl Options {
    /// Options with their values.
    pub(super) fn with(options: &[(&str, &str)]) -> Self {
        Self(options.iter().flat_map(|(name, value)| [*name, *value].map(str::to_owned)).collect())
    }
}

/// An address of this machine whose port is free: for UDP, and so for TCP, since nobody else uses these numbers here.
pub(super) fn free_address() -> Outcome<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, peers::free_port()?).into())
}

impl Proxy {
    /// Starts both, for SIP and media at `ip`.
    pub(super) fn start(mc: &Path, folder: &Path, ip: Ipv4Addr, options: &Options) -> Outcome<Self> {
        let (ng, address, server) = (peers::free_port()?, peers::free_port()?, peers::free_port()?);
        let http = free_address()?;
        let mut arguments = vec!["--http".to_owned(), http.to_string()];
        arguments.extend_from_slice(&options.0);
        let relay = Service::start(mc, ng, ip, arguments)?;
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
        Ok(Self { address, server, http, ng, relay, _kamailio: kamailio })
    }

    /// Kills the relay, and starts another one in its place.
    pub(super) fn replace_relay(&mut self) -> Outcome {
        self.relay.replace()
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
