//! Recordings of what both peers of a call say: as a WAV file with a channel for each, or as a capture.
//!
//! Workers copy packets into one bounded queue and never wait; one thread takes them out and writes. For a WAV file
//! it puts them on a time line by their timestamps first.

mod file;
mod format;
mod pcap;
mod recorder;
mod timeline;
mod wav;
mod writer;

pub use format::RecordingFormat;
pub use recorder::Recorder;

use std::net::SocketAddr;
use std::time::Duration;

/// What a capture says of where its packets come from.
#[derive(Clone, Copy, Debug)]
struct Origins {
    /// The call's local addresses: what leg A's peer says leaves from leg B's.
    local: [SocketAddr; 2],
    /// The calendar's time, since 1970, at which the relay's clock was at 0.
    epoch: Duration,
}
