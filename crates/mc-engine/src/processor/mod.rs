//! The voice processors of one leg, in their order.

mod frames;
mod report;
mod seam;
mod slot;
mod status;

use std::fmt;
use std::sync::Arc;

use mc_dsp::{
    ConfigError, EchoCanceller, GainControl, NearEndGate, Processor, SampleRate, VoiceActivity, VoiceDetector,
};
use mc_metrics::{Clock, MetricsCollector, PerformanceMetrics, Sampler, Stage};
use mc_pool::{CopyOnWrite, PoolError, ZeroCopyAudioFrame};
use mc_simd::{SelectionPlan, SimdProcessor};

use self::frames::FrameSource;
use self::seam::Seam;
use self::slot::Slot;
use crate::config::ProcessingPlan;
use crate::{AdvancedProcessorFactory, AudioProcessingConfig, MediaEngineConfig, MediaSessionParams};

pub use self::report::CaptureReport;
pub(crate) use self::status::ProcessorMonitor;
pub use self::status::{ProcessorCounts, ProcessorState, ProcessorStates};

/// Echo canceller, voice detector and gain control of one leg, each of them optional and of either generation.
///
/// They work in this order. The echo canceller comes first, because it models a linear path, which a
/// changing gain in front of it would make a moving target. The voice detector hears the audio without
/// echo, so that the far end does not pass for the near end, and before the gain control, so that its
/// noise floor does not ride on the gain and the gain control can use its opinion of the same frame.
///
/// A frame that a processor does not take goes around it and is counted in [`faults`](Self::faults). What becomes
/// of a processor that fails is up to
/// [`fallback_to_v1_on_error`](crate::AdvancedProcessingConfig::fallback_to_v1_on_error).
pub struct AudioProcessor {
    plan: ProcessingPlan,
    echo: Slot<dyn EchoCanceller>,
    voice: Slot<dyn VoiceDetector>,
    gain: Slot<dyn GainControl>,
    /// Keeps the gain control from levelling what is left of the echo.
    near_end: NearEndGate,
    frames: FrameSource,
    /// Where the processor that goes works beside the one that comes.
    room: Box<[f32]>,
    /// What was replaced and is not yet faded out, or waits to be freed elsewhere.
    replaced: Option<Box<Self>>,
    metrics: Arc<MetricsCollector>,
    sampler: Sampler,
    monitor: Arc<ProcessorMonitor>,
}

impl AudioProcessor {
    /// The processors that `config` switches on, for audio at `rate`, with the defaults of an engine for what
    /// it leaves open.
    ///
    /// # Errors
    /// [`ConfigError`] of the first processor that refuses its configuration.
    pub fn new(config: &AudioProcessingConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        let engine = MediaEngineConfig::default().with_processing(config.clone());
        Self::with_factory(&engine, &AdvancedProcessorFactory::default(), rate)
    }

    /// The processors that `engine` is configured for, made by `factory`.
    ///
    /// # Errors
    /// [`ConfigError`] of the first field that is out of range, or processor that cannot be made and has no
    /// stand-in.
    pub fn with_factory(
        engine: &MediaEngineConfig,
        factory: &AdvancedProcessorFactory,
        rate: SampleRate,
    ) -> Result<Self, ConfigError> {
        engine.validate()?;
        let advanced = engine.advanced_processing.use_advanced_processors;
        let plan = ProcessingPlan::new(engine, &MediaSessionParams::default(), advanced);
        let metrics = Arc::new(MetricsCollector::new(plan.time_one_in));
        let processor = Self::build(plan, factory, rate, metrics, Arc::default())?;
        processor.announce();
        Ok(processor)
    }

    pub(crate) fn build(
        plan: ProcessingPlan,
        factory: &AdvancedProcessorFactory,
        rate: SampleRate,
        metrics: Arc<MetricsCollector>,
        monitor: Arc<ProcessorMonitor>,
    ) -> Result<Self, ConfigError> {
        let (fallback, longest) = (plan.fallback, rate.max_frame_samples());
        let works = plan.works();
        let pool_size = plan.pool_size.filter(|_| works);
        metrics.note_strategy("kernels", if plan.vectors { plan.simd.level().name() } else { "scalar" });
        Ok(Self {
            echo: Slot::new(
                &plan.echo,
                fallback,
                longest,
                Some(Seam::new(rate)),
                |config| AdvancedProcessorFactory::simple_echo_canceller(config, rate),
                |config| factory.echo_canceller(config, rate),
            )?,
            voice: Slot::new(
                &plan.voice,
                fallback,
                longest,
                None,
                |config| AdvancedProcessorFactory::simple_voice_detector(config, rate),
                |config| factory.voice_detector(config, rate),
            )?,
            gain: Slot::new(
                &plan.gain,
                fallback,
                longest,
                Some(Seam::new(rate)),
                |config| AdvancedProcessorFactory::simple_gain_control(config, rate),
                |config| factory.gain_control(config, rate),
            )?,
            near_end: NearEndGate::new(rate),
            frames: FrameSource::new(pool_size, longest)
                .map_err(|error| ConfigError::new(error.field(), error.value(), error.allowed()))?,
            room: vec![0.0; if works { longest } else { 0 }].into(),
            replaced: None,
            plan,
            sampler: metrics.sampler(),
            metrics,
            monitor,
        })
    }

