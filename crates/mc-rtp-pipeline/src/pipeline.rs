//! The pipeline: the packet path with its counters.

use std::sync::Arc;

use mc_dsp::ConfigError;
use mc_metrics::{Clock, MetricsCollector, Sampler};
use mc_pool::{RtpPoolConfig, RtpProcessingBufferPool};

use crate::continuity::{Admission, EgressStream};
use crate::origin::Origin;
use crate::packet_time::PacketTime;
use crate::path::PacketPath;
use crate::{Egress, FrameStage, PacketCounters, PacketError, RtpPipelineConfig};

/// One direction of a call: RTP packets from one sender become one continuous RTP stream.
///
/// Owned by one thread at a time (`Send`); its counters are read from any. After construction nothing
/// allocates.
#[derive(Debug)]
pub struct RtpPipeline {
    path: PacketPath,
    packet_time: Option<Box<PacketTime>>,
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
        let frames =
            RtpProcessingBufferPool::new(RtpPoolConfig::default().with_initial_frames(config.frames))
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
        let path = PacketPath::new(config, codecs, stream, frames, metrics.clone());
        let packet_time =
            config.packet_ms.map(|ms| PacketTime::new(config.egress.payload_type, ms).map(Box::new));
        Ok(Self { path, packet_time: packet_time.transpose()?, tally: Tally::new(metrics) })
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
        let bytes = datagram.len();
        let egress = self.tally.pass(&mut self.path, datagram, stage, clock)?;
        self.tally.passed(bytes, egress.packet());
        Ok(egress)
    }

    /// As [`process`](Self::process), but what is to be sent goes to `send`, in packets of the length that
    /// [`packet_ms`](RtpPipelineConfig::packet_ms) asks for: none, one or several; see [`PacketTime`]. Audio that waits
    /// for the rest of its packet leaves when a pause follows it. What is returned is the packet in hand, as it would have been sent.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub fn process_packets<'a, S: FrameStage, C: Clock>(
        &'a mut self,
        datagram: &'a mut [u8],
        stage: &mut S,
        clock: &C,
        mut send: impl FnMut(&[u8]),
    ) -> Result<Egress<'a>, PacketError> {
        let bytes = datagram.len();
        let egress = self.tally.pass(&mut self.path, datagram, stage, clock)?;
        let tally = &self.tally;
        if let Some(packet_time) = &mut self.packet_time {
            tally.received(bytes);
            packet_time.push(&egress, |packet| {
                tally.sent(packet);
                send(packet);
            });
        } else {
            tally.passed(bytes, egress.packet());
            send(egress.packet());
        }
        Ok(egress)
    }

    /// Makes a packet of audio that no sender sent (±1.0, 8 kHz, up to [`MAX_PAYLOAD_SAMPLES`]) in `room`,
    /// in the stream that leaves: as a change of the sender would, with numbers that run on or with `origin`'s own,
    /// as [`StreamIdentity`](crate::StreamIdentity) says. No stage sees it, and it counts as sent, not as received. It is
    /// as long as `samples`, and what [`process_packets`](Self::process_packets) keeps for a full packet is given up for it.
    ///
    /// # Errors
    /// [`PacketError::EmptyPayload`], [`PacketError::PayloadTooLong`] also when `room` is too short, and those of
    /// numbers that do not follow `origin`'s last.
    ///
    /// [`MAX_PAYLOAD_SAMPLES`]: crate::MAX_PAYLOAD_SAMPLES
    pub fn originate<'a>(
        &'a mut self,
        origin: &Origin,
        samples: &[f32],
        room: &'a mut [u8],
    ) -> Result<Egress<'a>, PacketError> {
        let mut egress = self.path.originate(origin, samples, room)?;
        if let Some(packet_time) = &mut self.packet_time {
            packet_time.interrupt(&mut egress);
        }
        self.tally.sent(egress.packet());
        Ok(egress)
    }

    /// Counts a packet of `bytes` bytes that the caller drops itself, and returns `reason`.
    pub fn refuse(&mut self, bytes: usize, reason: PacketError) -> PacketError {
        self.tally.dropped(bytes, reason)
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

/// Where packets are counted, and which of them are timed.
#[derive(Debug)]
struct Tally {
    metrics: Option<Arc<MetricsCollector>>,
    counters: Arc<PacketCounters>,
    sampler: Sampler,
}

impl Tally {
    fn new(metrics: Option<Arc<MetricsCollector>>) -> Self {
        let sampler = metrics.as_ref().map_or(Sampler::one_in(0), |metrics| metrics.sampler());
        Self { metrics, counters: Arc::default(), sampler }
    }

    /// Lets a packet pass through `path` and counts what that came to, except its coming and going.
    #[inline]
    fn pass<'a, S: FrameStage, C: Clock>(
        &mut self,
        path: &'a mut PacketPath,
        datagram: &'a mut [u8],
        stage: &mut S,
        clock: &C,
    ) -> Result<Egress<'a>, PacketError> {
        let bytes = datagram.len();
        let mut timer = self.sampler.start_timer(self.metrics.as_deref(), clock);
        let (egress, admission) = match path.pass(datagram, stage, &mut timer) {
            Ok(passed) => passed,
            Err(reason) => return Err(self.dropped(bytes, reason)),
        };
        timer.finish();
        match admission {
            Admission::InOrder => {}
            Admission::Reordered => self.counters.reordered.add(1),
            Admission::NewSource => self.counters.source_changes.add(1),
        }
        Ok(egress)
    }

    /// Counts a packet that came in with `bytes` bytes and went out as `packet`.
    #[inline]
    fn passed(&self, bytes: usize, packet: &[u8]) {
        if packet.len() != bytes {
            // What it was padded with is gone.
            self.received(bytes);
            self.sent(packet);
        } else if let Some(metrics) = &self.metrics {
            metrics.count_passed(bytes);
        }
    }

    #[cold]
    fn received(&self, bytes: usize) {
        if let Some(metrics) = &self.metrics {
            metrics.count_received(bytes);
        }
    }

    fn sent(&self, packet: &[u8]) {
        if let Some(metrics) = &self.metrics {
            metrics.count_sent(packet.len());
        }
    }

    #[cold]
    fn dropped(&self, bytes: usize, reason: PacketError) -> PacketError {
        if let Some(metrics) = &self.metrics {
            metrics.count_dropped(bytes);
        }
        self.counters.count_drop(reason);
        reason
    }
}
