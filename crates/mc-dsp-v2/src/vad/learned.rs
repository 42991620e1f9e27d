//! The learned classifier: one recurrent unit over the features.

use mc_simd::SimdProcessor;

use super::features::FEATURES;
use super::weights::NETWORK;
use crate::nn::{Gru, sigmoid};

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
        let hidden = NETWORK.hidden(&mut self.gru, *features);
        sigmoid(self.simd.dot(hidden, NETWORK.output) + NETWORK.output_bias[0])
    }

    pub(crate) fn reset(&mut self) {
        self.gru.reset();
    }

    pub(crate) fn state_bytes(&self) -> usize {
        self.gru.state_bytes()
    }

    /// Memory of the constant tables in bytes.
    pub(crate) const fn model_bytes() -> usize {
        NETWORK.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_the_features() {
        assert!(NETWORK.fits(FEATURES, 1));
    }
}
