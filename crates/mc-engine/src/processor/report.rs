//! What was done to one frame.

use mc_dsp::{EchoReport, GainReport, VoiceActivity};

/// What the processors did to one frame; `None` for one that is off or was bypassed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CaptureReport {
    /// The echo canceller's report.
    pub echo: Option<EchoReport>,
    /// The voice detector's opinion, on the frame without echo and before its level was changed.
    pub voice: Option<VoiceActivity>,
    /// The gain control's report.
    pub gain: Option<GainReport>,
}
