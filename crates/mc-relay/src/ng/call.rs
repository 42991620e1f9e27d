//! One call of a proxy: two sides with a tag each, and the streams between them.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mc_ng::sdp::{Continuity, MediaStream};
use mc_ng::{CodecRules, MediaOptions};

use super::keys::OwnKeys;
use super::packet_times::PacketTimes;
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
    /// When it was offered first, in seconds since 1970.
    pub(super) created_s: i64,
    /// What is kept from each side, by who sends it.
    pub(super) blocked: [Blocked; 2],
    /// What each side was told last.
    pub(super) continuity: [Continuity; 2],
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
    /// What each side is sent under.
    pub(super) own_keys: [OwnKeys; 2],
}

/// What one side offered.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) media: MediaStream,
    /// Over which transport the other side was offered it.
    pub(super) forwarded: String,
    /// What was done to its formats on the way to the other side.
    pub(super) rules: CodecRules,
    /// Mark of the packets, where it was stated.
    pub(super) tos: Option<u8>,
    /// Whether reports are to be made where a side makes none.
    pub(super) reports: bool,
    /// Whether a shared port is accepted from the offerer even if the other side has two.
    pub(super) demux: bool,
    /// Whether the offerer sends from elsewhere than it is sent to.
    pub(super) asymmetric: bool,
    pub(super) packet_times: PacketTimes,
}

impl Offer {
    pub(super) fn new(media: MediaStream, options: &MediaOptions) -> Self {
        Self {
            forwarded: options.transport.as_ref().unwrap_or(&media.protocol).clone(),
            rules: options.codecs.clone(),
            tos: options.tos,
            reports: options.generate_rtcp,
            demux: options.rtcp_mux.demux || options.rtcp_mux.accept,
            asymmetric: options.asymmetric,
            packet_times: PacketTimes::offered(media.ptime_ms, options),
            media,
        }
    }
}

/// What one side sends and the other is not to hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// All of it.
    pub(crate) media: bool,
    /// The keys that it presses.
    pub(crate) keys: bool,
}

impl NgCall {
    pub(super) fn new(tag: &str) -> Self {
        let tags = [Some(tag.to_owned()), None];
        Self {
            tags,
            labels: [None, None],
            streams: Vec::new(),
            created_s: seconds_since_1970(),
            blocked: Default::default(),
            continuity: Default::default(),
            ends: None,
            record: false,
            history: Record::default(),
        }
    }

    /// The streams that the controller carries.
    pub(super) fn running(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().flatten().filter(|stream| stream.reservation.is_none())
    }

    /// Whether media of it is protected.
    pub(super) fn is_protected(&self) -> bool {
        self.streams.iter().flatten().any(|stream| !stream.own_keys.iter().all(OwnKeys::is_empty))
    }

    /// The side that has this tag.
    ///
    /// # Errors
    /// [`Refusal::UnknownCall`] for one that nobody has.
    pub(super) fn known_side(&self, tag: &str) -> Result<LegId, Refusal> {
        let known = LegId::ALL.into_iter().find(|leg| self.tags[leg.index()].as_deref() == Some(tag));
        known.ok_or(Refusal::UnknownCall)
    }

    /// The side that offers, which has the tag `from`. One that nobody has is a new tag of the side that `to` does not
    /// name: another telephone in its place. Before the call runs, it may be the first side's that asks anew.
    ///
    /// # Errors
    /// [`Refusal::UnknownCall`] for somebody who knows neither side of a call that runs.
    pub(super) fn offering_side(&mut self, from: &str, to: &str) -> Result<LegId, Refusal> {
        let known = self.known_side(from).or_else(|_| self.known_side(to).map(LegId::other));
        let side = match known {
            Err(_) if self.running().next().is_none() => LegId::A,
            known => known?,
        };
        self.tags[side.index()] = Some(from.to_owned());
        Ok(side)
    }

    /// The side whose offer is answered, by the tags of offerer and answerer. An answerer that nobody knows takes the
    /// other side: the telephone that is called, or the latest of several.
    ///
    /// # Errors
    /// [`Refusal::UnknownCall`] where nobody knows either, or both are the same.
    pub(super) fn answered_side(&mut self, [from, to]: [&str; 2]) -> Result<LegId, Refusal> {
        let offerer = self.known_side(from).or_else(|_| self.known_side(to).map(LegId::other))?;
        if from == to {
            return Err(Refusal::UnknownCall);
        }
        for (side, tag) in [(offerer, from), (offerer.other(), to)] {
            self.tags[side.index()] = Some(tag.to_owned());
        }
        Ok(offerer)
    }

    /// Takes note of what a proxy calls a side.
    pub(super) fn name(&mut self, leg: LegId, label: Option<&String>) {
        if let Some(label) = label {
            self.labels[leg.index()] = Some(label.clone());
        }
    }
}

fn seconds_since_1970() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
