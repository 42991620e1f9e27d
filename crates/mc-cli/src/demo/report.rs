//! What the demo has to say, as data and as text.

use std::fmt;
use std::path::PathBuf;

use mc_engine::{BenchmarkResults, HistogramSnapshot, Stage};
use mc_relay::CallTotals;
use serde::{Serialize, Serializer};

use super::direction::Direction;
use super::measure::{Echo, Levels, Segment};

/// One value for each side of the call.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sides<T> {
    pub(super) ada: T,
    pub(super) ben: T,
}

/// Times of one stage, in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Times {
    mean: f64,
    p50: u64,
    p99: u64,
}

impl From<&HistogramSnapshot> for Times {
    fn from(snapshot: &HistogramSnapshot) -> Self {
        Self { mean: snapshot.mean.round(), p50: snapshot.p50, p99: snapshot.p99 }
    }
}

/// Times of the stages by name, in the order of [`Stage::ALL`].
#[derive(Clone, Debug)]
pub(super) struct Stages(Vec<(&'static str, Times)>);

impl Serialize for Stages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Both directions' packets, and their time from one endpoint to the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Transport {
    packets_sent: usize,
    packets_received: usize,
    packets_lost: usize,
    /// Absent when nothing arrived.
    latency_p50_us: Option<f64>,
    latency_p99_us: Option<f64>,
    latency_max_us: Option<f64>,
}

impl Transport {
    pub(super) fn of(directions: [&Direction; 2]) -> Self {
        let packets_sent = directions.iter().map(|direction| direction.sent()).sum();
        let packets_received = directions.iter().map(|direction| direction.arrived).sum();
        let latencies = directions.map(|direction| direction.latencies_us.as_slice()).concat();
        let latency = BenchmarkResults::from_samples(&latencies).ok();
        Self {
            packets_sent,
            packets_received,
            packets_lost: packets_sent - packets_received,
            latency_p50_us: latency.map(|l| l.median),
            latency_p99_us: latency.map(|l| l.p99),
            latency_max_us: latency.map(|l| l.max),
        }
    }
}

/// What the packets cost in the relay.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Cost {
    /// Heap allocations of the relay's worker, per packet that it received.
    allocations_per_packet: f64,
    /// Bytes copied from buffer to buffer, per packet.
    copied_bytes_per_packet: f64,
    /// Packets that the relay dropped.
    dropped: u64,
    /// From the end of receiving to the end of sending.
    relay_ns: Times,
    /// The parts of that, by name; a stage that no packet went through is absent.
    stages_ns: Stages,
}

impl Cost {
    pub(super) fn of(totals: &CallTotals) -> Self {
        let [mut both, b] = totals.metrics.legs.clone().map(|leg| leg.media.performance);
        both.merge(&b);
        let legs = &totals.metrics.legs;
        let received: u64 = legs.iter().map(|leg| leg.packets_received).sum();
        let allocations: u64 = legs.iter().map(|leg| leg.allocations).sum();
        let per_packet = |count: u64| count as f64 / received.max(1) as f64;
        let stages = Stage::ALL.into_iter().filter(|stage| both.stage(*stage).count > 0);
        Self {
            allocations_per_packet: per_packet(allocations),
            copied_bytes_per_packet: per_packet(both.copied_bytes),
            dropped: legs.iter().map(|leg| leg.dropped_total()).sum(),
            relay_ns: Times::from(&totals.metrics.latency),
            stages_ns: Stages(stages.map(|stage| (stage.name(), both.stage(stage).into())).collect()),
        }
    }
}

/// The whole report; its fields are the keys of `--json`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(super) seconds: u32,
    #[serde(flatten)]
    pub(super) transport: Transport,
    #[serde(flatten)]
    pub(super) cost: Cost,
    /// [`Echo::erle_db`] at the top level; absent where Ben never talked alone.
    pub(super) erle_db: Option<f32>,
    /// Ben's echo in what Ada's microphone sent.
    pub(super) echo: Option<Echo>,
    pub(super) levels: Sides<Levels>,
    pub(super) speech_segments: Sides<Vec<Segment>>,
    pub(super) files: Vec<PathBuf>,
}

