//! One block of a band of 4 or 8 kHz: delay, filters, suppressor.

use super::config::AdvancedAecConfig;
use super::delay::DelayEstimator;
use super::features::FEATURES;
use super::offset::Offset;
use super::paths::{EchoPaths, Shape};
use super::reference::Reference;
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
        self.reference.push(far, &mut self.transform);
        let transform = self.delay_transform.as_mut().unwrap_or(&mut self.transform);
        if let Some(delay_s) = self.delay.process(far, near, self.decimation, transform) {
            self.align(delay_s);
        }
        if let Some(ppm) = self.paths.process(near, &self.reference, &mut self.transform) {
            self.reference.add_drift(ppm);
        }
        let (weights, heard, error) = self.paths.kept();
        self.reference.loudspeaker().learn(weights, error, heard, &mut self.transform);
        self.near.copy_from_slice(near);
        near.copy_from_slice(self.paths.error());
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
        self.offset.put_back(near, self.latency_blocks());
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

    /// Probability that the near end talks, 0 to 1; 0 without suppressor.
    pub(super) fn near_end(&self) -> f32 {
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
        self.reference.energy() > FAR_SILENCE * (self.block * self.block) as f32
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
        self.suppressor.as_ref().map_or(0, Suppressor::model_bytes)
    }

    pub(super) fn clear(&mut self) {
        self.reference.clear();
        self.delay.clear();
        self.aligned = false;
        self.paths.clear();
        self.offset = Offset::new();
        if let Some(suppressor) = &mut self.suppressor {
            suppressor.clear();
        }
        self.near.fill(0.0);
    }
}
