//! One adaptive model of the echo path: a partitioned-block Kalman filter in the frequency domain.
//!
//! Each partition's weights are a random walk with forgetting; their uncertainty decides how far each bin
//! moves (Enzner and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free
//! telephones", Signal Processing 86, 2006; partitioned: Kuech, Mabande and Enzner, "State-space architecture
//! of the partitioned-block-based acoustic echo controller", ICASSP 2014).

use mc_simd::SimdProcessor;

use super::reference::Reference;
use super::transform::{Bin, Transform, power};

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
/// Partitions whose weights are cut back to a block's length after each block, in turn.
const CONSTRAINED_PER_BLOCK: usize = 4;

/// Weights, what is known of them, and the last block's error.
pub(super) struct KalmanFilter {
    simd: SimdProcessor,
    weights: Box<[Bin]>,
    uncertainty: Box<[f32]>,
    /// Expected power of the error that is not the filter's fault, per bin.
    disturbance: Box<[f32]>,
    misalignment: Box<[f32]>,
    echo_spectrum: Box<[Bin]>,
    error_spectrum: Box<[Bin]>,
    error: Box<[f32]>,
    partition_ms: f32,
    /// Share of the weights that stays from one block to the next.
    retention: f32,
    error_smoothing: f32,
    /// How often each sample's error is learnt from: each time it says that much less.
    reuse: f32,
    next_constrained: usize,
}

impl KalmanFilter {
    /// A filter of `partitions` of `length` samples that forgets with the time constant `memory_s`.
    pub(super) fn new(
        length: usize,
        partition_ms: f32,
        block_ms: f32,
        partitions: usize,
        memory_s: f32,
    ) -> Self {
        let bins = length + 1;
        let mut filter = Self {
            simd: SimdProcessor::new(),
            weights: vec![[0.0; 2]; bins * partitions].into(),
            uncertainty: vec![0.0; bins * partitions].into(),
            disturbance: vec![0.0; bins].into(),
            misalignment: vec![0.0; bins].into(),
            echo_spectrum: vec![[0.0; 2]; bins].into(),
            error_spectrum: vec![[0.0; 2]; bins].into(),
            error: vec![0.0; length].into(),
            partition_ms,
            retention: (-block_ms / (1_000.0 * memory_s)).exp(),
            error_smoothing: 1.0 - (-block_ms / ERROR_MEMORY_MS).exp(),
            reuse: partition_ms / block_ms,
            next_constrained: 0,
        };
        filter.clear();
        filter
    }

    fn bins(&self) -> usize {
        self.disturbance.len()
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
        let bins = self.bins();
        self.echo_spectrum.fill([0.0; 2]);
        for (weights, far) in self.weights.chunks_exact(bins).zip(reference.spectra()) {
            self.simd.complex_mul_add(&mut self.echo_spectrum, weights, far);
        }
        let echo = &transform.inverse(&self.echo_spectrum)[near.len()..];
        for ((error, near), echo) in self.error.iter_mut().zip(near).zip(echo) {
            *error = near - echo;
        }
    }

    /// Forgets half of what it knows, because it made the block louder, and passes `near`.
    pub(super) fn retreat(&mut self, near: &[f32]) {
        self.weights.as_flattened_mut().iter_mut().for_each(|weight| *weight *= 0.5);
        self.error.copy_from_slice(near);
    }

