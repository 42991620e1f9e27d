//! The processors of one dialog.

use mc_engine::{
    AdvancedProcessorFactory, AudioProcessor, CaptureReport, Clock, ConfigError, MediaEngineConfig,
    MediaMetrics, ProcessorStates,
};

use crate::{AdvancedProcessorConfig, LegId};

/// Echo canceller, voice detector and gain control for each leg of a dialog: what one leg says is what the other's
/// echo canceller takes out of its answer.
///
/// For those whose audio does not come over the relay's own ports. Owned by one thread at a time;
/// [`process_advanced_audio`](crate::MediaSessionController::process_advanced_audio) keeps sets by their dialogs.
/// After construction nothing allocates.
#[derive(Debug)]
pub struct AdvancedProcessorSet {
    legs: [LegProcessors; 2],
}

#[derive(Debug)]
struct LegProcessors {
    processor: AudioProcessor,
    frames: u64,
}

impl AdvancedProcessorSet {
    /// The processors of `config`, made by `factory`, for an engine configured as `engine`.
    ///
    /// # Errors
    /// [`ConfigError`] of the first field that is out of range, or processor that cannot be made and has no
    /// stand-in.
    pub fn new(
        config: &AdvancedProcessorConfig,
        engine: &MediaEngineConfig,
        factory: &AdvancedProcessorFactory,
    ) -> Result<Self, ConfigError> {
        let engine = engine.clone().with_processing(config.processing());
        let leg = || {
            let processor = AudioProcessor::with_factory(&engine, factory, config.sample_rate)?;
            Ok(LegProcessors { processor, frames: 0 })
        };
        Ok(Self { legs: [leg()?, leg()?] })
    }

    /// Processes what `leg` says (f32 mono, ±1.0, 2.5 to 60 ms) in place. The result is taken for what the other
    /// leg is about to hear. `clock` times the stages of some frames.
    pub fn process<C: Clock>(&mut self, leg: LegId, frame: &mut [f32], clock: &C) -> CaptureReport {
        let own = &mut self.legs[leg.index()];
        own.frames += 1;
        let report = own.processor.process_capture_audio_v2(frame, None, clock);
        self.render(leg.other(), frame);
        report
    }

    /// Takes audio that `leg` is about to hear and that did not come from the other leg, such as a prompt, as its
    /// echo canceller's reference.
    pub fn render(&mut self, leg: LegId, far_end: &[f32]) {
        self.legs[leg.index()].processor.render_audio(far_end);
    }

    /// What stands in the place of each of a leg's processors.
    #[must_use]
    pub fn states(&self, leg: LegId) -> ProcessorStates {
        self.legs[leg.index()].processor.states()
    }

    /// What was done to one leg's audio so far; frames count as packets. Allocates.
    #[must_use]
    pub fn metrics(&self, leg: LegId) -> MediaMetrics {
        let LegProcessors { processor, frames } = &self.legs[leg.index()];
        let mut metrics = MediaMetrics::default();
        metrics.performance = processor.metrics();
        (metrics.performance.packets_in, metrics.performance.packets_out) = (*frames, *frames);
        metrics.faults = processor.faults();
        metrics.fallbacks = processor.fallbacks();
        metrics
    }

    /// Memory of the processors in bytes, stand-ins included.
    #[must_use]
    pub fn state_bytes(&self) -> usize {
        self.legs.iter().map(|leg| leg.processor.state_bytes()).sum()
    }

    /// Back to the state after construction; what was counted stays counted.
    pub fn reset(&mut self) {
        self.legs.iter_mut().for_each(|leg| leg.processor.reset());
    }
}
