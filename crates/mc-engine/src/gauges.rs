//! The processors' latest figures, for any thread.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use crate::CaptureReport;

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

/// Each figure is whole by itself; two of them may stem from neighbouring frames.
#[derive(Debug)]
pub(crate) struct AudioGauges {
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
    pub(crate) fn write(&self, report: &CaptureReport) {
        let erle_db = report.echo.and_then(|echo| echo.erle_db).unwrap_or(f32::NAN);
        let gain_db = report.gain.map_or(f32::NAN, |gain| gain.gain_db);
        let is_speech = report.voice.map_or(UNDECIDED, |voice| u8::from(voice.is_speech));
        self.erle_db.store(erle_db.to_bits(), Ordering::Relaxed);
        self.gain_db.store(gain_db.to_bits(), Ordering::Relaxed);
        self.is_speech.store(is_speech, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> AudioStatus {
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