    /// Takes what is about to be played to the leg (f32 mono, ±1.0, 2.5 to 60 ms), as the echo
    /// canceller's reference. Nothing happens without one.
    pub fn render_audio(&mut self, far_end: &[f32]) {
        if self.needs_reference() {
            self.echo.tell(&self.monitor.echo, |echo| echo.render(far_end));
            self.near_end.render(far_end);
        }
    }

    /// Lets 2.5 to 60 ms pass of which nothing came from the leg, so that the echo canceller's reference goes on.
    pub(crate) fn pass_over(&mut self, samples: usize) {
        let Some(room) = self.room.get_mut(..samples) else { return };
        room.fill(0.0);
        self.echo.tell(&self.monitor.echo, |echo| echo.process(room).map(drop));
    }

    /// Processes what comes from the leg (f32 mono, ±1.0, 2.5 to 60 ms), in place. For hosts that give the far
    /// end when they play it, by [`render_audio`](Self::render_audio).
    pub fn process_capture_audio(&mut self, frame: &mut [f32]) -> CaptureReport {
        self.capture(frame, |_| ())
    }

    /// Processes what comes from the leg with what was played to it meanwhile, and times the stages by `clock`
    /// on one frame in [`time_one_in`](crate::PerformanceConfig::time_one_in).
    /// Both are f32 mono, ±1.0, 2.5 to 60 ms; `near_end` is processed in place.
    pub fn process_capture_audio_v2<C: Clock>(
        &mut self,
        near_end: &mut [f32],
        far_end: Option<&[f32]>,
        clock: &C,
    ) -> CaptureReport {
        if let Some(far_end) = far_end {
            self.render_audio(far_end);
        }
        if !self.plan.metrics {
            return self.capture(near_end, |_| ());
        }
        let metrics = Arc::clone(&self.metrics);
        let mut timer = self.sampler.start_timer(&*metrics, clock);
        let report = self.capture(near_end, |stage| timer.lap(stage));
        timer.finish();
        report
    }

    /// As [`process_capture_audio_v2`](Self::process_capture_audio_v2), on a frame that others may be reading:
    /// copied to a frame of the session's pool if they do, in place otherwise. What others see never changes.
    ///
    /// # Errors
    /// [`PoolError`] when the copy that is needed cannot be had; the frame is then as it was.
    pub fn process_shared_audio<C: Clock>(
        &mut self,
        near_end: &mut ZeroCopyAudioFrame,
        far_end: Option<&[f32]>,
        clock: &C,
    ) -> Result<(CaptureReport, CopyOnWrite), PoolError> {
        let (samples, done) = self.frames.lend(|pool| near_end.make_mut(pool))?;
        if let CopyOnWrite::Copied { bytes } = done {
            self.frames.count_copy(bytes, &self.metrics);
        }
        Ok((self.process_capture_audio_v2(samples, far_end, clock), done))
    }

    /// Frames for which a processor was bypassed so far.
    #[must_use]
    pub fn faults(&self) -> ProcessorCounts {
        self.monitor.faults()
    }

    /// How often a processor was given up for its stand-in so far.
    #[must_use]
    pub fn fallbacks(&self) -> ProcessorCounts {
        self.monitor.fallbacks()
    }

    /// What stands in the place of each processor.
    #[must_use]
    pub fn states(&self) -> ProcessorStates {
        self.monitor.states()
    }

    /// Times of the stages, bytes copied and frames taken so far. Allocates.
    #[must_use]
    pub fn metrics(&self) -> PerformanceMetrics {
        self.metrics.snapshot()
    }

    /// The strategies of the engine's own kernels.
    #[must_use]
    pub fn selection_plan(&self) -> &SelectionPlan {
        self.plan.simd.plan()
    }

