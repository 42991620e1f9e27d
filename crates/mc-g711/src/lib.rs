#![doc = include_str!("../README.md")]

mod arch;
mod codec;
mod definition;
mod error;
mod law;

pub use codec::G711;
pub use error::LengthMismatch;
pub use law::{Convention, Law};
