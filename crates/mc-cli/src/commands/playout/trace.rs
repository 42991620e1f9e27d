//! When packets arrive: a text file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::failure::Failure;

/// One packet's arrival.
pub(super) struct Arrival {
    /// Number of the packet, from 0.
    pub(super) packet: usize,
    pub(super) at: Duration,
}

/// All arrivals, in their order.
pub(super) struct Trace {
    pub(super) arrivals: Vec<Arrival>,
}

impl Trace {
    /// Reads the file at `path`, which speaks of `packets` packets.
    pub(super) fn read(path: &Path, packets: usize) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        let mut arrivals: Vec<Arrival> = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let refused = |reason: &str| Failure::file(path, format_args!("line {}: {reason}", index + 1));
            let arrival = parse(line).ok_or_else(|| refused("must be `SEQUENCE MILLISECONDS`"))?;
            if arrival.packet >= packets {
                return Err(refused(&format!(
                    "the audio has packets 0 to {} only",
                    packets.saturating_sub(1)
                )));
            }
            if arrivals.last().is_some_and(|before| arrival.at < before.at) {
                return Err(refused("is earlier than the line before"));
            }
            arrivals.push(arrival);
        }
        Ok(Self { arrivals })
    }

    /// When the last packet arrives, in milliseconds.
    pub(super) fn last_ms(&self) -> u128 {
        self.arrivals.last().map_or(0, |arrival| arrival.at.as_millis())
    }
}

fn parse(line: &str) -> Option<Arrival> {
    let (packet, ms) = line.trim().split_once(' ')?;
    let seconds = ms.trim().parse::<f64>().ok()? / 1e3;
    // A day of audio is more than fits the counters of a trace.
    let at = Duration::try_from_secs_f64(seconds).ok().filter(|at| at.as_secs() < 86_400)?;
    Some(Arrival { packet: packet.parse().ok()?, at })
}
