//! Acoustic echo cancellation: delay search, two Kalman filters, suppression of what they leave.
//!
//! Blocks of 4 ms, whatever the frames: see `docs/aec.md` in the repository for how the parts work together
//! and what each gains.

mod bands;
mod canceller;
mod config;
mod decimate;
mod delay;
mod distortion;
mod drift;
mod erle;
mod features;
mod kalman;
mod loudspeaker;
mod mask;
mod mask_weights;
mod noise;
mod observed;
mod offset;
mod paths;
mod probe;
mod reference;
mod resample;
mod residual;
mod rules;
mod spectra;
mod split;
mod standby;
mod status;
mod suppressor;
mod transform;
mod windows;

pub use config::{AdvancedAecConfig, Suppression};
pub use probe::MaskProbe;
pub use status::{AdvancedAecCounters, AecStatus, FilterState};

use mc_dsp::{
    ConfigError, EchoCanceller, EchoReport, ProcessError, Processor, ReferenceQueue, SampleGuard, SampleRate,
    check_frame,
};

use canceller::{BLOCK_MS, BlockCanceller};
use erle::ErleMeter;
use split::SplitBands;
use standby::State;

/// Rate that the filters work at where the audio's is higher.
const FILTER_RATE_HZ: u32 = 16_000;
/// The near end counts as talking above this probability.
const NEAR_END_TALKS: f32 = 0.5;
/// Largest magnitude that enters: 12 dB above full scale. What a few louder samples would leave in smoothed powers
/// takes seconds to fade.
const LARGEST: f32 = 4.0;
/// ERLE of the filters from which they count as converged, in dB.
const CONVERGED_DB: f32 = 10.0;

/// Echo canceller: finds the delay of the echo, predicts it with two adaptive filters, suppresses what they
/// leave and puts noise like the background in its place.
///
/// Far-end samples wait for near-end samples in a queue of 120 ms and are paired one to one, so `render` and
/// `process` need not alternate. When the queue is empty the far end counts as silent, when it is full the
/// oldest go; see [`counters`](Self::counters). The audio does not depend on how it is cut into frames.
pub struct AdvancedAcousticEchoCanceller {
    rate: SampleRate,
    config: AdvancedAecConfig,
    queue: ReferenceQueue,
    canceller: BlockCanceller,
    split: Option<SplitBands>,
    far: Box<[f32]>,
    /// The block that is being filled, up to `filled`; from there on what the last block became.
    near: Box<[f32]>,
    filled: usize,
    erle: ErleMeter,
    linear_erle: ErleMeter,
    /// Energy of the last blocks that went in, newest first: the output is late.
    late_energies: [f32; 2],
    guard: SampleGuard,
    restarts: u64,
}

impl AdvancedAcousticEchoCanceller {
    /// A canceller for one microphone.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field of `config` that is out of range.
    pub fn new(config: AdvancedAecConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        config.validate()?;
        let filter_rate = rate.hz().min(FILTER_RATE_HZ);
        let canceller = BlockCanceller::new(&config, filter_rate);
        let factor = (rate.hz() / filter_rate) as usize;
        let block = rate.samples_in_ms(BLOCK_MS);
        Ok(Self {
            rate,
            config,
            queue: ReferenceQueue::for_rate(rate),
            split: (factor > 1).then(|| SplitBands::new(&canceller, factor)),
            canceller,
            far: vec![0.0; block].into(),
            near: vec![0.0; block].into(),
            filled: 0,
            erle: ErleMeter::default(),
            linear_erle: ErleMeter::default(),
            late_energies: [0.0; 2],
            guard: SampleGuard::new(LARGEST),
            restarts: 0,
        })
    }

    /// The configuration it was made with.
    #[must_use]
    pub const fn config(&self) -> &AdvancedAecConfig {
        &self.config
    }

