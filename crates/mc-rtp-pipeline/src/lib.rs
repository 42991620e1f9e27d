#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod code_map;
mod codec;
pub mod comfort_noise;
mod conceal;
mod config;
mod continuity;
mod counters;
mod egress;
mod error;
mod format;
mod header;
mod jitter;
mod origin;
mod packet_time;
mod path;
mod payload_map;
mod pipeline;
mod playout;
pub mod quality;
mod repacketise;
mod resample;
pub mod rtcp;
mod sequence;
mod stage;
mod stream_writer;
pub mod telephone_event;

pub use codec::{Codec, CodecError};
pub use config::{RtpPipelineConfig, StreamIdentity};
pub use counters::{PacketCounters, PacketCounts};
pub use egress::Egress;
pub use error::PacketError;
pub use format::{MAX_PAYLOAD_SAMPLES, PayloadFormat, PayloadTypes, SAMPLE_RATE, check_payload_type};
pub use jitter::{Insertion, JitterBuffer, JitterConfig, JitterStats, MediaPacket, WaitingPacket};
pub use origin::Origin;
pub use packet_time::PacketTime;
pub use payload_map::{MappedCodecs, PayloadMap};
pub use pipeline::RtpPipeline;
pub use playout::{Playout, PlayoutStats};
pub use repacketise::{Repacketized, Repacketizer};
pub use resample::Resampler;
pub use stage::{FrameAccess, FrameStage, Passthrough};
pub use stream_writer::StreamWriter;
