//! Legs that end here: RTP in and audio out, audio in and RTP out, over a network that loses, delays and repeats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails its test")]

mod audio;
mod codecs;
mod control;
mod keys;
mod linear;
mod packet_time;
mod pauses;
mod reports;
mod timing;
mod wire;

use mc_testkit::alloc::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;
