//! The little that the learned parts need: no inference runtime, no allocation per step.

mod activation;
mod gru;
mod network;

pub(crate) use activation::sigmoid;
pub(crate) use gru::{Gru, GruWeights};
pub(crate) use network::Network;
