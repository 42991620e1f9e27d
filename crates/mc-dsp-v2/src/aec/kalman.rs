//! One adaptive model of the echo path: a partitioned-block Kalman filter in the frequency domain.
//!
//! Each partition's weights are a random walk with forgetting; their uncertainty decides how far each bin
//! moves (Enzner and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free
//! telephones", Signal Processing 86, 2006; partitioned: Kuech, Mabande and Enzner, "State-space architecture
//! of the partitioned-block-based acoustic echo controller", ICASSP 2014).

use mc_simd::{Lesson, SimdProcessor};

use super::paths::Shape;
use super::reference::Reference;
use super::spectra::{Spectra, powers};
use super::transform::Transform;

/// Power of a weight that nothing is known about yet, per partition at the path's start.
const PRIOR: f32 = 0.5;
/// What the prior loses from one millisecond of the path to the next, as an exponent.
const PRIOR_DECAY_PER_MS: f32 = 0.012;
/// The random walk goes on where the weights are 0.
const SMALLEST_WALK: f32 = 1e-6;
/// Added to every expected error power: -90 dBFS and less teach nothing.
const REGULARISATION: f32 = 1e-9;
/// Share of the uncertainty's power that a block's error holds: of two blocks' transform, one is error.
const OVERLAP_SAVE: f32 = 0.5;
/// Time constant of the expected error power, in milliseconds.
const ERROR_MEMORY_MS: f32 = 20.0;
/// Partitions whose weights are cut back to a partition's length after each block, in turn.
const CONSTRAINED_PER_BLOCK: usize = 2;

/// Weights, what is known of them, and the error over the newest partition's length.
pub(super) struct KalmanFilter {
    simd: SimdProcessor,
    weights: Spectra,
    /// Expected squared error of each weight.
    variance: Box<[f32]>,
    /// Expected power of the error that is not the filter's fault, per bin.
    disturbance: Box<[f32]>,
    misalignment: Box<[f32]>,
    certainty: Box<[f32]>,
    /// Of the estimated echo, then of the error.
    spectrum: Box<[f32]>,
    error: Box<[f32]>,
    partition_ms: f32,
    /// Share of the variance that stays from one block to the next.
    kept: f32,
    error_smoothing: f32,
    /// How often each sample's error is learnt from: each time it says that much less.
    reuse: f32,
    next_constrained: usize,
}

impl KalmanFilter {
    /// A filter of the path's `shape` that forgets with the time constant `memory_s`.
    pub(super) fn new(shape: &Shape, memory_s: f32) -> Self {
        let Shape { block_ms, partitions, .. } = *shape;
        let length = shape.length();
        let bins = length + 1;
        let zeros = |count: usize| vec![0.0; count].into_boxed_slice();
        let retention = (-block_ms / (1_000.0 * memory_s)).exp();
        let mut filter = Self {
            simd: SimdProcessor::new(),
            weights: Spectra::new(bins, partitions),
            variance: zeros(bins * partitions),
            disturbance: zeros(bins),
            misalignment: zeros(bins),
            certainty: zeros(bins),
            spectrum: zeros(2 * bins),
            error: zeros(length),
            partition_ms: block_ms * shape.stride as f32,
            kept: retention * retention,
            error_smoothing: 1.0 - (-block_ms / ERROR_MEMORY_MS).exp(),
            reuse: shape.stride as f32,
            next_constrained: 0,
        };
        filter.clear();
        filter
    }

    fn bins(&self) -> usize {
        self.disturbance.len()
    }

    /// The model, one spectrum per partition.
    pub(super) const fn weights(&self) -> &Spectra {
        &self.weights
    }

    /// What is left of the near end's newest samples, a partition of them.
    pub(super) fn error(&self) -> &[f32] {
        &self.error
    }

    /// Power of the echo that the weights' uncertainty lets through, per bin of the last block.
    pub(super) fn misalignment(&self) -> &[f32] {
        &self.misalignment
    }

    /// Subtracts the echo estimated from `reference` from `near`, the newest samples of a partition's length.
    pub(super) fn filter(&mut self, near: &[f32], reference: &Reference, transform: &mut Transform) {
        self.spectrum.fill(0.0);
        for (first, far) in reference.spectra() {
            let weights = self.weights.part(first..self.weights.count());
            self.simd.planar_mul_add(&mut self.spectrum, weights, far);
        }
        let echo = &transform.inverse_planes(&self.spectrum)[near.len()..];
        for ((error, near), echo) in self.error.iter_mut().zip(near).zip(echo) {
            *error = near - echo;
        }
    }