    /// Learns from the last block's error.
    pub(super) fn learn(&mut self, reference: &Reference, transform: &mut Transform) {
        let bins = self.bins();
        let error = &self.error;
        transform.forward(&mut self.error_spectrum, |time| time[error.len()..].copy_from_slice(error));
        self.misalignment.fill(0.0);
        for (uncertainty, far) in self.uncertainty.chunks_exact(bins).zip(reference.spectra()) {
            for ((sum, p), x) in self.misalignment.iter_mut().zip(uncertainty).zip(far) {
                *sum += p * power(*x);
            }
        }
        // From here on: the error over its expected power, and one over that power.
        let per_bin = self.error_spectrum.iter_mut().zip(&mut self.disturbance).zip(&self.misalignment);
        let mut inverse = std::mem::take(&mut self.echo_spectrum);
        for (((error, disturbance), misalignment), inverse) in per_bin.zip(&mut inverse) {
            *disturbance += self.error_smoothing * (power(*error) - *disturbance);
            inverse[0] = 1.0 / (OVERLAP_SAVE * misalignment + self.reuse * *disturbance + REGULARISATION);
            *error = [error[0] * inverse[0], error[1] * inverse[0]];
        }
        let kept = self.retention * self.retention;
        let per_partition = self.weights.chunks_exact_mut(bins).zip(self.uncertainty.chunks_exact_mut(bins));
        for ((weights, uncertainty), far) in per_partition.zip(reference.spectra()) {
            let per_bin = weights.iter_mut().zip(uncertainty).zip(far);
            for (((w, p), x), (e, inverse)) in per_bin.zip(self.error_spectrum.iter().zip(&inverse)) {
                // conj(x) · e, as far as the weight is uncertain
                w[0] += *p * (x[0] * e[0] + x[1] * e[1]);
                w[1] += *p * (x[0] * e[1] - x[1] * e[0]);
                let learnt = OVERLAP_SAVE * *p * inverse[0] * power(*x);
                *p = kept * *p * (1.0 - learnt) + (1.0 - kept) * (power(*w) + SMALLEST_WALK);
            }
        }
        self.echo_spectrum = inverse;
        self.constrain(transform);
    }

    /// Without this, circular convolution lets each partition grow a second block of wrong taps.
    fn constrain(&mut self, transform: &mut Transform) {
        let bins = self.bins();
        let partitions = self.weights.len() / bins;
        for _ in 0..CONSTRAINED_PER_BLOCK.min(partitions) {
            let start = self.next_constrained * bins;
            transform.keep_first_half(&mut self.weights[start..start + bins]);
            self.next_constrained = (self.next_constrained + 1) % partitions;
        }
    }

    /// Takes over what `other` knows, but not how fast it forgets.
    pub(super) fn adopt(&mut self, other: &Self) {
        self.weights.copy_from_slice(&other.weights);
        self.uncertainty.copy_from_slice(&other.uncertainty);
        self.error.copy_from_slice(&other.error);
    }

    /// Moves the response `partitions` towards its start (to its end when negative), because the reference now
    /// comes that much later. What moves out is lost.
    pub(super) fn shift(&mut self, partitions: isize) {
        let bins = self.bins();
        let moved = (partitions.unsigned_abs() * bins).min(self.weights.len());
        let kept = self.weights.len() - moved;
        if partitions >= 0 {
            self.weights.copy_within(moved.., 0);
            self.weights[kept..].fill([0.0; 2]);
        } else {
            self.weights.copy_within(..kept, moved);
            self.weights[..moved].fill([0.0; 2]);
        }
        self.loosen(1.0);
    }

    /// Makes every weight at least `share` as uncertain as at the start.
    pub(super) fn loosen(&mut self, share: f32) {
        let bins = self.bins();
        for (partition, uncertainty) in self.uncertainty.chunks_exact_mut(bins).enumerate() {
            let prior = PRIOR * (-PRIOR_DECAY_PER_MS * self.partition_ms * partition as f32).exp();
            uncertainty.iter_mut().for_each(|p| *p = p.max(share * prior));
        }
    }

    pub(super) fn clear(&mut self) {
        self.weights.fill([0.0; 2]);
        self.uncertainty.fill(0.0);
        self.loosen(1.0);
        self.disturbance.fill(1e-4);
        self.misalignment.fill(0.0);
        self.error.fill(0.0);
        self.next_constrained = 0;
    }

    pub(super) fn is_finite(&self) -> bool {
        self.simd.energy(self.weights.as_flattened()).is_finite()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let spectra = self.weights.len() + self.echo_spectrum.len() + self.error_spectrum.len();
        let reals =
            self.uncertainty.len() + self.disturbance.len() + self.misalignment.len() + self.error.len();
        spectra * size_of::<Bin>() + reals * size_of::<f32>()
    }
}
