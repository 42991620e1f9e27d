//! Two models of the echo path, one that forgets slowly and one that forgets fast, and their blend.
//!
//! The slow one stays right through double talk, the fast one follows a moving path. Each block's output
//! leans to the one with less error, and a clear winner teaches the other (after the combination of filters by
//! Yang, Enzner and Yang, "Frequency-domain adaptive Kalman filter with fast recovery of abrupt echo-path
//! changes", IEEE Signal Processing Letters 24, 2017).

use super::drift::DriftTracker;
use super::kalman::KalmanFilter;
use super::reference::Reference;
use super::spectra::Spectra;
use super::transform::Transform;

/// Memory of the model that keeps what it learnt, in seconds.
const SLOW_MEMORY_S: f32 = 50.0;
/// Memory of the model that follows the path, in seconds.
const FAST_MEMORY_S: f32 = 2.5;
/// Time constant of the error powers that are compared, in milliseconds.
const POWER_MEMORY_MS: f32 = 60.0;
/// By how many dB a model must win to teach the other, and for how many milliseconds.
const WIN_DB: f32 = 2.0;
const WIN_MS: f32 = 120.0;
/// An error this many times the near end's energy means that a model is wrong.
const DIVERGED: f32 = 2.0;
/// Energy of a block, per sample, below which divergence is not audible.
const INAUDIBLE: f32 = 1e-9;

/// Both models and what they left of the last block.
pub(super) struct EchoPaths {
    slow: Model,
    fast: Model,
    drift: DriftTracker,
    /// Share of the fast model in the output, 0 to 1.
    blend: f32,
    /// The near end's newest samples, a partition of them.
    near: Box<[f32]>,
    /// Smoothed energy of a block of it.
    before: f32,
    error: Box<[f32]>,
    misalignment: Box<[f32]>,
    block_ms: f32,
    smoothing: f32,
}

struct Model {
    filter: KalmanFilter,
    /// Smoothed energy of a block's error.
    error: f32,
    /// Milliseconds for which this model has won without a break.
    winning_ms: f32,
}

impl Model {
    fn new(shape: &Shape, memory_s: f32) -> Self {
        Self { filter: KalmanFilter::new(shape, memory_s), error: 0.0, winning_ms: 0.0 }
    }

    /// Cancels the newest `block` samples of `near`, of which `before` is the smoothed energy.
    fn run(
        &mut self,
        near: &[f32],
        block: usize,
        before: f32,
        smoothing: f32,
        far: (&Reference, &mut Transform),
    ) {
        self.filter.filter(near, far.0, far.1);
        let after = energy(&self.filter.error()[near.len() - block..]);
        self.error += smoothing * (after - self.error);
        let diverged = self.error > DIVERGED * before && self.error > INAUDIBLE * block as f32;
        if diverged && self.error.is_finite() {
            self.filter.retreat(near);
            self.error = before;
        }
        self.filter.learn(far.0, far.1);
    }

    fn clear(&mut self) {
        self.filter.clear();
        (self.error, self.winning_ms) = (0.0, 0.0);
    }
}

/// How long the modelled path is and how it is cut.
pub(super) struct Shape {
    /// Samples between two updates, and what they last.
    pub(super) block: usize,
    pub(super) block_ms: f32,
    /// Blocks in a partition.
    pub(super) stride: usize,
    pub(super) partitions: usize,
}

impl Shape {
    /// Samples in a partition.
    pub(super) const fn length(&self) -> usize {
        self.block * self.stride
    }
}

fn energy(signal: &[f32]) -> f32 {
    signal.iter().map(|sample| sample * sample).sum()
}

impl EchoPaths {
    pub(super) fn new(shape: &Shape) -> Self {
        Self {
            slow: Model::new(shape, SLOW_MEMORY_S),
            fast: Model::new(shape, FAST_MEMORY_S),
            drift: DriftTracker::new(shape),
            blend: 0.0,
            near: vec![0.0; shape.length()].into(),
            before: 0.0,
            error: vec![0.0; shape.block].into(),
            misalignment: vec![0.0; shape.length() + 1].into(),
            block_ms: shape.block_ms,
            smoothing: 1.0 - (-shape.block_ms / POWER_MEMORY_MS).exp(),
        }
    }

    /// The model that keeps what it learnt, and its newest partition before and after it.
    pub(super) fn kept(&self) -> (&Spectra, &[f32], &[f32]) {
        (self.slow.filter.weights(), &self.near, self.slow.filter.error())
    }

