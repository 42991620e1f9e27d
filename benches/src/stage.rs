//! The least that can be called processing.

use mc_metrics::{Clock, StageTimer};
use mc_rtp_pipeline::{FrameAccess, FrameStage};
use mc_simd::SimdProcessor;

/// What the level is multiplied by.
pub(crate) const GAIN: f32 = 0.99;

/// Multiplies every sample by [`GAIN`] and measures the root mean square of what comes out.
pub(crate) struct GainAndRms {
    pub(crate) simd: SimdProcessor,
    /// Of the latest frame, full scale being 1.
    pub(crate) rms: f32,
}

impl GainAndRms {
    pub(crate) const fn new(simd: SimdProcessor) -> Self {
        Self { simd, rms: 0.0 }
    }
}

impl FrameStage for GainAndRms {
    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        self.simd.apply_gain(frame, GAIN);
        self.rms = self.simd.rms(frame);
    }
}

/// [`GAIN`] on the codes: no frame is made. The pipeline measures the level.
pub(crate) struct CodeGain;

impl FrameStage for CodeGain {
    fn access(&self) -> FrameAccess {
        FrameAccess::Gain(GAIN)
    }

    fn process<C: Clock>(&mut self, _frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {}
}
