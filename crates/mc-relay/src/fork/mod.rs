//! A leg's audio over a WebSocket (RFC 6455), for voice AI: what its peer says goes out, and what comes back is
//! said to the peer.
//!
//! A thread for each consumer stands between the worker and the network: the worker copies packets into a bounded
//! queue, and takes what is to be said from another one. A consumer that is slow loses audio, its call nothing.
//! `docs/relay.md` describes the messages.

mod ears;
mod handshake;
mod mouth;
mod server;
mod session;

pub use server::ForkServer;

use mc_engine::SampleRate;

/// Rate of the audio in both directions: what speech recognition takes.
const RATE: SampleRate = SampleRate::Hz16000;

/// A 16-bit sample as it goes over the network, little-endian.
type Bytes = [u8; 2];