    /// Forgets half of what it knows, because it made the block louder, and passes `near`.
    pub(super) fn retreat(&mut self, near: &[f32]) {
        self.weights.all_mut().iter_mut().for_each(|weight| *weight *= 0.5);
        self.error.copy_from_slice(near);
    }

    /// Learns from the last block's error.
    pub(super) fn learn(&mut self, reference: &Reference, transform: &mut Transform) {
        let bins = self.bins();
        let error = &self.error;
        transform.forward_planes(&mut self.spectrum, |time| {
            time[error.len()..].copy_from_slice(error);
        });
        self.misalignment.fill(0.0);
        for (first, far) in reference.spectra() {
            self.simd.planar_power_add(&mut self.misalignment, &self.variance[first * bins..], far);
        }
        self.weigh_error();
        for (first, far) in reference.spectra() {
            let weights = self.weights.part_mut(first..self.weights.count());
            let lesson = Lesson {
                error: &self.spectrum,
                certainty: &self.certainty,
                kept: self.kept,
                floor: SMALLEST_WALK,
            };
            self.simd.kalman_update(weights, &mut self.variance[first * bins..], far, lesson);
        }
        self.constrain(transform);
    }

    /// Divides the error by its expected power.
    fn weigh_error(&mut self) {
        for (disturbance, power) in self.disturbance.iter_mut().zip(powers(&self.spectrum)) {
            *disturbance += self.error_smoothing * (power - *disturbance);
        }
        let expected = self.misalignment.iter().zip(&self.disturbance);
        let (re, im) = self.spectrum.split_at_mut(self.disturbance.len());
        for (((re, im), certainty), (misalignment, disturbance)) in
            re.iter_mut().zip(im).zip(&mut self.certainty).zip(expected)
        {
            let inverse = 1.0 / (OVERLAP_SAVE * misalignment + self.reuse * disturbance + REGULARISATION);
            (*re, *im) = (*re * inverse, *im * inverse);
            *certainty = OVERLAP_SAVE * inverse;
        }
    }

    /// Without this, circular convolution lets each partition grow a second partition of wrong taps.
    fn constrain(&mut self, transform: &mut Transform) {
        let partitions = self.weights.count();
        for _ in 0..CONSTRAINED_PER_BLOCK.min(partitions) {
            let partition = self.next_constrained;
            transform.keep_first_half(self.weights.part_mut(partition..partition + 1));
            self.next_constrained = (self.next_constrained + 1) % partitions;
        }
    }

    /// Takes over what `other` knows, but not how fast it forgets.
    pub(super) fn adopt(&mut self, other: &Self) {
        self.weights.all_mut().copy_from_slice(other.weights.all());
        self.variance.copy_from_slice(&other.variance);
        self.error.copy_from_slice(&other.error);
    }

    /// Moves the response `partitions` towards its start (to its end when negative), because the reference now
    /// comes that much later. What moves out is lost.
    pub(super) fn shift(&mut self, partitions: isize) {
        self.weights.shift(partitions);
        self.loosen(1.0);
    }

    /// Makes every weight at least `share` as uncertain as at the start.
    pub(super) fn loosen(&mut self, share: f32) {
        let bins = self.bins();
        for (partition, variance) in self.variance.chunks_exact_mut(bins).enumerate() {
            let prior = PRIOR * (-PRIOR_DECAY_PER_MS * self.partition_ms * partition as f32).exp();
            variance.iter_mut().for_each(|p| *p = p.max(share * prior));
        }
    }

    pub(super) fn clear(&mut self) {
        self.weights.all_mut().fill(0.0);
        self.variance.fill(0.0);
        self.loosen(1.0);
        self.disturbance.fill(1e-4);
        self.misalignment.fill(0.0);
        self.error.fill(0.0);
        self.next_constrained = 0;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let per_bin = [&self.disturbance, &self.misalignment, &self.certainty, &self.error, &self.spectrum];
        let own =
            size_of_val(&*self.variance) + per_bin.map(|values| size_of_val(&**values)).iter().sum::<usize>();
        self.weights.heap_bytes() + own
    }
}
