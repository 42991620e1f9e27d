//! The families of figures that `/metrics` shows. `docs/relay.md` lists them for operators.

use super::exposition::Exposition;
use super::status::Watched;
use crate::{CallMetrics, LegId, LegMetrics, Opinion, RelayMetrics, ServiceMetrics};

/// Bounds of the latency buckets in nanoseconds: 10 µs to 100 ms.
const LATENCY_BOUNDS_NS: [u64; 13] = [
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
];

/// Everything there is to say.
pub(super) fn of(watched: &Watched) -> String {
    let mut text = Exposition::default();
    text.family("mc_relay_build_info", "gauge", "Always 1; the label says what runs.");
    text.sample("mc_relay_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let uptime = watched.uptime().as_secs_f64();
    text.gauge("mc_relay_uptime_seconds", "Time since the relay began to serve.", uptime);
    let metrics = watched.relay.global_metrics();
    calls(&mut text, watched, &metrics);
    packets(&mut text, &metrics.calls);
    requests(&mut text, watched);
    services(&mut text, &metrics.services);
    text.into_text()
}

fn calls(text: &mut Exposition, watched: &Watched, metrics: &RelayMetrics) {
    let service = &watched.service;
    text.gauge("mc_relay_calls", "Calls of proxies, offered or running.", service.calls());
    if let Some(most) = watched.max_calls() {
        text.gauge("mc_relay_calls_limit", "Calls from which on offers are refused.", most);
    }
    text.gauge("mc_relay_draining", "1 while new calls are refused.", u8::from(service.is_draining()));
    text.gauge(
        "mc_relay_streams",
        "Streams that are carried; a call has one for each m= line.",
        metrics.active_calls,
    );
    let legs = "mc_relay_legs";
    text.family(legs, "gauge", "Legs that send, by what people think of what arrives.");
    for (opinion, count) in Opinion::ALL.into_iter().zip(metrics.opinions) {
        text.sample(legs, &[("opinion", opinion.name())], count);
    }
    let ended = "mc_relay_streams_ended_total";
    text.family(ended, "counter", "Streams that have ended, by why.");
    for (reason, count) in [
        ("stopped", metrics.stopped_calls),
        ("timed_out", metrics.timed_out_calls),
        ("failed", metrics.failed_calls),
    ] {
        text.sample(ended, &[("reason", reason)], count);
    }
    let load = "mc_relay_load";
    text.family(load, "gauge", "Share of its time that a worker is busy, 0 to 1.");
    for (worker, busy) in watched.relay.worker_loads().into_iter().enumerate() {
        text.sample(load, &[("worker", &worker.to_string())], busy);
    }
    text.gauge("mc_relay_port_pairs", "Pairs of ports in the range.", metrics.port_pairs);
    text.gauge("mc_relay_port_pairs_taken", "Pairs of ports bound or promised.", metrics.port_pairs_taken);
    let help = "Workers that came down with a fault and were replaced.";
    text.counter("mc_relay_worker_restarts_total", help, metrics.worker_restarts);
    text.counter("mc_relay_lost_events_total", "Events that nobody fetched in time.", metrics.lost_events);
}

/// A family of packets by leg: name, help and where its number stands.
type LegFamily = (&'static str, &'static str, fn(&LegMetrics) -> u64);

fn packets(text: &mut Exposition, metrics: &CallMetrics) {
    let families: [LegFamily; 13] = [
        ("mc_relay_packets_received_total", "Datagrams from anybody, RTCP apart.", |leg| {
            leg.packets_received
        }),
        ("mc_relay_packets_sent_total", "Packets of media sent to this leg's peer.", |leg| leg.packets_sent),
        ("mc_relay_media_bytes_received_total", "Bytes of RTP taken from this leg's peer.", |leg| {
            leg.media.performance.bytes_in
        }),
        ("mc_relay_media_bytes_passed_total", "Bytes of RTP made of them for the other leg.", |leg| {
            leg.media.performance.bytes_out
        }),
        ("mc_relay_packets_reordered_total", "Packets that came late and were passed on.", |leg| {
            leg.media.packets.reordered
        }),
        ("mc_relay_packets_played_total", "Packets of played audio made for this leg's peer.", |leg| {
            leg.packets_played
        }),
        ("mc_relay_refused_total", "Packets that the host of this leg's peer refused (ICMP).", |leg| {
            leg.refused
        }),
        ("mc_relay_rtcp_received_total", "RTCP packets from anybody.", |leg| leg.control_received),
        ("mc_relay_rtcp_sent_total", "RTCP packets sent to this leg's peer.", |leg| leg.control_sent),
        ("mc_relay_rtcp_made_total", "Receiver reports made for this leg's peer.", |leg| leg.control_made),
        ("mc_relay_rtp_expected_total", "Packets that this leg's peer has sent, by their numbers.", |leg| {
            leg.stream.expected
        }),
        ("mc_relay_rtp_arrived_total", "Those of them that arrived.", |leg| leg.stream.received),
        ("mc_relay_keys_total", "Keys that this leg's peer has pressed.", |leg| leg.stream.keys),
    ];
    let legs = LegId::ALL.map(|leg| (leg.to_string(), metrics.leg(leg)));
    for (name, help, number) in families {
        text.family(name, "counter", help);
        for (leg, metrics) in &legs {
            text.sample(name, &[("leg", leg)], number(metrics));
        }
    }
    let dropped = "mc_relay_packets_dropped_total";
    text.family(
        dropped,
        "counter",
        "Datagrams that were not passed on, by why; a reason appears with its first.",
    );
    for (leg, metrics) in &legs {
        for (reason, count) in metrics.drops() {
            text.sample(dropped, &[("leg", leg), ("reason", reason.name())], count);
        }
    }
    let help = "From receiving a packet to having sent it; buckets are exact to a sixteenth of their bound.";
    text.histogram("mc_relay_latency_seconds", help, &metrics.latency, &LATENCY_BOUNDS_NS);
}

fn requests(text: &mut Exposition, watched: &Watched) {
    let service = &watched.service;
    let refused = "mc_relay_ng_refused_total";
    text.family(refused, "counter", "Requests that were refused, by why; a reason appears with its first.");
    for (reason, count) in service.refused_by_reason() {
        text.sample(refused, &[("reason", reason)], count);
    }
    for (name, help, count) in [
        ("mc_relay_ng_requests_total", "Requests of proxies.", service.requests()),
        (
            "mc_relay_ng_repeated_total",
            "Requests that came again and had their answer again.",
            service.repeated(),
        ),
        ("mc_relay_ng_malformed_total", "Datagrams that were no requests.", service.malformed()),
        (
            "mc_relay_ng_unknown_options_total",
            "Flags and options that were ignored.",
            service.unknown_options(),
        ),
    ] {
        text.counter(name, help, count);
    }
}

fn services(text: &mut Exposition, services: &ServiceMetrics) {
    text.gauge(
        "mc_relay_recordings_active",
        "Recordings that are being written.",
        services.recordings_active,
    );
    let help = "1 while calls are written down in Redis.";
    text.gauge("mc_relay_redis_connected", help, services.redis_connected);
    text.gauge("mc_relay_forks_active", "Consumers that listen at a fork.", services.forks_active);
    for (name, help, count) in [
        ("mc_relay_recordings_total", "Recordings that were begun.", services.recordings),
        (
            "mc_relay_recordings_failed_total",
            "Recordings whose file could not be made or written.",
            services.recordings_failed,
        ),
        (
            "mc_relay_recording_packets_lost_total",
            "Packets missing in recordings because the disk was too slow.",
            services.recording_packets_lost,
        ),
        ("mc_relay_forks_total", "Consumers that have begun to listen at a fork.", services.forks),
        (
            "mc_relay_fork_packets_lost_total",
            "Packets that consumers did not hear because they were too slow.",
            services.fork_packets_lost,
        ),
        (
            "mc_relay_fork_samples_refused_total",
            "Samples (8 kHz) of consumers that found no room to wait to be said.",
            services.fork_samples_refused,
        ),
        ("mc_relay_checkpoints_total", "Records of calls written to Redis.", services.checkpoints),
        (
            "mc_relay_checkpoints_lost_total",
            "Changes of calls that found no room to wait for Redis.",
            services.checkpoints_lost,
        ),
        ("mc_relay_calls_restored_total", "Calls of another relay that are carried on.", services.restored),
        ("mc_relay_plays_total", "Clips that were begun to be played.", services.plays),
    ] {
        text.counter(name, help, count);
    }
}
