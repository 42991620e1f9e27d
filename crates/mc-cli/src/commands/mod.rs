//! The subcommands, one file each: its arguments, and what it does with them.

pub(crate) mod aec;
pub(crate) mod agc;
pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod g711;
pub(crate) mod playout;
pub(crate) mod process;
pub(crate) mod relay;
mod relay_options;
pub(crate) mod vad;
