//! The learned suppressor: a small recurrent network that says how much of each band is wanted.

use super::bands::BANDS;
use super::features::FEATURES;
use super::mask_weights::NETWORK;
use crate::nn::{Gru, sigmoid};

/// What the network says: a gain per band, then the near end's probability.
pub(super) const OUTPUTS: usize = BANDS + 1;
/// Gains of the network end a little below 1: by so much they are raised, so that a voice alone passes untouched.
const HEADROOM: f32 = 1.02;

/// The network and its state.
pub(super) struct LearnedMask {
    gru: Gru,
}

/// What the network made of a block.
pub(super) struct Mask {
    /// Share of each band's amplitude that is wanted, 0 to 1.
    pub(super) gains: [f32; BANDS],
    /// Probability that the near end talks, 0 to 1.
    pub(super) near_end: f32,
}

impl LearnedMask {
    pub(super) fn new() -> Self {
        Self { gru: Gru::new(&NETWORK.gru) }
    }

    /// The mask after one more block.
    pub(super) fn step(&mut self, features: &[f32; FEATURES]) -> Mask {
        let hidden = NETWORK.hidden(&mut self.gru, *features);
        let mut outputs = [0.0; OUTPUTS];
        let rows = NETWORK.output.chunks_exact(hidden.len()).zip(NETWORK.output_bias);
        for (output, (row, bias)) in outputs.iter_mut().zip(rows) {
            *output = sigmoid(row.iter().zip(hidden).map(|(w, h)| w * h).sum::<f32>() + bias);
        }
        Mask {
            gains: std::array::from_fn(|band| (HEADROOM * outputs[band]).min(1.0)),
            near_end: outputs[BANDS],
        }
    }

    pub(super) fn clear(&mut self) {
        self.gru.reset();
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.gru.state_bytes()
    }

    /// Memory of the constant tables in bytes.
    pub(super) const fn model_bytes() -> usize {
        NETWORK.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_features_and_bands() {
        assert!(NETWORK.fits(FEATURES, OUTPUTS));
    }

    #[test]
    fn clearing_forgets() {
        let mut mask = LearnedMask::new();
        let first = mask.step(&[0.5; FEATURES]).gains;
        assert!(first.iter().all(|gain| (0.0..=1.0).contains(gain)));
        for _ in 0..50 {
            mask.step(&[-2.0; FEATURES]);
        }
        assert_ne!(mask.step(&[0.5; FEATURES]).gains, first);
        mask.clear();
        assert_eq!(mask.step(&[0.5; FEATURES]).gains, first);
    }
}
