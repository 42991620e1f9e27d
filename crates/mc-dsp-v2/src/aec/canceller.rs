//! One block of a band of 4 or 8 kHz: delay, filters, suppressor.

use super::config::AdvancedAecConfig;
use super::delay::DelayEstimator;
use super::features::FEATURES;
use super::offset::Offset;
use super::paths::{EchoPaths, Shape};
use super::reference::Reference;
use super::resample::Resampler;
use super::standby::{Shown, Standby, State};
use super::suppressor::{FilterView, Suppressor};
use super::transform::Transform;

/// Length of a block.
pub(super) const BLOCK_MS: u32 = 4;
/// Blocks in a partition of the filters. Longer partitions tell the harmonics of two talkers apart, which
/// decides how much the filters suffer while both talk.
const STRIDE: usize = 2;
/// What may sound before the lag that the estimator finds: the strongest path is not always the first.
const HEADROOM_BLOCKS: usize = 2;
/// The lag may move this far into the modelled path before the reference is moved after it.
const DRIFT_BLOCKS: usize = 12;
/// Uncertainty of the weights after the reference was moved, as a share of that at the start.
const DOUBT_AFTER_MOVE: f32 = 0.3;

/// Mean square of the far end below which there is nothing to cancel: -90 dBFS.
const FAR_SILENCE: f32 = 1e-9;
/// What sounds on in the room behind the filters' reach, in milliseconds.
const REVERBERATION_MS: u32 = 600;
/// While nothing comes back, far end and near end are compared in one of so many steps of 32 ms.
const STANDBY_PACE: u32 = 2;

/// Removes the echo of one far end from one near end, block by block.
pub(super) struct BlockCanceller {
    block: usize,
    decimation: usize,
    transform: Transform,
    offset: Offset,
    reference: Reference,
    delay: DelayEstimator,
    /// The delay's transform where it is not as long as the filters'.
    delay_transform: Option<Transform>,
    aligned: bool,
    standby: Standby,
    paths: EchoPaths,
    suppressor: Option<Suppressor>,
    near: Box<[f32]>,
}

impl BlockCanceller {
    /// For `rate_hz` of 8000 or 16000.
    pub(super) fn new(config: &AdvancedAecConfig, rate_hz: u32) -> Self {
        let block = (rate_hz * BLOCK_MS / 1_000) as usize;
        let block_ms = BLOCK_MS as f32;
        let partitions = config.tail_ms.div_ceil(BLOCK_MS).div_ceil(STRIDE as u32) as usize;
        let shape = Shape { block, block_ms, stride: STRIDE, partitions };
        let max_delay = config.max_delay_ms.div_ceil(BLOCK_MS) as usize;
        let transform = Transform::new(2 * shape.length());
        let same = 2 * shape.length() == DelayEstimator::FRAME;
        Self {
            block,
            decimation: rate_hz as usize / DelayEstimator::RATE_HZ,
            reference: Reference::new(block, STRIDE, partitions, max_delay),
            transform,
            offset: Offset::new(),
            delay: DelayEstimator::new(rate_hz as usize, block, config.max_delay_ms as usize),
            delay_transform: (!same).then(|| Transform::new(DelayEstimator::FRAME)),
            aligned: false,
            standby: Standby::new(
                config.standby,
                (config.max_delay_ms + config.tail_ms + REVERBERATION_MS) as f32,
                block_ms,
            ),
            paths: EchoPaths::new(&shape),
            suppressor: Suppressor::new(
                config.suppression,
                (block, shape.length() + 1),
                block_ms,
                f64::from(rate_hz) / 2.0,
                config.floor_db,
            ),
            near: vec![0.0; block].into(),
        }
    }

    /// Samples in a block.
    pub(super) const fn block(&self) -> usize {
        self.block
    }

    /// Blocks by which the output is late.
    pub(super) const fn latency_blocks(&self) -> usize {
        self.suppressor.is_some() as usize
    }

    /// Replaces `near` by what is left without the echo of `far`.
    pub(super) fn process(&mut self, far: &[f32], near: &mut [f32]) {
        self.offset.take(near);
        self.reference.store(far);
        if let Some(before) = self.standby.begin(power(far), self.delay.hears_echo()) {
            self.resume(before);
        }
        match self.standby.state() {
            State::Working => self.work(far, near),
            State::NoEcho => {
                self.find_delay(far, near, STANDBY_PACE);
                self.pass(near);
            }
            // What the delay is found by is all silence by now.
            State::Silence => self.pass(near),
        }
        self.offset.put_back(near, self.latency_blocks());
    }

    fn work(&mut self, far: &[f32], near: &mut [f32]) {
        self.reference.advance(&mut self.transform);
        if let Some(delay_s) = self.find_delay(far, near, 1) {
            self.align(delay_s);
        }
        if let Some(ppm) = self.paths.process(near, &self.reference, &mut self.transform) {
            self.reference.add_drift(ppm);
        }
        let (weights, heard, error) = self.paths.kept();
        self.reference.loudspeaker().learn(weights, error, heard, &mut self.transform);
        self.near.copy_from_slice(near);
        near.copy_from_slice(self.paths.error());
        let shown = Shown {
            near: &self.near,
            error: self.paths.error(),
            far_power: self.reference.power(),
            echo_heard: self.delay.hears_echo(),
        };
        if self.standby.end(&shown) {
            let length = near.len() as f32;
            for (n, (error, near)) in near.iter_mut().zip(&self.near).enumerate() {
                *error += (n + 1) as f32 / length * (near - *error);
            }
            if self.standby.state() == State::NoEcho {
                self.delay.forget_lag();
            }
        }
        let far_active = self.far_end_active();
        if let Some(suppressor) = &mut self.suppressor {
            let filters = FilterView {
                misalignment: self.paths.misalignment(),
                far_energy: self.reference.energy(),
                far_active,
                samples: 2 * STRIDE * self.block,
            };
            suppressor.process(near, &self.near, &filters);
        }
    }

