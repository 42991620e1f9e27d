//! Figures of a leg's stream, as any thread reads them.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use mc_engine::Counter;

use super::Opinion;
use super::history::{HistoryGauge, MosHistory};

/// How the stream of one leg's peer arrives, and how that peer hears the other side. Of several streams together:
/// the sums of the counts, and the worst of the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StreamMetrics {
    /// Packets that the peer has sent, as their sequence numbers tell (RFC 3550 §A.3).
    pub expected: u64,
    /// Those of them that arrived and were taken, late ones too.
    pub received: u64,
    /// Interarrival jitter (RFC 3550 §A.8).
    pub jitter: Duration,
    /// Mean opinion score that people would give what arrives, 1 to 4.5, by the E-model (ITU-T G.107) from losses,
    /// jitter and round trip of the latest [interval](crate::RelayConfig::review_interval), and from the
    /// [codec](crate::LegConfig::impairment). `None` while nothing arrives.
    pub mos: Option<f32>,
    /// The scores of all intervals so far.
    pub scores: MosScores,
    /// Those of the latest intervals one by one; of one stream only.
    pub history: MosHistory,
    /// Who sends, once anybody has.
    pub ssrc: Option<u32>,
    /// To the peer and back, without the time that the peer took to answer. `None` until RTCP has told.
    pub round_trip: Option<Duration>,
    /// Share of what was sent to the peer of late that it says was lost on the way, 0 to 1. `None` until RTCP has
    /// told.
    pub reported_loss: Option<f32>,
    /// Keys that the peer has pressed (RFC 4733).
    pub keys: u64,
}

impl StreamMetrics {
    /// Packets that have not arrived, so far.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }

    /// What people think of what arrives.
    #[must_use]
    pub fn opinion(&self) -> Option<Opinion> {
        self.mos.map(Opinion::of)
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.scores.merge(&other.scores);
        self.history = MosHistory::default();
        self.ssrc = self.ssrc.or(other.ssrc);
        self.expected += other.expected;
        self.received += other.received;
        self.keys += other.keys;
        self.jitter = self.jitter.max(other.jitter);
        self.mos = [self.mos, other.mos].into_iter().flatten().reduce(f32::min);
        self.round_trip = self.round_trip.max(other.round_trip);
        self.reported_loss = [self.reported_loss, other.reported_loss].into_iter().flatten().reduce(f32::max);
    }
}

/// Mean opinion scores of several intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MosScores {
    /// Intervals in which something arrived.
    pub count: u64,
    /// Their sum.
    pub sum: f32,
    /// The lowest; `None` before the first.
    pub lowest: Option<f32>,
    /// The highest; `None` before the first.
    pub highest: Option<f32>,
}

impl MosScores {
    /// Their mean; `None` before the first.
    #[must_use]
    pub fn mean(&self) -> Option<f32> {
        (self.count > 0).then(|| self.sum / self.count as f32)
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.lowest = [self.lowest, other.lowest].into_iter().flatten().reduce(f32::min);
        self.highest = [self.highest, other.highest].into_iter().flatten().reduce(f32::max);
    }
}

/// Not known, where a number may be unknown.
const UNKNOWN: u32 = u32::MAX;
/// No SSRC has so many bits.
const NOBODY: u64 = u64::MAX;
/// Steps of a score that are told apart.
const MOS_STEPS: f32 = 100.0;
/// Steps of a share lost, as RTCP counts them.
pub(super) const LOSS_STEPS: f32 = 256.0;

/// Written by the worker that carries the call, each figure whole by itself; read by any thread.
#[derive(Debug)]
pub(crate) struct WatchGauges {
    pub(super) expected: AtomicU64,
    pub(super) received: AtomicU64,
    pub(super) jitter_us: AtomicU32,
    /// Scores are in hundredths.
    mos: AtomicU32,
    lowest: AtomicU32,
    highest: AtomicU32,
    scores: Counter,
    sum: Counter,
    history: HistoryGauge,
    round_trip_us: AtomicU32,
    reported_loss: AtomicU32,
    pub(super) ssrc: AtomicU64,
    pub(super) keys: Counter,
    /// Set by whoever wants it: keys of this leg are dropped.
    pub(crate) keys_blocked: AtomicBool,
}

