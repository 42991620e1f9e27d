//! A SIP proxy before one SIP server, with `mc relay` in the place of rtpengine.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::peers::{self, Peer};
use super::relay::Service;
use crate::{Outcome, process, workspace};

/// Time for a proxy to listen.
const START: Duration = Duration::from_secs(2);

/// Which proxy, each with its example from `docs/relay`.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Kamailio,
    OpenSips,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Kamailio => "Kamailio",
            Self::OpenSips => "OpenSIPS",
        }
    }

    /// Whether there is one here. Debian has Kamailio; OpenSIPS comes from its makers.
    pub(super) fn is_here(self) -> bool {
        match self {
            Self::Kamailio => true,
            Self::OpenSips => process::works("opensips", &["-V"]),
        }
    }

    /// The proxy at `address` before `server`, driving the relay at `ng`.
    fn command(
        self,
        folder: &Path,
        address: SocketAddrV4,
        server: SocketAddrV4,
        ng: SocketAddr,
    ) -> Outcome<Command> {
        let examples = workspace::root().join("docs/relay");
        Ok(match self {
            Self::Kamailio => {
                let mut command = Command::new("kamailio");
                command.args(["-DD", "-E", "-Y"]).arg(folder).arg("-f").arg(examples.join("kamailio.cfg"));
                command.args(["-A", &format!("PROXY=udp:{address}")]);
                command.args(["-A", &format!("SERVER=\"sip:service@{server}\"")]);
                command.args(["-A", &format!("RELAY=\"udp:{ng}\"")]);
                command
            }
            Self::OpenSips => {
                let example = examples.join("opensips.cfg");
                let failed = |error| format!("{}: {error}", example.display());
                let text = fs::read_to_string(&example).map_err(failed)?;
                let text = text
                    .replace("127.0.0.1:5060", &address.to_string())
                    .replace("127.0.0.1:5080", &server.to_string())
                    .replace("127.0.0.1:22222", &ng.to_string());
                let own = folder.join("opensips.cfg");
                fs::write(&own, text).map_err(|error| format!("{}: {error}", own.display()))?;
                let mut command = Command::new("opensips");
                command.args(["-F", "-f"]).arg(own).arg("-w").arg(folder);
                command
            }
        })
    }
}

/// The proxy and its relay, which end with their owner.
pub(super) struct Proxy {
    /// Where calls go.
    pub(super) address: SocketAddrV4,
    /// Where it passes them on to: nobody is there yet.
    pub(super) server: SocketAddrV4,
    /// Where the relay shows its status.
    pub(super) http: SocketAddr,
    /// Where the relay is asked.
    pub(super) ng: SocketAddr,
    pub(super) relay: Service,
    _program: Peer,
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

/// An address of this machine whose TCP port is free, for a program that does not say which one it was given.
pub(super) fn free_address() -> Outcome<SocketAddr> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound.map_err(|error| format!("interop: no TCP port is free: {error}"))
}

impl Proxy {
    /// Starts both, for SIP and media at `ip`.
    pub(super) fn start(
        kind: Kind,
        mc: &Path,
        folder: &Path,
        ip: Ipv4Addr,
        options: &Options,
    ) -> Outcome<Self> {
        let relay = Service::start(mc, ip, &options.0)?;
        let (ng, http) = (relay.address("ng")?, relay.address("http")?);
        let [address, server] =
            [peers::free_port()?, peers::free_port()?].map(|port| SocketAddrV4::new(ip, port));
        let mut command = kind.command(folder, address, server, ng)?;
        let program = Peer::start(command.stdout(Stdio::null()).stderr(Stdio::null()), kind.name())?;
        sleep(START);
        Ok(Self { address, server, http, ng, relay, _program: program })
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
