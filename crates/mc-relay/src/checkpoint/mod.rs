//! Calls written down in Redis, so that another relay at the same address can carry them on.
//!
//! What is written of a call are the requests that made it what it is, and its ports: whoever reads them serves them
//! again. One thread writes; it knows what should stand there, so that a Redis that was away is brought up to date
//! when it is back. Nobody waits for it.

mod redis;
mod store;
mod writer;

pub use store::Checkpoint;
pub(crate) use store::Record;
