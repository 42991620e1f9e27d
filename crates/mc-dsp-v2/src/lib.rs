#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "aec")]
pub mod aec;
#[cfg(feature = "agc")]
pub mod agc;
#[cfg(any(feature = "aec", feature = "vad"))]
mod nn;
#[cfg(any(feature = "aec", feature = "vad"))]
mod tables;
#[cfg(feature = "vad")]
pub mod vad;

#[cfg(feature = "aec")]
pub use aec::{AdvancedAcousticEchoCanceller, AdvancedAecConfig, Suppression};
#[cfg(feature = "agc")]
pub use agc::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
#[cfg(feature = "vad")]
pub use vad::{AdvancedVadConfig, AdvancedVoiceActivityDetector, VadClassifier};
