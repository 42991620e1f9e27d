//! The learned classifier: one recurrent unit over the features.

use mc_simd::SimdProcessor;

use super::features::FEATURES;
use super::weights::NETWORK;
use crate::nn::{Gru, GruWeights, MAX_INPUT, sigmoid};

/// A trained network.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) mean: &'static [f32],
    pub(crate) scale: &'static [f32],
    pub(crate) gru: GruWeights,
    pub(crate) output: &'static [f32],
    pub(crate) output_bias: f32,
}

/// The network and its state.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    simd: SimdProcessor,
    gru: Gru,
}

impl Learned {
    pub(crate) fn new() -> Self {
        Self { simd: SimdProcessor::new(), gru: Gru::new(&NETWORK.gru) }
    }

    /// Probability of speech after one more frame.
    pub(crate) fn classify(&mut self, features: &[f32; FEATURES]) -> f32 {
        let mut input = *features;
        for ((x, mean), scale) in input.iter_mut().zip(NETWORK.mean).zip(NETWORK.scale) {
            *x = ((*x - mean) * scale).clamp(-MAX_INPUT, MAX_INPUT);
        }
        let hidden = self.gru.step(&input);
        sigmoid(self.simd.dot(hidden, NETWORK.output) + NETWORK.output_bias)
    }

    pub(crate) fn reset(&mut self) {
        self.gru.reset();
    }

    pub(crate) fn state_bytes(&self) -> usize {
        self.gru.state_bytes()
    }

    /// Memory of the constant tables in bytes.
    pub(crate) fn model_bytes() -> usize {
        NETWORK.gru.bytes() + 4 * (NETWORK.mean.len() + NETWORK.scale.len() + NETWORK.output.len() + 1)
    }
}
