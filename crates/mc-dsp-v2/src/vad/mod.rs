//! Spectral voice activity detection.

mod bands;
mod features;
mod floor;
mod log2;
mod pitch;
mod spectrum;

pub use features::{FEATURES, FeatureExtractor};
