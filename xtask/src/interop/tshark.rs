//! tshark's own view of the streams that a relay sends: no packet lost, no number out of order.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::peers::Peer;
use crate::{Outcome, debian, process};

/// Time for it to listen, and to write the last packets.
const SETTLE: Duration = Duration::from_secs(2);

/// A capture of what goes over the loopback interface.
pub(super) struct Capture {
    tshark: Peer,
    file: PathBuf,
}

impl Capture {
    /// Starts it for packets to these ports; `None` without the rights for it.
    pub(super) fn start(folder: &Path, ports: &[u16]) -> Outcome<Option<Self>> {
        if !debian::is_root() {
            println!("tshark        skipped: it captures as root only");
            return Ok(None);
        }
        let file = folder.join("relayed.pcap");
        let ports: Vec<String> = ports.iter().map(|port| format!("dst port {port}")).collect();
        let mut command = Command::new("tshark");
        command.args([
            "-q",
            "-i",
            "lo",
            "-F",
            "pcap",
            "-f",
            &format!("udp and ({})", ports.join(" or ")),
            "-w",
        ]);
        command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let tshark = Peer::start(&mut command, "tshark")?;
        sleep(SETTLE);
        Ok(Some(Self { tshark, file }))
    }

    /// Ends it, and whether the streams to all `ports` are there and whole, with at least so many `packets` each.
    pub(super) fn judge(self, ports: &[u16], packets: u64) -> Outcome<bool> {
        sleep(SETTLE);
        self.tshark.interrupt()?;
        let streams = streams(&self.file, ports)?;
        let mut good = true;
        for &port in ports {
            let found = streams.iter().find(|stream| stream.port == port);
            let fine = found
                .is_some_and(|stream| stream.packets >= packets && stream.lost == 0 && !stream.has_problems);
            good &= fine;
            match found {
                Some(stream) => println!("tshark        {stream}{}", if fine { "" } else { "  FAILED" }),
                None => println!("tshark        no stream to port {port}  FAILED"),
            }
        }
        Ok(good)
    }
}

/// The RTP streams in a capture: those to `ports`, and what looks like RTP.
pub(super) fn streams(capture: &Path, ports: &[u16]) -> Outcome<Vec<Stream>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(capture).args(["-q", "-z", "rtp,streams", "--enable-heuristic", "rtp_udp"]);
    for port in ports {
        command.args(["-d", &format!("udp.port=={port},rtp")]);
    }
    Ok(process::read(&mut command)?.lines().filter_map(stream).collect())
}

/// What tshark says of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stream {
    /// Where it goes.
    pub(super) port: u16,
    pub(super) packets: u64,
    pub(super) lost: i64,
    pub(super) has_problems: bool,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, packets, lost, has_problems } = self;
        let order = if *has_problems { "numbers out of order" } else { "numbers in order" };
        write!(f, "to port {port}: {packets} packets, {lost} lost, {order}")
    }
}

/// A stream by its line in tshark's table: start, end, source, port, destination, port, SSRC, payload, packets, lost
/// (share), times, and a mark if there is anything wrong with it. `None` for a line of another kind.
fn stream(line: &str) -> Option<Stream> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let port = words.get(5)?.parse().ok()?;
    let ssrc = words.iter().position(|word| word.starts_with("0x"))?;
    // A payload's name may be of several words; the share of lost packets is in brackets.
    let share = words.iter().position(|word| word.starts_with('(') && word.ends_with("%)"))?;
    (share > ssrc + 2).then_some(())?;
    Some(Stream {
        port,
        packets: words[share - 2].parse().ok()?,
        lost: words[share - 1].parse().ok()?,
        has_problems: words.last() == Some(&"X"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
========================= RTP Streams ========================
   Start time      End time     Src IP addr  Port    Dest IP addr  Port       SSRC          Payload  Pkts         Lost   Min Delta(ms)  Problems?
     0.000000     10.479820       127.0.0.1 16386       127.0.0.1 40000 0x5D9B1D2A   g711U           525     0 (0.0%)           0.012     10.479820
     0.000000     10.479820       127.0.0.1 16390       127.0.0.1 40002 0x5D9B1D2B   g711A           520     5 (0.9%)           0.012     10.479820 X
==============================================================
";

    #[test]
    fn a_table_is_read_line_by_line() {
        let streams: Vec<Stream> = TABLE.lines().filter_map(stream).collect();
        let whole = Stream { port: 40_000, packets: 525, lost: 0, has_problems: false };
        let broken = Stream { port: 40_002, packets: 520, lost: 5, has_problems: true };
        assert_eq!(streams, [whole, broken]);
    }
}
