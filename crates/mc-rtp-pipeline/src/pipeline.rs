//! The pipeline: the packet path with its counters.

use std::sync::Arc;

use mc_dsp::ConfigError;
use mc_metrics::{Clock, MetricsCollector, StageTimer};
use mc_pool::{AudioFramePool, ExhaustionPolicy, FramePoolConfig};

use crate::continuity::{Admission, EgressStream};
use crate::format::MAX_PAYLOAD_SAMPLES;
use crate::path::PacketPath;
use crate::{Egress, FrameStage, PacketCounters, PacketError, RtpPipelineConfig};

/// One direction of a call: RTP packets from one sender become one continuous RTP stream.
///
/// Owned by one thread at a time (`Send`); its counters are read from any. After construction nothing
/// allocates.
#[derive(Debug)]
pub struct RtpPipeline {
    path: PacketPath,
    tally: Tally,
}

impl RtpPipeline {
    /// A pipeline that records into `metrics`, if there are any, and into counters of its own.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`RtpPipelineConfig::validate`].
    pub fn new(
        config: &RtpPipelineConfig,
        metrics: impl Into<Option<Arc<MetricsCollector>>>,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let metrics = metrics.into();
        let pool = FramePoolConfig::default()
            .with_frame_samples(MAX_PAYLOAD_SAMPLES)
            .with_initial_frames(config.frames)
            .with_exhaustion(ExhaustionPolicy::Fail);
        let frames = AudioFramePool::new(pool)
            .map_err(|error| ConfigError::new("frames", error.value(), error.allowed()))?;
        let stream = EgressStream::new(
            config.identity,
            config.ssrc,
            config.egress.payload_type,
            config.first_sequence,
            config.first_timestamp,
        );
        let codecs = config.codecs()?;
        if let Some(metrics) = &metrics {
            metrics.note_strategy("codec", codecs[0].level().name());
        }
        let path = PacketPath::new(config, codecs, stream, frames);
        Ok(Self { path, tally: Tally { metrics, counters: Arc::default() } })
    }

    /// Turns the packet in `datagram` (exactly the bytes received) into the one to send, in place:
    /// decoded, given to `stage`, encoded, renumbered. CSRCs and header extension are kept, padding is
    /// cut off.
    ///
    /// `clock` times the stages of the packets that the metrics sample.
    ///
    /// # Errors
    /// The reason for which the packet was dropped; it is counted, and nothing else has changed.
    pub fn process<'a, S: FrameStage, C: Clock>(
        &'a mut self,
        datagram: &'a mut [u8],
        stage: &mut S,
        clock: &C,
    ) -> Result<Egress<'a>, PacketError> {
        self.tally.received(datagram.len());
        let mut timer = self.tally.start_timer(clock);
        match self.path.pass(datagram, stage, &mut timer) {
            Ok((egress, admission)) => {
                timer.finish();
                self.tally.sent(&egress, admission);
                Ok(egress)
            }
            Err(reason) => Err(self.tally.dropped(reason)),
        }
    }

    /// Counts a packet of `bytes` bytes that the caller drops itself, and returns `reason`.
    pub fn refuse(&mut self, bytes: usize, reason: PacketError) -> PacketError {
        self.tally.received(bytes);
        self.tally.dropped(reason)
    }

    /// The metrics that were given to [`new`](Self::new).
    #[must_use]
    pub const fn metrics(&self) -> Option<&Arc<MetricsCollector>> {
        self.tally.metrics.as_ref()
    }

    /// Drops by reason, reordering and source changes.
    #[must_use]
    pub const fn counters(&self) -> &Arc<PacketCounters> {
        &self.tally.counters
    }
}

/// Where packets are counted.
#[derive(Debug)]
struct Tally {
    metrics: Option<Arc<MetricsCollector>>,
    counters: Arc<PacketCounters>,
}

impl Tally {
    #[inline]
    fn start_timer<'a, C: Clock>(&'a self, clock: &'a C) -> StageTimer<'a, C> {
        self.metrics.as_ref().map_or(StageTimer::idle(), |metrics| metrics.start_timer(clock))
    }

    #[inline]
    fn received(&self, bytes: usize) {
        if let Some(metrics) = &self.metrics {
            metrics.packets_in.add(1);
            metrics.bytes_in.add(bytes as u64);
        }
    }

    #[inline]
    fn sent(&self, egress: &Egress<'_>, admission: Admission) {
        if let Some(metrics) = &self.metrics {
            metrics.packets_out.add(1);
            metrics.bytes_out.add(egress.packet().len() as u64);
            if egress.frame().is_some() {
                metrics.pool_hits.add(1);
            }
        }
        match admission {
            Admission::InOrder => {}
            Admission::Reordered => self.counters.reordered.add(1),
            Admission::NewSource => self.counters.source_changes.add(1),
        }
    }

    #[cold]
    fn dropped(&self, reason: PacketError) -> PacketError {
        if let Some(metrics) = &self.metrics {
            metrics.dropped.add(1);
            if reason == PacketError::FramesExhausted {
                metrics.pool_misses.add(1);
            }
        }
        self.counters.count_drop(reason);
        reason
    }
}
