//! Figures of calls as plain data.

use std::net::SocketAddr;
use std::time::Duration;

use mc_engine::{HistogramSnapshot, MediaMetrics};

use crate::{DialogId, DropReason, LegId, Opinion, ServiceMetrics, StreamMetrics};

/// Figures of one leg.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LegMetrics {
    /// Datagrams but RTCP that arrived at this leg's ports, from anybody.
    pub packets_received: u64,
    /// Packets of the other side sent to this leg's peer. What one leg received was either sent to the other or is
    /// among its [`drops`](Self::drops).
    pub packets_sent: u64,
    /// Packets sent to this leg's peer that nobody had sent: what was
    /// [played](crate::MediaSessionController::play_media) while the other side was silent.
    pub packets_played: u64,
    /// RTCP packets that arrived, from anybody.
    pub control_received: u64,
    /// RTCP packets of the other side sent to this leg's peer.
    pub control_sent: u64,
    /// RTCP packets sent to this leg's peer that were [made](crate::MediaConfig::reports) here.
    pub control_made: u64,
    /// Heap allocations while handling what this leg received, and while making what was played to its peer; 0 unless
    /// there is an [allocation probe](crate::RelayConfig::with_allocation_probe).
    pub allocations: u64,
    /// How this peer's stream arrives, and how the peer hears the other side.
    pub stream: StreamMetrics,
    /// How often this peer's host said that nobody listens where packets were sent (ICMP). Noticed once the peer's
    /// address is settled; such packets count as sent.
    pub refused: u64,
    /// What this leg's media session counted and timed of the packets that this peer sent.
    pub media: MediaMetrics,
    pub(crate) relay_drops: [u64; DropReason::OF_RELAY.len()],
}

impl LegMetrics {
    /// Each reason for which datagrams of this peer were dropped, with their number.
    pub fn drops(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        let of_relay = DropReason::OF_RELAY.into_iter().zip(self.relay_drops);
        let of_packets = self.media.packets.drops().map(|(error, count)| (DropReason::Packet(error), count));
        of_relay.chain(of_packets).filter(|&(_, count)| count > 0)
    }

    /// Datagrams of this peer dropped for `reason`.
    #[must_use]
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.drops().find(|&(found, _)| found == reason).map_or(0, |(_, count)| count)
    }

    /// Datagrams of this peer dropped for any reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.drops().map(|(_, count)| count).sum()
    }

    fn merge(&mut self, other: &Self) {
        self.packets_received += other.packets_received;
        self.packets_sent += other.packets_sent;
        self.packets_played += other.packets_played;
        self.control_received += other.control_received;
        self.control_sent += other.control_sent;
        self.control_made += other.control_made;
        self.allocations += other.allocations;
        self.stream.merge(&other.stream);
        self.refused += other.refused;
        self.media.merge(&other.media);
        for (mine, theirs) in self.relay_drops.iter_mut().zip(other.relay_drops) {
            *mine += theirs;
        }
    }
}

/// Figures of a call, or of several taken together.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CallMetrics {
    /// Legs A and B.
    pub legs: [LegMetrics; 2],
    /// Nanoseconds that it took to pass packets on, from the end of receiving to the end of sending; one packet in
    /// [`time_one_in`](crate::RelayConfig::time_one_in) of each call is timed.
    pub latency: HistogramSnapshot,
}

impl CallMetrics {
    /// The figures of one leg.
    #[must_use]
    pub const fn leg(&self, leg: LegId) -> &LegMetrics {
        &self.legs[leg.index()]
    }

    /// Adds another call's figures, leg by leg.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.legs.iter_mut().zip(&other.legs) {
            mine.merge(theirs);
        }
        self.latency.merge(&other.latency);
    }
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The application stopped it, or the relay as a whole.
    Stopped,
    /// Neither leg sent a valid packet for
    /// [`RelayConfig::media_timeout`](crate::RelayConfig::media_timeout).
    TimedOut,
    /// Handling one of its packets panicked, or its worker came to an end. Other calls go on.
    Failed,
}

/// What there is to say about a call that has ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallTotals {
    /// The call.
    pub dialog: DialogId,
    /// Why it ended.
    pub reason: EndReason,
    /// From its start to its end.
    pub duration: Duration,
    /// Where media for legs A and B went at last.
    pub peers: [Option<SocketAddr>; 2],
    /// Its figures.
    pub metrics: CallMetrics,
}

/// Figures of the relay since it was made.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RelayMetrics {
    /// Calls that are carried now.
    pub active_calls: usize,
    /// Dialogs whose audio the application carries and has
    /// [processed](crate::MediaSessionController::process_advanced_audio) here, now.
    pub processed_dialogs: usize,
    /// Calls that ended because the application stopped them.
    pub stopped_calls: u64,
    /// Calls that ended for lack of media.
    pub timed_out_calls: u64,
    /// Calls that ended on a fault.
    pub failed_calls: u64,
    /// Events that nobody fetched in time.
    pub lost_events: u64,
    /// Workers that came down with a fault and were replaced.
    pub worker_restarts: u64,
    /// Pairs of ports that are bound or promised now: two for each call.
    pub port_pairs_taken: usize,
    /// Pairs of ports in the [range](crate::RelayConfig::ports).
    pub port_pairs: usize,
    /// Legs of active calls by what people think of what arrives, in the order of [`Opinion::ALL`]; those without
    /// media are not among them.
    pub opinions: [usize; Opinion::ALL.len()],
    /// Figures of recording, playing and the like.
    pub services: ServiceMetrics,
    /// Figures of all calls together, ended and active.
    pub calls: CallMetrics,
}

impl RelayMetrics {
    pub(crate) fn note_opinions(&mut self, call: &CallMetrics) {
        for opinion in call.legs.iter().filter_map(|leg| leg.stream.opinion()) {
            self.opinions[opinion as usize] += 1;
        }
    }

    pub(crate) fn count_ended(&mut self, totals: &CallTotals) {
        match totals.reason {
            EndReason::Stopped => self.stopped_calls += 1,
            EndReason::TimedOut => self.timed_out_calls += 1,
            EndReason::Failed => self.failed_calls += 1,
        }
        self.calls.merge(&totals.metrics);
    }
}