    /// Delay that the processors add to the audio, in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        // The voice detector only listens: its latency is the decision's, not the audio's.
        self.echo.latency_samples() + self.gain.latency_samples()
    }

    /// Memory of the processors in bytes, stand-ins included.
    #[must_use]
    pub fn state_bytes(&self) -> usize {
        self.echo.state_bytes() + self.voice.state_bytes() + self.gain.state_bytes()
    }

    /// Back to the state after construction, but a processor that was given up stays so; what was counted stays
    /// counted.
    pub fn reset(&mut self) {
        self.echo.reset();
        self.voice.reset();
        self.gain.reset();
        self.near_end.reset();
    }

    /// Processes a frame and calls `lap` at the end of each processor's part.
    pub(crate) fn capture(&mut self, frame: &mut [f32], lap: impl FnMut(Stage)) -> CaptureReport {
        if self.plan.zero_copy {
            return self.process(frame, lap);
        }
        let Ok(mut copy) = self.frames.copy(frame, &self.metrics) else {
            return self.process(frame, lap);
        };
        let report = self.process(&mut copy, lap);
        frame.copy_from_slice(&copy);
        self.metrics.copied_bytes.add(size_of_val(frame) as u64);
        report
    }

    fn process(&mut self, frame: &mut [f32], mut lap: impl FnMut(Stage)) -> CaptureReport {
        let (simd, monitor) = (self.plan.simd, &*self.monitor);
        let mut replaced = self.replaced.as_deref_mut();
        let mut report = CaptureReport::default();
        if self.echo.is_on() || self.echo.is_new {
            let is_sound = |_: &_, frame: &[f32]| simd.energy(frame).is_finite();
            let mut run = |echo: &mut Slot<dyn EchoCanceller>, frame: &mut [f32]| {
                echo.run(frame, &monitor.echo, |echo, frame| echo.process(frame), is_sound)
            };
            let old = replaced.as_mut().map(|replaced| &mut replaced.echo);
            report.echo = fade_in(&mut self.echo, old, frame, &mut self.room, simd, &mut run);
            lap(Stage::EchoCancel);
        }
        if self.voice.is_on() {
            let is_sound = |voice: &VoiceActivity, _: &[f32]| voice.probability.is_finite();
            report.voice =
                self.voice.run(frame, &monitor.voice, |voice, frame| voice.process(frame), is_sound);
            lap(Stage::VoiceDetect);
        }
        if self.gain.is_on() || self.gain.is_new {
            let speech = self.near_end.speech_probability(frame, report.echo, report.voice);
            let is_sound = |_: &_, frame: &[f32]| simd.energy(frame).is_finite();
            let mut run = |gain: &mut Slot<dyn GainControl>, frame: &mut [f32]| {
                gain.run(frame, &monitor.gain, |gain, frame| gain.process(frame, speech), is_sound)
            };
            let old = replaced.as_mut().map(|replaced| &mut replaced.gain);
            report.gain = fade_in(&mut self.gain, old, frame, &mut self.room, simd, &mut run);
            lap(Stage::GainControl);
        }
        report
    }

    /// Goes over to `next`'s settings with the next frame, which fades from the old processors to the new ones.
    /// A processor whose settings stay the same goes on with what it has learnt.
    pub(crate) fn replace(&mut self, mut next: Box<Self>) {
        std::mem::swap(self, &mut *next);
        let old = &mut *next;
        self.echo.inherit(&mut old.echo, self.plan.echo == old.plan.echo);
        self.voice.inherit(&mut old.voice, self.plan.voice == old.plan.voice);
        self.gain.inherit(&mut old.gain, self.plan.gain == old.plan.gain);
        self.near_end = old.near_end;
        self.announce();
        self.replaced = Some(next);
    }

    /// Whether something replaced is still here, faded out or not.
    pub(crate) const fn has_replaced(&self) -> bool {
        self.replaced.is_some()
    }

    /// What was replaced, once it is faded out.
    pub(crate) fn take_replaced(&mut self) -> Option<Box<Self>> {
        if self.echo.is_new || self.gain.is_new { None } else { self.replaced.take() }
    }

    /// Tells the monitor what stands where.
    pub(crate) fn announce(&self) {
        self.echo.announce(&self.monitor.echo);
        self.voice.announce(&self.monitor.voice);
        self.gain.announce(&self.monitor.gain);
    }

    /// Whether any processor changes the audio.
    pub(crate) fn changes_audio(&self) -> bool {
        self.echo.is_on() || self.gain.is_on() || self.echo.is_new || self.gain.is_new
    }

    /// Whether any processor needs the audio at all.
    pub(crate) fn needs_audio(&self) -> bool {
        self.changes_audio() || self.voice.is_on()
    }

    /// Whether there is an echo canceller to render for.
    pub(crate) const fn needs_reference(&self) -> bool {
        self.echo.is_on()
    }

    pub(crate) const fn uses_vectors(&self) -> bool {
        self.plan.vectors
    }

    /// Whether stages are timed and figures published.
    pub(crate) const fn is_watched(&self) -> bool {
        self.plan.metrics
    }
}

impl fmt::Debug for AudioProcessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioProcessor").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// Lets `slot` work on `frame`, on its first frame together with what it has replaced: their outputs cross.
fn fade_in<P: Processor + ?Sized, R>(
    slot: &mut Slot<P>,
    old: Option<&mut Slot<P>>,
    frame: &mut [f32],
    room: &mut [f32],
    simd: SimdProcessor,
    run: &mut impl FnMut(&mut Slot<P>, &mut [f32]) -> Option<R>,
) -> Option<R> {
    let first = std::mem::take(&mut slot.is_new);
    let (Some(old), Some(room)) = (old.filter(|_| first), room.get_mut(..frame.len())) else {
        return run(slot, frame);
    };
    room.copy_from_slice(frame);
    run(old, room);
    let report = run(slot, frame);
    simd.crossfade(room, frame);
    frame.copy_from_slice(room);
    report
}