    /// See [`DelayEstimator::process`].
    fn find_delay(&mut self, far: &[f32], near: &[f32], pace: u32) -> Option<f32> {
        let transform = self.delay_transform.as_mut().unwrap_or(&mut self.transform);
        self.delay.process(far, near, self.decimation, pace, transform)
    }

    /// Lets a block pass while there is nothing to cancel.
    fn pass(&mut self, near: &mut [f32]) {
        if let Some(suppressor) = &mut self.suppressor {
            suppressor.pass(near);
        }
    }

    /// Goes back to work. The far end is known as if it had been worked on all the time; what was learnt about its
    /// echo stays unless there was none.
    fn resume(&mut self, before: State) {
        let another = before == State::NoEcho;
        if another {
            self.paths.clear();
            self.aligned = false;
        }
        match self.delay.delay_s().filter(|_| another) {
            Some(delay_s) => self.align(delay_s),
            None => self.reference.look_back(&mut self.transform),
        }
        if let Some(suppressor) = &mut self.suppressor {
            suppressor.resume(another);
        }
    }

    /// Moves the reference so that the modelled path begins shortly before the echo.
    fn align(&mut self, delay_s: f32) {
        let lag = (delay_s * 1_000.0 / BLOCK_MS as f32) as usize;
        // Whole partitions, so that weights can move with it.
        let target = lag.saturating_sub(HEADROOM_BLOCKS) / STRIDE * STRIDE;
        let current = self.reference.delay();
        if !self.aligned {
            // Until now the path was modelled from a delay of 0: what was learnt stays where it is in time.
            self.aligned = true;
            self.paths.shift((target as isize - current as isize) / STRIDE as isize);
            self.reference.set_delay(target, &mut self.transform);
        } else if lag < current || lag > current + DRIFT_BLOCKS {
            // The same path, earlier or later: what was learnt moves with it.
            self.reference.set_delay(target, &mut self.transform);
            self.paths.loosen(DOUBT_AFTER_MOVE);
        }
    }

    /// Delay of the echo in milliseconds, once found.
    pub(super) fn delay_ms(&self) -> Option<f32> {
        self.delay.delay_s().map(|seconds| 1_000.0 * seconds)
    }

    /// See [`AecStatus::drift_ppm`](super::AecStatus::drift_ppm).
    pub(super) fn drift_ppm(&self) -> f32 {
        self.reference.drift_ppm()
    }

    /// Probability that the near end talks, 0 to 1; 0 without suppressor, and 1 while no echo can be meant.
    pub(super) fn near_end(&self) -> f32 {
        if self.standby.state() == State::NoEcho {
            return 1.0;
        }
        self.suppressor.as_ref().map_or(0.0, Suppressor::near_end)
    }

    /// What the filters left of the last block.
    pub(super) fn error(&self) -> &[f32] {
        self.paths.error()
    }

    /// What the learned mask saw of the last block, where it works.
    pub(super) fn mask_features(&self) -> Option<&[f32; FEATURES]> {
        self.suppressor.as_ref().and_then(Suppressor::features)
    }

    /// Gain that suits what lies above the band.
    pub(super) fn upper_gain(&self) -> f32 {
        self.suppressor.as_ref().map_or(1.0, Suppressor::upper_gain)
    }

    /// Whether the far end was heard within the reach of the filters.
    pub(super) fn far_end_active(&self) -> bool {
        if self.standby.state() == State::NoEcho {
            return self.standby.far_end_sounds();
        }
        self.reference.energy() > FAR_SILENCE * (self.block * self.block) as f32
    }

    /// Whether it works, and for what reason not.
    pub(super) const fn standby(&self) -> &Standby {
        &self.standby
    }

    /// Energies of the last block before and after the filters.
    pub(super) fn linear_energies(&self) -> (f32, f32) {
        let energy = |signal: &[f32]| signal.iter().map(|s| s * s).sum();
        (energy(&self.near), energy(self.paths.error()))
    }

    /// Share of the model that follows a moving path, 0 to 1.
    pub(super) const fn moving_share(&self) -> f32 {
        self.paths.blend()
    }

    pub(super) fn is_finite(&self) -> bool {
        self.paths.is_finite()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let transforms =
            self.transform.heap_bytes() + self.delay_transform.as_ref().map_or(0, Transform::heap_bytes);
        let parts = transforms + self.reference.heap_bytes() + self.delay.heap_bytes();
        let suppressor = self.suppressor.as_ref().map_or(0, Suppressor::heap_bytes);
        parts + self.paths.heap_bytes() + suppressor + size_of_val(&*self.near)
    }

    /// Memory of the constant tables in bytes.
    pub(super) fn model_bytes(&self) -> usize {
        let suppressor = self.suppressor.as_ref().map_or(0, Suppressor::model_bytes);
        let delay = self.delay_transform.as_ref().map_or(0, Transform::table_bytes);
        suppressor + self.transform.table_bytes() + delay + Resampler::table_bytes()
    }

    pub(super) fn clear(&mut self) {
        self.reference.clear();
        self.delay.clear();
        self.aligned = false;
        self.standby.clear();
        self.paths.clear();
        self.offset = Offset::new();
        if let Some(suppressor) = &mut self.suppressor {
            suppressor.clear();
        }
        self.near.fill(0.0);
    }
}

/// Mean square of a block.
fn power(block: &[f32]) -> f32 {
    block.iter().map(|sample| sample * sample).sum::<f32>() / block.len() as f32
}
