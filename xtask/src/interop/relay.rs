//! `mc relay` as a program of its own, as its users run it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Lines};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use super::peers::Peer;
use crate::{Outcome, process, workspace};

/// Builds the program `mc` as users do.
pub(super) fn build() -> Outcome<PathBuf> {
    let mut build = Command::new("cargo");
    build.current_dir(workspace::root());
    process::run(build.args(["build", "--release", "--quiet", "--package", "mc-cli", "--bin", "mc"]))?;
    Ok(workspace::target_dir()?.join("release").join("mc"))
}

/// A relay that carries calls.
pub(super) struct Relay {
    peer: Peer,
    output: Lines<BufReader<ChildStdout>>,
    first_legs: Vec<SocketAddr>,
}

impl Relay {
    /// Starts the program `mc` with these calls, each given as its option `--call` takes it.
    pub(super) fn start(mc: &Path, calls: &[String]) -> Outcome<Self> {
        let mut command = Command::new(mc);
        command.args(["relay", "--media-ip", "127.0.0.1"]);
        command.args(calls.iter().flat_map(|call| ["--call", call]));
        let mut peer = Peer::start(command.stdout(Stdio::piped()), "mc relay")?;
        let output = peer.child().stdout.take().ok_or("mc relay has no output")?;
        let mut relay = Self { peer, output: BufReader::new(output).lines(), first_legs: Vec::new() };
        relay.read_addresses(calls.len())?;
        Ok(relay)
    }

    /// Where the first peer of each call sends to.
    pub(super) fn first_legs(&self) -> &[SocketAddr] {
        &self.first_legs
    }

    /// Ends it as Ctrl-C does; returns the totals that it prints.
    pub(super) fn stop(self) -> Outcome<String> {
        end(self.peer, self.output)
    }

    /// Reads the lines `call=… leg=… local=ADDRESS …`, two for each call, the first peer's leg first.
    fn read_addresses(&mut self, calls: usize) -> Outcome {
        for line_number in 0..2 * calls {
            let line = match self.output.next() {
                Some(Ok(line)) => line,
                _ => return Err("mc relay ended before it named its addresses".to_owned()),
            };
            let local = line.split(' ').find_map(|word| word.strip_prefix("local="));
            let local = local.and_then(|address| address.parse().ok());
            let local = local.ok_or_else(|| format!("mc relay named no local address in `{line}`"))?;
            if line_number % 2 == 0 {
                self.first_legs.push(local);
            }
        }
        Ok(())
    }
}

/// A relay that serves a SIP proxy.
pub(super) struct Service {
    mc: PathBuf,
    arguments: Vec<String>,
    peer: Peer,
    output: Lines<BufReader<ChildStdout>>,
    /// Where it listens, by what it says of it: `ng`, `http`, …
    addresses: HashMap<String, SocketAddr>,
}

impl Service {
    /// Starts the program `mc` for media at `ip`, to be driven and looked at at ports of the loopback address that the
    /// system picks, with these further arguments.
    pub(super) fn start(mc: &Path, ip: Ipv4Addr, further: &[String]) -> Outcome<Self> {
        let mut arguments = ["relay", "--media-ip", &ip.to_string()].map(str::to_owned).to_vec();
        arguments.extend_from_slice(further);
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (peer, output, addresses) = serving(mc, &arguments, anywhere)?;
        Ok(Self { mc: mc.to_owned(), arguments, peer, output, addresses })
    }

    /// Where it listens for what it calls `name`.
    pub(super) fn address(&self, name: &str) -> Outcome<SocketAddr> {
        let address = self.addresses.get(name).copied();
        address.ok_or_else(|| format!("mc relay did not say where it listens for {name}"))
    }

    /// Kills it, as a fault would, and starts another one that is driven at the same address.
    pub(super) fn replace(&mut self) -> Outcome {
        self.peer.kill();
        let ng = self.address("ng")?;
        (self.peer, self.output, self.addresses) = serving(&self.mc, &self.arguments, ng)?;
        Ok(())
    }

    /// Ends it as Ctrl-C does; returns what else it prints, a line of totals at the end.
    pub(super) fn stop(self) -> Outcome<String> {
        end(self.peer, self.output)
    }
}

/// Starts a relay; returns when it serves, with the addresses that it has named: that of the status page is the last.
#[allow(clippy::type_complexity, reason = "what a relay is made of, and taken apart at once")]
fn serving(
    mc: &Path,
    arguments: &[String],
    ng: SocketAddr,
) -> Outcome<(Peer, Lines<BufReader<ChildStdout>>, HashMap<String, SocketAddr>)> {
    let mut command = Command::new(mc);
    command.args(arguments).args(["--ng", &ng.to_string(), "--http", "127.0.0.1:0"]);
    let mut peer = Peer::start(command.stdout(Stdio::piped()), "mc relay")?;
    let mut output = BufReader::new(peer.child().stdout.take().ok_or("mc relay has no output")?).lines();
    let mut addresses = HashMap::new();
    while !addresses.contains_key("http") {
        let Some(Ok(line)) = output.next() else {
            return Err("mc relay ended before it served anybody".to_owned());
        };
        let named = line.split(' ').next().and_then(|word| word.split_once('='));
        if let Some((name, Ok(address))) = named.map(|(name, address)| (name, address.parse())) {
            addresses.insert(name.to_owned(), address);
        }
    }
    Ok((peer, output, addresses))
}

/// Ends a relay as Ctrl-C does; returns what else it prints.
fn end(peer: Peer, output: Lines<BufReader<ChildStdout>>) -> Outcome<String> {
    peer.interrupt()?;
    let lines: Result<Vec<String>, _> = output.collect();
    Ok(lines.map_err(|error| format!("mc relay: {error}"))?.join("\n"))
}