impl Default for WatchGauges {
    fn default() -> Self {
        let [mos, lowest, round_trip_us, reported_loss] = [UNKNOWN; 4].map(AtomicU32::new);
        Self {
            expected: AtomicU64::default(),
            received: AtomicU64::default(),
            jitter_us: AtomicU32::default(),
            mos,
            lowest,
            highest: AtomicU32::default(),
            scores: Counter::default(),
            sum: Counter::default(),
            history: HistoryGauge::default(),
            round_trip_us,
            reported_loss,
            ssrc: AtomicU64::new(NOBODY),
            keys: Counter::default(),
            keys_blocked: AtomicBool::default(),
        }
    }
}

impl WatchGauges {
    /// Sets the score of another interval.
    pub(super) fn set_mos(&self, mos: Option<f32>) {
        self.history.note(mos);
        let Some(mos) = mos else { return self.mos.store(UNKNOWN, Ordering::Relaxed) };
        let steps = (mos * MOS_STEPS).round() as u32;
        self.mos.store(steps, Ordering::Relaxed);
        // This thread alone writes.
        self.lowest.store(steps.min(self.lowest.load(Ordering::Relaxed)), Ordering::Relaxed);
        self.highest.store(steps.max(self.highest.load(Ordering::Relaxed)), Ordering::Relaxed);
        self.scores.add(1);
        self.sum.add(steps.into());
    }

    pub(super) fn set_round_trip(&self, round_trip: Duration) {
        let us = u32::try_from(round_trip.as_micros()).unwrap_or(UNKNOWN);
        self.round_trip_us.store(us, Ordering::Relaxed);
    }

    pub(super) fn set_reported_loss(&self, fraction: u8) {
        self.reported_loss.store(fraction.into(), Ordering::Relaxed);
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        known(&self.round_trip_us).map(|us| Duration::from_micros(us.into()))
    }

    pub(crate) fn read(&self) -> StreamMetrics {
        let score = |gauge: &AtomicU32| known(gauge).map(|steps| steps as f32 / MOS_STEPS);
        let count = self.scores.get();
        let scores = MosScores {
            count,
            sum: self.sum.get() as f32 / MOS_STEPS,
            lowest: score(&self.lowest),
            highest: score(&self.highest).filter(|_| count > 0),
        };
        StreamMetrics {
            scores,
            history: self.history.read(),
            ssrc: u32::try_from(self.ssrc.load(Ordering::Relaxed)).ok(),
            // In this order, and not the other: what is received was expected before.
            received: self.received.load(Ordering::Relaxed),
            expected: self.expected.load(Ordering::Relaxed),
            jitter: Duration::from_micros(self.jitter_us.load(Ordering::Relaxed).into()),
            mos: score(&self.mos),
            round_trip: self.round_trip(),
            reported_loss: known(&self.reported_loss).map(|steps| steps as f32 / LOSS_STEPS),
            keys: self.keys.get(),
        }
    }
}

fn known(gauge: &AtomicU32) -> Option<u32> {
    Some(gauge.load(Ordering::Relaxed)).filter(|&value| value != UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_they_were_written() {
        let gauges = WatchGauges::default();
        assert_eq!(gauges.read(), StreamMetrics::default());
        gauges.set_mos(Some(4.41));
        gauges.set_round_trip(Duration::from_millis(80));
        gauges.set_reported_loss(64);
        let read = gauges.read();
        assert_eq!((read.mos, read.round_trip), (Some(4.41), Some(Duration::from_millis(80))));
        assert_eq!(read.reported_loss, Some(0.25));
        gauges.set_mos(Some(2.0));
        gauges.set_mos(None);
        let read = gauges.read();
        assert_eq!((read.mos, read.scores.lowest, read.scores.highest), (None, Some(2.0), Some(4.41)));
        assert_eq!(read.history.scores().skip(13).collect::<Vec<_>>(), [Some(4.5), Some(2.0), None]);
        assert_eq!((read.scores.count, read.scores.mean()), (2, Some(6.41 / 2.0)));
    }

    #[test]
    fn of_several_streams_the_worst_is_told() {
        let one = StreamMetrics { expected: 10, received: 8, mos: Some(4.0), keys: 1, ..Default::default() };
        let mut sum = StreamMetrics { reported_loss: Some(0.5), ..one };
        let round_trip = Some(Duration::from_millis(5));
        sum.merge(&StreamMetrics { mos: Some(3.0), round_trip, ..one });
        sum.merge(&StreamMetrics { jitter: Duration::from_millis(2), ..Default::default() });
        assert_eq!((sum.expected, sum.lost(), sum.keys), (20, 4, 2));
        assert_eq!((sum.mos, sum.reported_loss, sum.round_trip), (Some(3.0), Some(0.5), round_trip));
        assert_eq!(sum.jitter, Duration::from_millis(2));
    }
}
