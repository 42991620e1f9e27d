#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

pub mod alloc;
pub mod measure;
pub mod rng;
pub mod room;
pub mod scene;
pub mod signal;
