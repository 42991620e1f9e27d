//! Spectral voice activity detection.

mod bands;
mod config;
mod context;
mod decision;
mod detector;
mod features;
mod floor;
mod lanes;
mod learned;
mod likelihood;
mod log2;
mod pitch;
mod spectrum;
mod weights;

pub use config::{AdvancedVadConfig, VadClassifier};
pub use detector::AdvancedVoiceActivityDetector;
pub use features::{FEATURES, FeatureExtractor, VadFeatures};
