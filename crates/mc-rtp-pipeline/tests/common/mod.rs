//! Packets from `rtp-rs`' builder: an encoder that shares no code with the pipeline.
#![allow(dead_code, reason = "each test binary uses some of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails its test")]

use std::sync::Arc;

use mc_metrics::{Clock, MetricsCollector, NoClock, StageTimer};
use mc_rtp_pipeline::{Egress, FrameAccess, FrameStage, PacketError, RtpPipeline, RtpPipelineConfig};
use rtp_rs::{RtpPacketBuilder, RtpReader, Seq};

/// SSRC of the sender in most tests.
pub(crate) const SENDER: u32 = 0x5EED_0001;

/// A builder with the fields that every packet has; payload type 0.
pub(crate) fn builder(sequence: u16, timestamp: u32, payload: &[u8]) -> RtpPacketBuilder<'_> {
    RtpPacketBuilder::new()
        .payload_type(0)
        .ssrc(SENDER)
        .sequence(Seq::from(sequence))
        .timestamp(timestamp)
        .payload(payload)
}

/// A plain PCMU packet.
pub(crate) fn packet(sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    builder(sequence, timestamp, payload).build().unwrap()
}

/// A pipeline with metrics of its own.
pub(crate) fn pipeline(config: &RtpPipelineConfig) -> RtpPipeline {
    RtpPipeline::new(config, Arc::new(MetricsCollector::new(1))).unwrap()
}

/// Sends a packet through and copies what comes out.
pub(crate) fn send(
    pipeline: &mut RtpPipeline,
    datagram: &[u8],
    stage: &mut impl FrameStage,
) -> Result<Vec<u8>, PacketError> {
    let mut datagram = datagram.to_vec();
    pipeline.process(&mut datagram, stage, &NoClock).map(|egress: Egress<'_>| egress.packet().to_vec())
}

/// Sequence number, timestamp, marker and SSRC, as `rtp-rs` reads them.
pub(crate) fn numbers(packet: &[u8]) -> (u16, u32, bool, u32) {
    let reader = RtpReader::new(packet).unwrap();
    (reader.sequence_number().into(), reader.timestamp(), reader.mark(), reader.ssrc())
}

/// A stage made of a function over the samples.
pub(crate) struct Each<F: FnMut(&mut f32)>(pub(crate) F);

impl<F: FnMut(&mut f32)> FrameStage for Each<F> {
    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        frame.iter_mut().for_each(&mut self.0);
    }
}

/// Mutes, and fails when it is asked to process anything.
pub(crate) struct Mute;

impl FrameStage for Mute {
    fn access(&self) -> FrameAccess {
        FrameAccess::Mute
    }

    fn process<C: Clock>(&mut self, _frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        panic!("nothing is to be decoded");
    }
}
