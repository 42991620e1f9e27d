#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod aec;
mod agc;
mod floor;
mod sample;
mod speech;
mod vad;

pub use aec::{AcousticEchoCanceller, AecConfig, AecCounters};
pub use agc::{AgcConfig, AutomaticGainControl};
pub use vad::{VadConfig, VoiceActivityDetector};
