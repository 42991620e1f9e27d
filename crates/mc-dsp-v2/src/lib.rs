#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "vad")]
pub mod vad;
