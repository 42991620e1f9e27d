//! What a session, or an engine with all its sessions, has done.

use mc_metrics::PerformanceMetrics;
use mc_rtp_pipeline::PacketCounts;

use crate::{EndpointMetrics, ProcessorCounts};

/// Plain data, taken at one moment; [`merge`](Self::merge) sums up sessions.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MediaMetrics {
    /// Packets, bytes, pool use and the time of each stage.
    pub performance: PerformanceMetrics,
    /// Packets dropped by reason, reordered packets and changes of source.
    pub packets: PacketCounts,
    /// Frames for which a processor was bypassed.
    pub faults: ProcessorCounts,
    /// How often a processor failed and was given up, at construction or later.
    pub fallbacks: ProcessorCounts,
    /// Of legs that end here: what became of packets, what was played and sent. `None` where every leg is relayed.
    pub endpoint: Option<EndpointMetrics>,
}

impl MediaMetrics {
    /// Adds another session's metrics to these.
    pub fn merge(&mut self, other: &Self) {
        self.performance.merge(&other.performance);
        self.packets.merge(&other.packets);
        self.faults.merge(&other.faults);
        self.fallbacks.merge(&other.fallbacks);
        if let Some(endpoint) = &other.endpoint {
            self.endpoint.get_or_insert_default().merge(endpoint);
        }
    }
}
