//! One call of a proxy: two sides with a tag each, and the streams between them.

use std::net::SocketAddr;
use std::time::Duration;

use mc_ng::CodecRules;
use mc_ng::sdp::MediaStream;

use super::refusal::Refusal;
use crate::checkpoint::Record;
use crate::{DialogId, LegId, Reservation};

/// A call as signalling knows it. The side that offered first is leg A.
#[derive(Debug)]
pub(super) struct NgCall {
    pub(super) tags: [Option<String>; 2],
    /// What proxies call the sides.
    pub(super) labels: [Option<String>; 2],
    /// By their lines; `None` for a line that is turned off.
    pub(super) streams: Vec<Option<Stream>>,
    pub(super) created: Duration,
    /// When it ends, if a proxy has said so.
    pub(super) ends: Option<Duration>,
    /// Whether it is to be recorded as soon as it runs.
    pub(super) record: bool,
    /// What it takes to carry it on elsewhere; empty where nobody asks for that.
    pub(super) history: Record,
}

/// One `m=` line of a call.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) dialog: DialogId,
    pub(super) local: [SocketAddr; 2],
    /// The ports while there is no answer; after it, the controller carries the stream.
    pub(super) reservation: Option<Reservation>,
    /// The offer that awaits its answer, or had it last.
    pub(super) offer: Offer,
    /// Whether the voice of both sides is G.711, as of the latest answer.
    pub(super) is_g711: bool,
}

/// What one side offered.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) media: MediaStream,
    /// What was done to its formats on the way to the other side.
    pub(super) rules: CodecRules,
    /// Mark of the packets, where it was stated.
    pub(super) tos: Option<u8>,
    /// Whether reports are to be made where a side makes none.
    pub(super) reports: bool,
    /// Whether a shared port is accepted from the offerer even if the other side has two.
    pub(super) demux: bool,
}

impl NgCall {
    pub(super) fn new(tag: &str, created: Duration) -> Self {
        let tags = [Some(tag.to_owned()), None];
        Self {
            tags,
            labels: [None, None],
            streams: Vec::new(),
            created,
            ends: None,
            record: false,
            history: Record::default(),
        }
    }

    /// The streams that the controller carries.
    pub(super) fn running(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().flatten().filter(|stream| stream.reservation.is_none())
    }

    /// The side that has this tag.
    ///
    /// # Errors
    /// [`Refusal::UnknownCall`] for one that nobody has.
    pub(super) fn known_side(&self, tag: &str) -> Result<LegId, Refusal> {
        let known = LegId::ALL.into_iter().find(|leg| self.tags[leg.index()].as_deref() == Some(tag));
        known.ok_or(Refusal::UnknownCall)
    }

    /// The side that has this tag. The second tag that is heard becomes leg B's.
    ///
    /// # Errors
    /// [`Refusal::UnknownCall`] for a third one.
    pub(super) fn side(&mut self, tag: &str) -> Result<LegId, Refusal> {
        match (self.known_side(tag), &mut self.tags[1]) {
            (Ok(leg), _) => Ok(leg),
            (Err(_), free @ None) => {
                *free = Some(tag.to_owned());
                Ok(LegId::B)
            }
            (Err(unknown), Some(_)) => Err(unknown),
        }
    }

    /// Takes note of what a proxy calls a side.
    pub(super) fn name(&mut self, leg: LegId, label: Option<&String>) {
        if let Some(label) = label {
            self.labels[leg.index()] = Some(label.clone());
        }
    }
}
