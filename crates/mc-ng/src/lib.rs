#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod bencode;
mod codec_rules;
mod command;
mod error;
mod options;
mod replace;
mod reply;
mod request;
mod sdes;
pub mod sdp;

pub use codec_rules::{CodecName, CodecRules};
pub use command::Command;
pub use error::NgError;
pub use options::{AddressFamily, MediaOptions, RtcpMux};
pub use replace::Replace;
pub use reply::{Reply, refusal};
pub use request::Request;
pub use sdes::SdesRules;
