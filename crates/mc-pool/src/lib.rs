#![doc = include_str!("../README.md")]

mod block;
mod bytes;
mod config;
mod frame;
mod home;
mod list;
mod local;
mod many;
mod pool;
mod rtp;
mod sample;
mod shared;
mod stats;
mod sync;
mod view;

pub use block::BUFFER_ALIGNMENT;
pub use config::{
    ExhaustionPolicy, FramePoolConfig, MAX_FRAME_SAMPLES, MAX_FRAMES, PoolConfigError, PoolError,
};
pub use frame::PooledAudioFrame;
pub use local::LocalAudioFrame;
pub use many::SharedFramePool;
pub use pool::AudioFramePool;
pub use rtp::{RTP_FRAME_CLASSES, RtpPoolConfig, RtpProcessingBufferPool};
pub use sample::Sample;
pub use shared::SharedAudioBuffer;
pub use stats::PoolStats;
pub use view::{CopyOnWrite, ZeroCopyAudioFrame};
