//! Questions about calls and about the relay.

use mc_ng::bencode::{Dictionary, Value};
use mc_ng::{Reply, Request};

use super::figures::totals;
use super::refusal::Refusal;
use super::service::NgService;
use crate::Opinion;

impl NgService {
    /// What a call has carried so far.
    pub(super) fn query(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let call = self.calls.get(request.text("call-id")?).ok_or(Refusal::UnknownCall)?;
        Ok(self.figures(call, request.cookie))
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
        let legs = Opinion::ALL.into_iter().zip(metrics.opinions);
        let legs = legs
            .fold(Dictionary::default(), |legs, (opinion, count)| legs.with(opinion.name(), count as i64));
        let statistics = Dictionary::default()
            .with("currentstatistics", current)
            .with("endedstreams", ended)
            .with("legs", legs)
            .with("totals", totals(&metrics.calls));
        Reply::ok().with("statistics", statistics).datagram(request.cookie)
    }
}

/// Calls in a list that names no limit.
const DEFAULT_LIST: usize = 32;
