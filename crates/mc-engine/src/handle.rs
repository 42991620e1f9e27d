//! The control side of a session, for any thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use mc_metrics::MetricsCollector;
use mc_rtp_pipeline::PacketCounters;

use crate::faults::FaultCounters;
use crate::{CaptureReport, MediaMetrics, MediaSessionId};

/// Watches and steers a session from any thread, through atomics: the session never waits for it. It may
/// outlive the session.
#[derive(Clone, Debug)]
pub struct MediaSessionHandle {
    shared: Arc<SessionShared>,
}

impl MediaSessionHandle {
    pub(crate) const fn new(shared: Arc<SessionShared>) -> Self {
        Self { shared }
    }

    /// The session's number.
    #[must_use]
    pub fn id(&self) -> MediaSessionId {
        self.shared.id
    }

    /// Replaces what comes from the leg by silence, from the next packet on, or lets it through again.
    /// The stream of packets goes on, and so do the processors.
    pub fn set_muted(&self, muted: bool) {
        self.shared.muted.store(muted, Ordering::Relaxed);
    }

    /// Whether the leg is muted.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.shared.is_muted()
    }

    /// Ends the session's work for good: it drops every packet from now on, and whoever owns it sees
    /// [`MediaSession::is_active`](crate::MediaSession::is_active) turn false and can let go of it.
    pub fn stop(&self) {
        self.shared.active.store(false, Ordering::Relaxed);
    }

    /// Whether the session works: neither stopped nor gone.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.shared.is_active()
    }

    /// What the session has done so far. Allocates.
    #[must_use]
    pub fn metrics(&self) -> MediaMetrics {
        self.shared.metrics()
    }

    /// What the processors said of the latest frame.
    #[must_use]
    pub fn audio(&self) -> AudioStatus {
        self.shared.gauges.read()
    }
}

/// The latest figures of a session's processors; `None` for a processor that is off, was bypassed for
/// the latest frame, or has nothing to say yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AudioStatus {
    /// Echo return loss enhancement of late, in dB.
    pub erle_db: Option<f32>,
    /// Gain of the gain control, in dB.
    pub gain_db: Option<f32>,
    /// The voice detector's decision.
    pub is_speech: Option<bool>,
}

/// What a session and its handles share.
#[derive(Debug)]
pub(crate) struct SessionShared {
    pub(crate) id: MediaSessionId,
    muted: AtomicBool,
    active: AtomicBool,
    metrics: Arc<MetricsCollector>,
    counters: Arc<PacketCounters>,
    faults: Arc<FaultCounters>,
    gauges: AudioGauges,
}

impl SessionShared {
    pub(crate) fn new(
        id: MediaSessionId,
        metrics: Arc<MetricsCollector>,
        counters: Arc<PacketCounters>,
        faults: Arc<FaultCounters>,
    ) -> Self {
        let (muted, active) = (AtomicBool::new(false), AtomicBool::new(true));
        Self { id, muted, active, metrics, counters, faults, gauges: AudioGauges::default() }
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    pub(crate) fn deactivate(&self) {
        self.active.store(false, Ordering::Relaxed);
    }

    pub(crate) fn publish(&self, report: &CaptureReport) {
        self.gauges.write(report);
    }

    pub(crate) fn metrics(&self) -> MediaMetrics {
        MediaMetrics {
            performance: self.metrics.snapshot(),
            packets: self.counters.snapshot(),
            faults: self.faults.snapshot(),
        }
    }
}

/// Each figure is whole by itself; two of them may stem from neighbouring frames.
#[derive(Debug)]
struct AudioGauges {
    /// Bits of an f32; NaN is `None`.
    erle_db: AtomicU32,
    gain_db: AtomicU32,
    /// 0 and 1 are the decision, [`UNDECIDED`] is `None`.
    is_speech: AtomicU8,
}

const UNDECIDED: u8 = 2;

impl Default for AudioGauges {
    fn default() -> Self {
        let none = f32::NAN.to_bits();
        Self {
            erle_db: AtomicU32::new(none),
            gain_db: AtomicU32::new(none),
            is_speech: AtomicU8::new(UNDECIDED),
        }
    }
}

impl AudioGauges {
    fn write(&self, report: &CaptureReport) {
        let erle_db = report.echo.and_then(|echo| echo.erle_db).unwrap_or(f32::NAN);
        let gain_db = report.gain.map_or(f32::NAN, |gain| gain.gain_db);
        let is_speech = report.voice.map_or(UNDECIDED, |voice| u8::from(voice.is_speech));
        self.erle_db.store(erle_db.to_bits(), Ordering::Relaxed);
        self.gain_db.store(gain_db.to_bits(), Ordering::Relaxed);
        self.is_speech.store(is_speech, Ordering::Relaxed);
    }

    fn read(&self) -> AudioStatus {
        let number = |gauge: &AtomicU32| {
            Some(f32::from_bits(gauge.load(Ordering::Relaxed))).filter(|value| !value.is_nan())
        };
        let decision = self.is_speech.load(Ordering::Relaxed);
        AudioStatus {
            erle_db: number(&self.erle_db),
            gain_db: number(&self.gain_db),
            is_speech: (decision != UNDECIDED).then_some(decision == 1),
        }
    }
}
