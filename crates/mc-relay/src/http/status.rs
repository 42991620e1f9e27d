//! What a person wants to see: the relay as a whole, and each leg.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::config::PAIRS_PER_CALL;
use crate::ng::OVERLOADED;
use crate::{CallMetrics, DialogId, LegId, MediaSessionController, NgMetrics};

/// Streams that are shown one by one: the worst.
const MAX_SHOWN: usize = 100;

/// The relay, as seen from the server's threads.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) relay: Arc<MediaSessionController>,
    pub(super) service: Arc<NgMetrics>,
    since: Instant,
}

impl Watched {
    pub(super) fn new(relay: Arc<MediaSessionController>, service: Arc<NgMetrics>) -> Self {
        Self { relay, service, since: Instant::now() }
    }

    pub(super) fn uptime(&self) -> Duration {
        self.since.elapsed()
    }

    /// Most calls at a time, if there is a limit.
    pub(super) fn max_calls(&self) -> Option<usize> {
        Some(self.service.max_calls()).filter(|&most| most < usize::MAX)
    }

    /// Why a new call would be refused.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let (taken, pairs) = self.relay.port_pairs();
        let no_ports = (pairs - taken < PAIRS_PER_CALL).then_some("no ports left");
        let busy = self.relay.is_overloaded().then_some(OVERLOADED);
        self.service.refusal().or(no_ports).or(busy)
    }
}

/// The figures behind the page, as JSON. Counts are since the start; the page makes rates of them.
pub(super) fn of(watched: &Watched) -> String {
    let (relay, service) = (&watched.relay, &watched.service);
    let metrics = relay.global_metrics();
    // One that has ended meanwhile is not shown.
    let mut streams: Vec<_> = relay
        .dialogs()
        .into_iter()
        .filter_map(|dialog| relay.call_metrics(&dialog).ok().map(|metrics| (dialog, metrics)))
        .collect();
    streams.sort_by(|(one, ones), (other, others)| {
        worst(ones).total_cmp(&worst(others)).then_with(|| one.as_str().cmp(other.as_str()))
    });
    let shown: Vec<Value> = streams
        .iter()
        .take(MAX_SHOWN)
        .filter_map(|(dialog, metrics)| stream(relay, dialog, metrics))
        .collect();
    let services = &metrics.services;
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_s": watched.uptime().as_secs_f64(),
        "refusal": watched.refusal(),
        "calls": service.calls(),
        "max_calls": watched.max_calls(),
        "streams": metrics.active_calls,
        "ended": {
            "stopped": metrics.stopped_calls,
            "timed_out": metrics.timed_out_calls,
            "failed": metrics.failed_calls,
        },
        "port_pairs": { "taken": metrics.port_pairs_taken, "all": metrics.port_pairs },
        "requests": {
            "all": service.requests(),
            "refused": service.refused(),
            "reasons": service.refused_by_reason(),
        },
        "workers": relay.worker_loads(),
        "services": {
            "recordings": services.recordings_active,
            "recordings_failed": services.recordings_failed,
            "forks": services.forks_active,
        },
        "total": figures(&metrics.calls),
        "shown": shown,
    })
    .to_string()
}

/// The score of a stream's worse leg; above all scores while nothing arrives.
fn worst(metrics: &CallMetrics) -> f32 {
    metrics.legs.iter().filter_map(|leg| leg.stream.mos).fold(f32::INFINITY, f32::min)
}

fn stream(relay: &MediaSessionController, dialog: &DialogId, metrics: &CallMetrics) -> Option<Value> {
    let mut figures = figures(metrics);
    figures["dialog"] = dialog.as_str().into();
    for leg in LegId::ALL {
        let session = relay.session(dialog, leg).ok()?;
        let audio = session.audio();
        figures["legs"][leg.index()]["muted"] = session.is_muted().into();
        figures["legs"][leg.index()]["speech"] = audio.is_speech.into();
        figures["legs"][leg.index()]["erle_db"] = audio.erle_db.into();
        figures["legs"][leg.index()]["gain_db"] = audio.gain_db.into();
    }
    Some(figures)
}

fn figures(metrics: &CallMetrics) -> Value {
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let legs = LegId::ALL.map(|leg| {
        let metrics = metrics.leg(leg);
        let drops: serde_json::Map<_, _> =
            metrics.drops().map(|(reason, count)| (reason.name().to_owned(), count.into())).collect();
        json!({
            "received": metrics.packets_received,
            "sent": metrics.packets_sent,
            "reordered": metrics.media.packets.reordered,
            "dropped": metrics.dropped_total(),
            "drops": drops,
            "rtcp_received": metrics.control_received,
            "rtcp_sent": metrics.control_sent,
            "expected": metrics.stream.expected,
            "lost": metrics.stream.lost(),
            "jitter_ms": ms(metrics.stream.jitter),
            "mos": metrics.stream.mos,
            "mos_history": metrics.stream.history.scores().collect::<Vec<_>>(),
            "round_trip_ms": metrics.stream.round_trip.map(ms),
            "reported_loss": metrics.stream.reported_loss,
            "keys": metrics.stream.keys,
        })
    });
    let us = |quantile| metrics.latency.quantile(quantile) as f64 / 1e3;
    json!({ "legs": legs, "latency_us": { "p50": us(0.5), "p99": us(0.99) } })
}
