#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

mod arch;
mod codec;
mod definition;
mod error;
mod law;
mod law_map;
mod level;

pub use codec::G711;
pub use error::LengthMismatch;
pub use law::{Convention, Law};
pub use law_map::LawMap;
pub use level::{SimdLevel, UnavailableLevel};
