#![doc = include_str!("../README.md")]

mod arch;
mod level;
mod processor;

pub use level::{SimdLevel, UnavailableLevel};
pub use processor::SimdProcessor;
