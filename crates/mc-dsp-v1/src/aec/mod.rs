//! Acoustic echo cancellation with two adaptive filters in the time domain.

mod config;
mod erle;
mod filter;
mod history;
mod level;
mod paths;
mod safety;
mod whitening;

pub use config::AecConfig;

use mc_dsp::{
    ConfigError, EchoCanceller, EchoReport, ProcessError, Processor, ReferenceQueue, SampleRate, check_frame,
};

use crate::sample::SampleGuard;
use erle::ErleMeter;
use filter::{add_scaled, dot};
use history::History;
use level::Powers;
use paths::{PathControl, Transfer};
use safety::SafetyFade;
use whitening::{Signals, Whitening};

/// Decisions fall every 5 ms of audio, wherever the frames begin.
const BLOCK_MS: u32 = 5;
/// Mean square of the far end below which there is nothing to cancel: -90 dBFS.
const FAR_SILENCE: f32 = 1e-9;
/// Mean square added in the normalisation: -60 dBFS. A fainter far end, of which the echo drowns in noise,
/// teaches less.
const REGULARISATION: f32 = 1e-6;

/// What the canceller could not use as it came; counted since construction or `reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AecCounters {
    /// Samples replaced by 0 because they were not finite or beyond any audio scale.
    pub replaced_samples: u64,
    /// Near-end samples for which no far-end sample had come: taken as silence.
    pub missing_reference: u64,
    /// Far-end samples dropped, oldest first, because capture did not take them.
    pub dropped_reference: u64,
}

/// Echo canceller: two normalised-LMS filters, one that cancels and one that learns. It subtracts; it does not suppress, gate or add noise, and it adds no delay.
///
/// Far-end samples wait for near-end samples in a queue of 120 ms and are paired one to one, so `render`
/// and `process` need not alternate. When the queue is empty the far end counts as silent, when it is full
/// the oldest go; see [`counters`](Self::counters). The audio does not depend on how it is cut into frames.
#[derive(Clone, Debug)]
pub struct AcousticEchoCanceller {
    rate: SampleRate,
    config: AecConfig,
    guard: SampleGuard,
    queue: ReferenceQueue,
    far: History,
    whitening: Whitening,
    white_far: History,
    /// Weight of the oldest far-end sample first, as in the history.
    foreground: Box<[f32]>,
    background: Box<[f32]>,
    paths: PathControl,
    safety: SafetyFade,
    erle: ErleMeter,
    block: Block,
    far_end_active: bool,
}

/// Sums over the block that is being filled.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    samples: usize,
    /// Of the whitened signals.
    white: Powers,
    near: f32,
    error: f32,
    out: f32,
}

impl AcousticEchoCanceller {
    /// A canceller for one microphone.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field of `config` that is out of range.
    pub fn new(config: AecConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        config.validate()?;
        let taps = rate.samples_in_ms(config.tail_ms);
        Ok(Self {
            rate,
            config,
            guard: SampleGuard::default(),
            queue: ReferenceQueue::for_rate(rate),
            far: History::new(taps),
            whitening: Whitening::default(),
            white_far: History::new(taps),
            foreground: vec![0.0; taps].into(),
            background: vec![0.0; taps].into(),
            paths: PathControl::new(),
            safety: SafetyFade::new(rate.samples_in_ms(BLOCK_MS)),
            erle: ErleMeter::default(),
            block: Block::default(),
            far_end_active: false,
        })
    }

    /// The configuration it was made with.
    #[must_use]
    pub const fn config(&self) -> &AecConfig {
        &self.config
    }

    /// What could not be used as it came.
    #[must_use]
    pub const fn counters(&self) -> AecCounters {
        AecCounters {
            replaced_samples: self.guard.replaced(),
            missing_reference: self.queue.missing(),
            dropped_reference: self.queue.dropped(),
        }
    }

    fn cancel(&mut self, near: f32) -> f32 {
        let far = self.queue.pop();
        self.far.push(far);
        self.far_end_active = self.far.energy() > FAR_SILENCE * self.foreground.len() as f32;
        let estimate = if self.far_end_active { dot(self.far.window(), &self.foreground) } else { 0.0 };
        let error = near - estimate;
        let out = near - self.safety.next_weight() * estimate;

        let white = self.whitening.run(Signals { far, near, error });
        self.white_far.push(white.far);
        let background_error = if self.far_end_active { self.learn(white.near) } else { white.near };

        let block = &mut self.block;
        block.samples += 1;
        block.near += near * near;
        block.error += error * error;
        block.out += out * out;
        block.white.near += white.near * white.near;
        block.white.foreground += white.error * white.error;
        block.white.background += background_error * background_error;
        if block.samples == self.rate.samples_in_ms(BLOCK_MS) {
            self.end_block();
        }
        out
    }

    /// Moves the background towards what would have cancelled `near`, and returns its error.
    fn learn(&mut self, near: f32) -> f32 {
        let window = self.white_far.window();
        let error = near - dot(window, &self.background);
        let step = self.config.step_size * self.paths.step_factor();
        let energy = self.white_far.energy() + REGULARISATION * window.len() as f32;
        add_scaled(&mut self.background, window, step * error / energy);
        error
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.safety.end_block(block.near, block.error, self.paths.learnt());
        self.whitening.end_block(self.far_end_active);
        if !self.far_end_active {
            return;
        }
        match self.paths.end_block(&block.white) {
            Transfer::None => {}
            Transfer::Adopt => self.foreground.copy_from_slice(&self.background),
            Transfer::Restore => self.background.copy_from_slice(&self.foreground),
        }
        if !self.paths.near_end_active() {
            self.erle.add(block.near, block.out);
        }
    }
}

impl Processor for AcousticEchoCanceller {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn latency_samples(&self) -> usize {
        0
    }

    fn state_bytes(&self) -> usize {
        let filters = size_of_val(&*self.foreground) + size_of_val(&*self.background);
        let histories = self.far.heap_bytes() + self.white_far.heap_bytes();
        size_of::<Self>() + self.queue.heap_bytes() + histories + filters
    }

    fn reset(&mut self) {
        self.guard = SampleGuard::default();
        self.queue.clear();
        self.far.clear();
        self.whitening = Whitening::default();
        self.white_far.clear();
        self.foreground.fill(0.0);
        self.background.fill(0.0);
        self.paths = PathControl::new();
        self.safety = SafetyFade::new(self.rate.samples_in_ms(BLOCK_MS));
        self.erle = ErleMeter::default();
        self.block = Block::default();
        self.far_end_active = false;
    }
}

impl EchoCanceller for AcousticEchoCanceller {
    fn render(&mut self, far_end: &[f32]) -> Result<(), ProcessError> {
        check_frame(self.rate, far_end.len())?;
        for sample in far_end {
            self.queue.push(self.guard.pass(*sample));
        }
        Ok(())
    }

    fn process(&mut self, near_end: &mut [f32]) -> Result<EchoReport, ProcessError> {
        check_frame(self.rate, near_end.len())?;
        for sample in near_end.iter_mut() {
            let near = self.guard.pass(*sample);
            *sample = self.cancel(near);
        }
        let near_end_active = self.far_end_active && self.paths.near_end_active();
        Ok(EchoReport::new(self.erle.db(), near_end_active, self.far_end_active))
    }
}
