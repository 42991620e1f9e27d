//! Questions about calls and about the relay.

use std::time::Duration;

use mc_ng::bencode::{Dictionary, Value};
use mc_ng::{Reply, Request};

use super::call::NgCall;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{CallMetrics, LegId};

impl NgService {
    /// What a call has carried so far.
    pub(super) fn query(&self, request: &Request<'_>, now: Duration) -> Result<Vec<u8>, Refusal> {
        let call = self.calls.get(request.text("call-id")?).ok_or(Refusal::UnknownCall)?;
        let age = now.saturating_sub(call.created).as_secs();
        let reply = Reply::ok().with("created", age as i64).with("totals", totals(&self.metrics_of(call)));
        Ok(reply.datagram(request.cookie))
    }

    /// The Call-IDs that are known, at most as many as asked for.
    pub(super) fn list(&self, request: &Request<'_>) -> Vec<u8> {
        let limit = match request.parameters.get("limit") {
            Some(Value::Integer(limit)) => usize::try_from(*limit).unwrap_or(0),
            _ => DEFAULT_LIST,
        };
        let calls: Vec<Value<'_>> =
            self.calls.keys().take(limit).map(|id| Value::from(id.as_str())).collect();
        Reply::ok().with("calls", calls).datagram(request.cookie)
    }

    /// Figures of the relay.
    pub(super) fn statistics(&self, request: &Request<'_>) -> Vec<u8> {
        let metrics = self.relay.global_metrics();
        let current = Dictionary::default()
            .with("sessionstotal", self.calls.len() as i64)
            .with("streamstotal", metrics.active_calls as i64);
        let ended = Dictionary::default()
            .with("regular", metrics.stopped_calls as i64)
            .with("timeout", metrics.timed_out_calls as i64)
            .with("failed", metrics.failed_calls as i64);
        let statistics = Dictionary::default()
            .with("currentstatistics", current)
            .with("endedstreams", ended)
            .with("totals", totals(&metrics.calls));
        Reply::ok().with("statistics", statistics).datagram(request.cookie)
    }

    /// Figures of all streams of a call together.
    pub(super) fn metrics_of(&self, call: &NgCall) -> CallMetrics {
        let mut sum = CallMetrics::default();
        for stream in call.running() {
            if let Ok(metrics) = self.relay.call_metrics(&stream.dialog) {
                sum.merge(&metrics);
            }
        }
        sum
    }
}

/// Calls in a list that names no limit.
const DEFAULT_LIST: usize = 32;

/// Both legs together, under the names that rtpengine's clients know.
pub(super) fn totals(metrics: &CallMetrics) -> Dictionary<'static> {
    let legs = LegId::ALL.map(|leg| metrics.leg(leg));
    let sum = |of: fn(&crate::LegMetrics) -> u64| legs.iter().map(|leg| of(leg)).sum::<u64>() as i64;
    let rtp = Dictionary::default()
        .with("packets", sum(|leg| leg.packets_sent))
        .with("bytes", sum(|leg| leg.media.performance.bytes_out))
        .with("errors", sum(|leg| leg.dropped_total()));
    let rtcp = Dictionary::default().with("packets", sum(|leg| leg.control_sent));
    Dictionary::default().with("RTP", rtp).with("RTCP", rtcp)
}
