#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod derivation;
mod error;
mod inbound;
mod key;
mod outbound;
mod packet;
mod sdes;
mod sources;
mod suite;
mod transform;
mod window;

pub use error::{KeyError, SdesError, SrtpError};
pub use inbound::Inbound;
pub use key::MasterKey;
pub use outbound::Outbound;
pub use sdes::CryptoAttribute;
pub use suite::Suite;
