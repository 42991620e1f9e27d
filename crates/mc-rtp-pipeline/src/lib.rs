#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod code_map;
mod config;
mod continuity;
mod counters;
mod egress;
mod error;
mod format;
mod header;
mod path;
mod pipeline;
mod sequence;
mod stage;

pub use config::{RtpPipelineConfig, StreamIdentity};
pub use counters::{PacketCounters, PacketCounts};
pub use egress::Egress;
pub use error::PacketError;
pub use format::{MAX_PAYLOAD_SAMPLES, PayloadFormat, PayloadTypes, SAMPLE_RATE};
pub use pipeline::RtpPipeline;
pub use stage::{FrameAccess, FrameStage, Passthrough};