    /// What it found out so far.
    #[must_use]
    pub fn status(&self) -> AecStatus {
        let linear_erle_db = self.linear_erle.db();
        AecStatus {
            delay_ms: self.canceller.delay_ms(),
            near_end_probability: self.canceller.near_end(),
            linear_erle_db,
            filter: match linear_erle_db {
                _ if self.canceller.standby().state() == State::NoEcho => FilterState::Standby,
                _ if !self.canceller.far_end_active() => FilterState::Idle,
                Some(erle) if erle >= CONVERGED_DB => FilterState::Converged,
                _ => FilterState::Converging,
            },
            drift_ppm: self.canceller.drift_ppm(),
            moving_share: self.canceller.moving_share(),
        }
    }

    /// What could not be used as it came.
    #[must_use]
    pub const fn counters(&self) -> AdvancedAecCounters {
        AdvancedAecCounters {
            replaced_samples: self.guard.replaced(),
            missing_reference: self.queue.missing(),
            dropped_reference: self.queue.dropped(),
            restarts: self.restarts,
            rested_ms: self.canceller.standby().rested() * BLOCK_MS as u64,
            wakes: self.canceller.standby().wakes(),
        }
    }

    fn end_block(&mut self) {
        let energy = |signal: &[f32]| signal.iter().map(|s| s * s).sum::<f32>();
        let before = self.late_energies;
        self.late_energies = [energy(&self.near), before[0]];
        match &mut self.split {
            Some(split) => split.process(&mut self.canceller, &self.far, &mut self.near),
            None => self.canceller.process(&self.far, &mut self.near),
        }
        let after = energy(&self.near);
        if !after.is_finite() || !self.canceller.is_finite() {
            self.restart();
            return;
        }
        if self.canceller.standby().state() == State::NoEcho {
            // Nothing is removed, and what was before says nothing about an echo to come.
            (self.erle, self.linear_erle) = (ErleMeter::default(), ErleMeter::default());
        } else if self.canceller.far_end_active() && self.canceller.near_end() < NEAR_END_TALKS {
            let late = self.late_energies[self.canceller.latency_blocks()];
            self.erle.add(late, after);
            let (near, error) = self.canceller.linear_energies();
            self.linear_erle.add(near, error);
        }
    }

    /// Begins again, with a block of silence, because the state was not finite.
    fn restart(&mut self) {
        self.canceller.clear();
        if let Some(split) = &mut self.split {
            split.clear();
        }
        self.near.fill(0.0);
        self.restarts += 1;
    }
}

impl Processor for AdvancedAcousticEchoCanceller {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn latency_samples(&self) -> usize {
        let split = self.split.as_ref().map_or(0, |split| SplitBands::filter_delay(split.factor()));
        (1 + self.canceller.latency_blocks()) * self.near.len() + split
    }

    fn state_bytes(&self) -> usize {
        let split = self.split.as_ref().map_or(0, SplitBands::heap_bytes);
        let own = self.queue.heap_bytes() + 2 * size_of_val(&*self.near);
        size_of::<Self>() + own + self.canceller.heap_bytes() + split
    }

    fn model_bytes(&self) -> usize {
        self.canceller.model_bytes()
    }

    fn reset(&mut self) {
        self.queue.clear();
        self.restart();
        self.far.fill(0.0);
        self.filled = 0;
        (self.erle, self.linear_erle) = (ErleMeter::default(), ErleMeter::default());
        self.late_energies = [0.0; 2];
        self.guard.reset();
        self.restarts = 0;
    }
}

impl EchoCanceller for AdvancedAcousticEchoCanceller {
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
            self.far[self.filled] = self.queue.pop();
            let near = self.guard.pass(*sample);
            *sample = std::mem::replace(&mut self.near[self.filled], near);
            self.filled += 1;
            if self.filled == self.near.len() {
                self.filled = 0;
                self.end_block();
            }
        }
        let far_end_active = self.canceller.far_end_active();
        let near_end_active = far_end_active && self.canceller.near_end() >= NEAR_END_TALKS;
        let standby = self.canceller.standby().state() == State::NoEcho;
        Ok(EchoReport::new(self.erle.db(), near_end_active, far_end_active).with_standby(standby))
    }
}