impl Report {
    /// The figures that matter most, in one line.
    pub(super) fn headline(&self) -> String {
        let mut parts = Vec::new();
        if let Some(erle_db) = self.erle_db {
            parts.push(format!("echo lowered by {erle_db:.1} dB"));
        }
        if let Levels { before_dbfs: Some(before), after_dbfs: Some(after) } = self.levels.ada {
            parts.push(format!("speech from {before:.1} to {after:.1} dBFS"));
        }
        let Transport { packets_sent, packets_lost, latency_p99_us, .. } = self.transport;
        parts.push(format!("{packets_lost} of {packets_sent} packets lost"));
        if let Some(p99) = latency_p99_us {
            parts.push(format!("latency below {:.1} ms for 99 %", p99 / 1e3));
        }
        parts.join("   ·   ")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, cost, .. } = self;
        writeln!(
            f,
            "A call of {} s through the relay: Ada (PCMU, hands-free) and Ben (PCMA, headset)",
            self.seconds
        )?;
        writeln!(f)?;
        let (sent, received, lost) =
            (transport.packets_sent, transport.packets_received, transport.packets_lost);
        row(f, "packets", format_args!("{sent} sent, {received} received, {lost} lost"))?;
        let latency = (transport.latency_p50_us, transport.latency_p99_us, transport.latency_max_us);
        if let (Some(p50), Some(p99), Some(max)) = latency {
            let times = format_args!("p50 {p50:.0} µs, p99 {p99:.0} µs, max {max:.0} µs, one way");
            row(f, "latency", times)?;
        }
        let (p50, p99) = (cost.relay_ns.p50 as f64 / 1e3, cost.relay_ns.p99 as f64 / 1e3);
        row(f, "in the relay", format_args!("p50 {p50:.1} µs, p99 {p99:.1} µs from receiving to sending"))?;
        let (allocations, copied) = (cost.allocations_per_packet, cost.copied_bytes_per_packet);
        row(f, "", format_args!("{allocations} allocations and {copied} bytes copied per packet"))?;
        for (name, times) in &cost.stages_ns.0 {
            row(f, "", format_args!("{name:<13}{:>7} ns p50 {:>8} ns p99", times.p50, times.p99))?;
        }
        if let Some(Echo { erle_db, settled_erle_db, before_dbfs, after_dbfs, seconds }) = self.echo {
            let levels = format_args!("{before_dbfs:.1} -> {after_dbfs:.1} dBFS");
            row(f, "echo", format_args!("{levels} over {seconds:.1} s of Ben alone"))?;
            row(f, "", format_args!("ERLE {erle_db:.1} dB, {settled_erle_db:.1} dB in the later half"))?;
        }
        for (label, name, levels) in [("levels", "Ada", self.levels.ada), ("", "Ben", self.levels.ben)] {
            if let (Some(before), Some(after)) = (levels.before_dbfs, levels.after_dbfs) {
                row(f, label, format_args!("{name} {before:.1} -> {after:.1} dBFS while talking alone"))?;
            }
        }
        let segments = &self.speech_segments;
        for (label, name, segments) in [("speech", "Ada", &segments.ada), ("", "Ben", &segments.ben)] {
            let times: Vec<String> =
                segments.iter().map(|s| format!("{:.2}-{:.2}", s.start_s, s.end_s)).collect();
            let times = if times.is_empty() { "none".to_owned() } else { times.join(", ") + " s" };
            row(f, label, format_args!("{name} {times}"))?;
        }
        for (index, file) in self.files.iter().enumerate() {
            row(f, if index == 0 { "files" } else { "" }, format_args!("{}", file.display()))?;
        }
        Ok(())
    }
}

/// One line of the text: what it is about, then what there is to say.
fn row(f: &mut fmt::Formatter<'_>, label: &str, text: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(f, "  {label:<14}{text}")
}
