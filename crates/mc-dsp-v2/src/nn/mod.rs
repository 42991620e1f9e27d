//! The little that the learned parts need: no inference runtime, no allocation per step.

mod activation;
mod gru;

pub(crate) use activation::sigmoid;
pub(crate) use gru::{Gru, GruWeights, MAX_INPUT};