    /// The near end without the estimated echo.
    pub(super) fn error(&self) -> &[f32] {
        &self.error
    }

    /// Expected power of the echo that is left, as far as the models know their own doubts, per bin.
    pub(super) fn misalignment(&self) -> &[f32] {
        &self.misalignment
    }

    /// Share of the fast model in the output, 0 to 1.
    pub(super) const fn blend(&self) -> f32 {
        self.blend
    }

    /// Cancels a block and learns from it. Parts per million by which the echo turns out to get later than
    /// `reference` assumes, when that is certain.
    pub(super) fn process(
        &mut self,
        near: &[f32],
        reference: &Reference,
        transform: &mut Transform,
    ) -> Option<f32> {
        self.near.copy_within(near.len().., 0);
        let older = self.near.len() - near.len();
        self.near[older..].copy_from_slice(near);
        if reference.energy() <= 0.0 {
            self.error.copy_from_slice(near);
            self.misalignment.fill(0.0);
            return self.drift.observe(self.fast.filter.weights(), false);
        }
        self.before += self.smoothing * (energy(near) - self.before);
        for model in [&mut self.slow, &mut self.fast] {
            model.run(&self.near, near.len(), self.before, self.smoothing, (reference, &mut *transform));
        }
        self.mix();
        self.teach();
        self.drift.observe(self.fast.filter.weights(), true)
    }

    fn advantage_of_fast_db(&self) -> f32 {
        10.0 * ((self.slow.error + 1e-10) / (self.fast.error + 1e-10)).log10()
    }

    fn mix(&mut self) {
        let before = self.blend;
        // A logistic curve: equal shares where the fast model is 1.5 dB ahead.
        self.blend = 1.0 / (1.0 + (-1.5 * (self.advantage_of_fast_db() - 1.5)).exp());
        let step = (self.blend - before) / self.error.len() as f32;
        let newest = self.near.len() - self.error.len();
        let errors = self.slow.filter.error()[newest..].iter().zip(&self.fast.filter.error()[newest..]);
        for (n, (out, (slow, fast))) in self.error.iter_mut().zip(errors).enumerate() {
            *out = slow + (before + step * (n + 1) as f32) * (fast - slow);
        }
        let misalignments = self.slow.filter.misalignment().iter().zip(self.fast.filter.misalignment());
        for (out, (slow, fast)) in self.misalignment.iter_mut().zip(misalignments) {
            *out = slow + self.blend * (fast - slow);
        }
    }

    fn teach(&mut self) {
        let advantage = self.advantage_of_fast_db();
        let won_for = |model: &mut Model, wins: bool| {
            model.winning_ms = if wins { model.winning_ms + self.block_ms } else { 0.0 };
            if model.winning_ms > WIN_MS {
                model.winning_ms = 0.0;
                return true;
            }
            false
        };
        if won_for(&mut self.fast, advantage > WIN_DB) {
            self.slow.filter.adopt(&self.fast.filter);
            self.slow.error = self.fast.error;
        }
        if won_for(&mut self.slow, advantage < -WIN_DB) {
            self.fast.filter.adopt(&self.slow.filter);
            self.fast.error = self.slow.error;
            self.drift.restart();
        }
    }

    /// See [`KalmanFilter::shift`].
    pub(super) fn shift(&mut self, partitions: isize) {
        self.slow.filter.shift(partitions);
        self.fast.filter.shift(partitions);
        self.drift.restart();
    }

    /// See [`KalmanFilter::loosen`].
    pub(super) fn loosen(&mut self, share: f32) {
        self.slow.filter.loosen(share);
        self.fast.filter.loosen(share);
        self.drift.restart();
    }

    pub(super) fn clear(&mut self) {
        self.slow.clear();
        self.fast.clear();
        self.drift.clear();
        self.blend = 0.0;
        self.near.fill(0.0);
        self.before = 0.0;
        self.error.fill(0.0);
        self.misalignment.fill(0.0);
    }

    /// Whether both models are sound: a weight that is not finite leaves no finite sample in the error.
    pub(super) const fn is_finite(&self) -> bool {
        self.slow.error.is_finite() && self.fast.error.is_finite()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let own = size_of_val(&*self.near) + size_of_val(&*self.error) + size_of_val(&*self.misalignment);
        own + self.slow.filter.heap_bytes() + self.fast.filter.heap_bytes() + self.drift.heap_bytes()
    }
}
