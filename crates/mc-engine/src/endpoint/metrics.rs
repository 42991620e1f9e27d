//! What an endpoint has done, for any thread.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use mc_rtp_pipeline::{JitterStats, PlayoutStats};

/// Packets that an endpoint sent, or left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentCounts {
    /// Packets of audio.
    pub audio: u64,
    /// Packets of keys.
    pub keys: u64,
    /// Packets that describe the noise of a pause.
    pub noise: u64,
    /// Packets that were not sent because of a pause.
    pub left_out: u64,
    /// Packets that the codec could not encode.
    pub failed: u64,
}

/// Counts of one endpoint, or the sum of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointMetrics {
    /// What became of the packets that came in.
    pub received: JitterStats,
    /// Where the samples that were played come from.
    pub played: PlayoutStats,
    /// What was sent.
    pub sent: SentCounts,
    /// RTCP packets sent.
    pub reports_sent: u64,
    /// RTCP packets received and understood.
    pub reports_received: u64,
    /// RTCP packets received that were malformed.
    pub reports_refused: u64,
}

/// As many as [`EndpointMetrics::counts`] lists.
const COUNTS: usize = 23;

impl EndpointMetrics {
    /// Every count, each at a place of its own.
    const fn counts(&mut self) -> [&mut u64; COUNTS] {
        let (r, p, s) = (&mut self.received, &mut self.played, &mut self.sent);
        [
            &mut r.accepted,
            &mut r.reordered,
            &mut r.duplicates,
            &mut r.late,
            &mut r.lost,
            &mut r.discarded,
            &mut r.strays,
            &mut r.oversized,
            &mut r.source_changes,
            &mut p.played,
            &mut p.concealed,
            &mut p.noise,
            &mut p.shortened,
            &mut p.lengthened,
            &mut p.undecodable,
            &mut s.audio,
            &mut s.keys,
            &mut s.noise,
            &mut s.left_out,
            &mut s.failed,
            &mut self.reports_sent,
            &mut self.reports_received,
            &mut self.reports_refused,
        ]
    }

    /// Adds another endpoint's counts to these.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut other = *other;
        for (mine, theirs) in self.counts().into_iter().zip(other.counts()) {
            *mine += *theirs;
        }
    }
}

/// An endpoint's latest figures; `None` for what is not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EndpointStatus {
    /// How good what is heard here is, as a mean opinion score (1 to 4.5, ITU-T G.107): from loss, the jitter buffer's
    /// delay, and half the round trip where RTCP has told it.
    pub mos: Option<f32>,
    /// The same of what the other side hears of us, from its reports.
    pub mos_at_peer: Option<f32>,
    /// From here to the other side and back.
    pub round_trip: Option<Duration>,
    /// Interarrival jitter of what is received (RFC 3550 §6.4.1).
    pub jitter: Option<Duration>,
    /// Delay of what was played last, against a packet that took the fastest way.
    pub delay: Option<Duration>,
    /// Fraction of our packets that the other side lost lately, 0 to 1, by its latest report.
    pub loss_at_peer: Option<f32>,
    /// Whether the other side has said goodbye.
    pub peer_left: bool,
}

/// What an endpoint writes and any thread reads: each figure is whole by itself.
#[derive(Debug)]
pub(crate) struct EndpointMonitor {
    counts: [AtomicU64; COUNTS],
    /// Bits of f32, the unknown as NaN: opinions, seconds, a fraction, and 1 or 0 for a yes or no.
    figures: [AtomicU32; FIGURES],
}

const FIGURES: usize = 7;

impl Default for EndpointMonitor {
    fn default() -> Self {
        let monitor = Self {
            counts: [const { AtomicU64::new(0) }; COUNTS],
            figures: [const { AtomicU32::new(0) }; FIGURES],
        };
        monitor.write_status(&EndpointStatus::default());
        monitor
    }
}

impl EndpointMonitor {
    pub(super) fn write(&self, metrics: &EndpointMetrics) {
        let mut metrics = *metrics;
        for (place, count) in self.counts.iter().zip(metrics.counts()) {
            place.store(*count, Ordering::Relaxed);
        }
    }

    pub(crate) fn metrics(&self) -> EndpointMetrics {
        let mut metrics = EndpointMetrics::default();
        for (count, place) in metrics.counts().into_iter().zip(&self.counts) {
            *count = place.load(Ordering::Relaxed);
        }
        metrics
    }

    pub(super) fn write_status(&self, status: &EndpointStatus) {
        let seconds = |duration: Option<Duration>| duration.map(|duration| duration.as_secs_f32());
        let figures: [Option<f32>; FIGURES] = [
            status.mos,
            status.mos_at_peer,
            seconds(status.round_trip),
            seconds(status.jitter),
            seconds(status.delay),
            status.loss_at_peer,
            Some(f32::from(u8::from(status.peer_left))),
        ];
        for (place, figure) in self.figures.iter().zip(figures) {
            place.store(figure.unwrap_or(f32::NAN).to_bits(), Ordering::Relaxed);
        }
    }

    pub(crate) fn status(&self) -> EndpointStatus {
        let [mos, mos_at_peer, round_trip, jitter, delay, loss_at_peer, peer_left] =
            self.figures.each_ref().map(|place| {
                Some(f32::from_bits(place.load(Ordering::Relaxed))).filter(|figure| !figure.is_nan())
            });
        let duration = |seconds: Option<f32>| seconds.and_then(|s| Duration::try_from_secs_f32(s).ok());
        EndpointStatus {
            mos,
            mos_at_peer,
            round_trip: duration(round_trip),
            jitter: duration(jitter),
            delay: duration(delay),
            loss_at_peer,
            peer_left: peer_left == Some(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_read_as_it_was_written_and_added_to_its_own() {
        let mut metrics = EndpointMetrics::default();
        for (n, count) in (1..).zip(metrics.counts()) {
            *count = n;
        }
        assert!(!format!("{metrics:?}").contains(": 0"), "every field has its place: {metrics:?}");
        let monitor = EndpointMonitor::default();
        assert_eq!(monitor.metrics(), EndpointMetrics::default());
        monitor.write(&metrics);
        assert_eq!(monitor.metrics(), metrics);
        let mut sum = metrics;
        sum.merge(&metrics);
        assert!((1..).zip(sum.counts()).all(|(n, count)| *count == 2 * n));
    }

    #[test]
    fn every_figure_is_read_as_it_was_written() {
        let monitor = EndpointMonitor::default();
        assert_eq!(monitor.status(), EndpointStatus::default());
        let ms = |ms| Some(Duration::from_millis(ms));
        let status = EndpointStatus {
            mos: Some(4.25),
            mos_at_peer: Some(3.5),
            round_trip: ms(125),
            jitter: ms(250),
            delay: ms(500),
            loss_at_peer: Some(0.125),
            peer_left: true,
        };
        monitor.write_status(&status);
        assert_eq!(monitor.status(), status);
    }
}
