//! SIP calls by sipp through a proxy, whose media `mc relay` carries in the place of rtpengine.
//!
//! The caller plays a recorded conversation in A-law and a telephone event from a capture; the called side
//! sends back what it hears. Every call has to be set up and ended, and the relay has to carry both ways.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::peers::{self, Peer};
use super::proxy::{self, Kind, Options, Proxy};
use crate::{Outcome, debian};

/// Calls at a time.
const CALLS: u64 = 5;

/// Packets in the captures that the caller plays: a recording, and a key pressed (RFC 4733).
///
/// The key's packets come with numbers of their own. One of them may repeat a number of the recording's: it is
/// dropped as a duplicate, once each way.
const PACKETS_EACH_WAY: u64 = 236;

/// Where Debian's package has its captures.
const CAPTURES: &str = "/usr/share/sip-tester";

/// Whether the calls went as they should through every proxy that is here.
pub(super) fn run(mc: &Path, folder: &Path) -> Outcome<bool> {
    if !debian::is_root() {
        println!("sipp          skipped: it plays captures as root only");
        return Ok(true);
    }
    let mut good = true;
    for kind in [Kind::Kamailio, Kind::OpenSips] {
        if kind.is_here() {
            good &= run_through(kind, mc, folder)?;
        } else {
            println!("sipp          through {} skipped: there is none here", kind.name());
        }
    }
    Ok(good)
}

fn run_through(kind: Kind, mc: &Path, folder: &Path) -> Outcome<bool> {
    let [called, caller] = [(); 2].map(|()| peers::free_port());
    let proxy = Proxy::start(kind, mc, folder, Ipv4Addr::LOCALHOST, &Options::default())?;
    let called = Peer::start(
        sipp(folder, "called", called?)?.arg("-sf").arg(scenario(folder)?).args([
            "-rtp_echo",
            "-p",
            &proxy.server.port().to_string(),
        ]),
        "sipp, called",
    )?;
    let caller = Peer::start(
        sipp(folder, "calling", caller?)?.args(["-sn", "uac_pcap", "-r", "5", &proxy.address.to_string()]),
        "sipp, calling",
    )?;
    let ended = caller.wait().and_then(|()| called.wait());
    let totals = proxy.stop()?;
    ended?;
    let count = |key| proxy::count(&totals, key);
    let carried = count("sent")? >= 2 * CALLS * PACKETS_EACH_WAY && count("streams")? == CALLS;
    let good = carried && count("dropped")? == count("duplicate").unwrap_or(0);
    let verdict = if good { "" } else { "  FAILED" };
    println!("sipp          {CALLS} calls through {}; {totals}{verdict}", kind.name());
    Ok(good)
}

/// sipp for one side, whose last words are kept in the folder.
fn sipp(folder: &Path, side: &str, media_port: u16) -> Outcome<Command> {
    let log = folder.join(format!("sipp-{side}.log"));
    let log = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut command = Command::new("sipp");
    command
        .current_dir(folder)
        .args(["-i", "127.0.0.1", "-mp", &media_port.to_string(), "-m", &CALLS.to_string()])
        .args(["-nostdin", "-timeout", "60", "-timeout_error"])
        .stdout(Stdio::null())
        .stderr(log);
    Ok(command)
}

/// sipp's own scenario for the called side, which speaks mu-law only, in the caller's codec; and its captures
/// where its scenario for the calling side looks for them.
fn scenario(folder: &Path) -> Outcome<std::path::PathBuf> {
    let captures = folder.join("pcap");
    if !captures.exists() {
        std::os::unix::fs::symlink(CAPTURES, &captures)
            .map_err(|error| format!("{}: {error}", captures.display()))?;
    }
    // It prints the scenario and ends with the status of no calls at all, 99.
    let uas = Command::new("sipp").args(["-sd", "uas"]).output().map_err(|error| format!("sipp: {error}"))?;
    let uas = String::from_utf8_lossy(&uas.stdout)
        .replace("RTP/AVP 0", "RTP/AVP 8 101")
        .replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000\n      a=rtpmap:101 telephone-event/8000");
    let path = folder.join("called.xml");
    fs::write(&path, uas).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
