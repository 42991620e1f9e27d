#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod conference;
mod config;
mod endpoint;
mod engine;
mod error;
mod factory;
mod gauges;
mod handle;
mod mailbox;
mod metrics;
mod params;
mod processor;
mod registry;
mod session;
mod shared;
mod timeline;
mod watched;

pub use conference::{Conference, ConferenceConfig, PartyId};
pub use config::{AdvancedProcessingConfig, AudioProcessingConfig, MediaEngineConfig, PerformanceConfig};
pub use endpoint::{
    EndpointConfig, EndpointMetrics, EndpointStatus, MediaEndpoint, NearEnd, Received, SentCounts,
};
pub use engine::MediaEngine;
pub use error::EngineError;
pub use factory::AdvancedProcessorFactory;
pub use gauges::AudioStatus;
pub use handle::MediaSessionHandle;
pub use metrics::MediaMetrics;
pub use params::{MediaSessionId, MediaSessionParams, PerformanceLevel};
pub use processor::{AudioProcessor, CaptureReport, ProcessorCounts, ProcessorState, ProcessorStates};
pub use session::MediaSession;

// What an application needs from the crates below, so that `use mc_engine::…` is enough.
pub use mc_dsp::{
    ConfigError, EchoCanceller, EchoReport, FrameFormat, GainControl, GainReport, ProcessError, Processor,
    SampleRate, VoiceActivity, VoiceDetector, sample_from_i16, sample_to_i16,
};
pub use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};
pub use mc_dsp_v2::{
    AdvancedAcousticEchoCanceller, AdvancedAecConfig, AdvancedAgcConfig, AdvancedAutomaticGainControl,
    AdvancedVadConfig, AdvancedVoiceActivityDetector, Suppression, VadClassifier,
};
pub use mc_g711::{G711, Law};
pub use mc_metrics::{
    BenchmarkResults, Clock, Counter, Histogram, HistogramSnapshot, MetricsCollector, NoClock,
    PerformanceMetrics, Stage, TimeHistogram,
};
pub use mc_pool::{
    AudioFramePool, CopyOnWrite, FramePoolConfig, PoolError, PoolStats, PooledAudioFrame,
    RtpProcessingBufferPool, SharedAudioBuffer, SharedFramePool, ZeroCopyAudioFrame,
};
pub use mc_rtp_pipeline::quality::{CodecImpairment, Quality};
pub use mc_rtp_pipeline::rtcp::NtpTime;
pub use mc_rtp_pipeline::telephone_event::{DtmfKey, EventReport};
pub use mc_rtp_pipeline::{
    Codec, CodecError, Egress, Insertion, JitterConfig, JitterStats, MAX_PAYLOAD_SAMPLES, Origin,
    PacketCounts, PacketError, PayloadFormat, PayloadMap, PayloadTypes, PlayoutStats, Resampler,
    RtpPipelineConfig, SAMPLE_RATE, StreamIdentity,
};
pub use mc_simd::{Operation, SelectionPlan, SimdLevel, SimdProcessor, SizeClass, Strategy};
