//! The data side of one leg.

use std::sync::Arc;

use mc_g711::G711;
use mc_metrics::{Clock, StageTimer};
use mc_rtp_pipeline::{
    Egress, FrameAccess, FrameStage, MAX_PAYLOAD_SAMPLES, Origin, PacketError, RtpPipeline,
};

use crate::registry::Registry;
use crate::shared::SessionShared;
use crate::timeline::{Place, Timeline};
use crate::watched::WhileWatched;
use crate::{AudioProcessor, CaptureReport, MediaSessionHandle, MediaSessionId};

/// One leg of a call: what its peer sends becomes packets for the other leg, processed on the way.
///
/// Owned by one thread at a time (`Send`); other threads hold a [`MediaSessionHandle`]. After
/// construction its methods neither allocate nor lock nor log. Dropping it frees everything it had; its
/// metrics stay in the engine's sum and with its handles.
#[derive(Debug)]
pub struct MediaSession {
    pipeline: RtpPipeline,
    processor: AudioProcessor,
    /// What is missing on either side, for the reference.
    timeline: Timeline,
    report: CaptureReport,
    shared: Arc<SessionShared>,
    registry: Arc<Registry>,
}

impl MediaSession {
    pub(crate) fn new(
        pipeline: RtpPipeline,
        processor: AudioProcessor,
        shared: Arc<SessionShared>,
        registry: Arc<Registry>,
    ) -> Self {
        processor.announce();
        Self {
            pipeline,
            processor,
            timeline: Timeline::default(),
            report: CaptureReport::default(),
            shared,
            registry,
        }
    }

    /// Turns an RTP packet from this leg's peer (exactly the bytes received) into the one for the other
    /// leg, in place. `clock` times the stages of one packet in
    /// [`time_one_in`](crate::PerformanceConfig::time_one_in).
    ///
    /// # Errors
    /// The reason for which the packet was dropped; it is counted, and nothing else has changed.
    pub fn process_packet<'a, C: Clock>(
        &'a mut self,
        datagram: &'a mut [u8],
        clock: &C,
    ) -> Result<Egress<'a>, PacketError> {
        self.pass(datagram, clock, |pipeline, datagram, stage, clock| {
            pipeline.process(datagram, stage, clock)
        })
    }

    /// As [`process_packet`](Self::process_packet), but what is for the other leg goes to `send`, in packets of the
    /// length that [`packet_ms`](mc_rtp_pipeline::RtpPipelineConfig::packet_ms) asks for: none, one or several. What is
    /// returned is for [`render_egress`](Self::render_egress).
    ///
    /// # Errors
    /// As [`process_packet`](Self::process_packet).
    pub fn process_packets<'a, C: Clock>(
        &'a mut self,
        datagram: &'a mut [u8],
        clock: &C,
        send: impl FnMut(&[u8]),
    ) -> Result<Egress<'a>, PacketError> {
        self.pass(datagram, clock, |pipeline, datagram, stage, clock| {
            pipeline.process_packets(datagram, stage, clock, send)
        })
    }

    /// Lets a packet through the pipeline, in one way or the other, and keeps the echo canceller's reference in step.
    #[inline]
    fn pass<'a, C: Clock>(
        &'a mut self,
        datagram: &'a mut [u8],
        clock: &C,
        process: impl FnOnce(
            &'a mut RtpPipeline,
            &'a mut [u8],
            &mut CaptureStage<'_>,
            &WhileWatched<'_, C>,
        ) -> Result<Egress<'a>, PacketError>,
    ) -> Result<Egress<'a>, PacketError> {
        let place = self.begin(datagram)?;
        let Self { pipeline, processor, timeline, report, shared, .. } = self;
        let clock = WhileWatched { clock, watched: processor.is_watched() };
        let mut stage = CaptureStage { processor, muted: shared.is_muted(), report, shared };
        let egress = process(pipeline, datagram, &mut stage, &clock)?;
        if let Some(place) = place {
            timeline.near_end(place, &egress);
        }
        Ok(egress)
    }

    /// Brings the session up to date before a packet. With an echo canceller, gives the packet's place.
    #[inline]
    fn begin(&mut self, datagram: &[u8]) -> Result<Option<Place>, PacketError> {
        if !self.is_active() {
            return Err(self.pipeline.refuse(datagram.len(), PacketError::Stopped));
        }
        self.shared.update(&mut self.processor);
        if !self.processor.needs_reference() {
            return Ok(None);
        }
        let place = Place::of(datagram);
        if let Some(place) = place {
            self.timeline.pass_over(place, |samples| self.processor.pass_over(samples));
        }
        Ok(place)
    }

    /// Makes a packet for the other leg that this leg's peer did not send, in `room`; see
    /// [`RtpPipeline::originate`]. The processors take no note of it.
    ///
    /// # Errors
    /// Those of [`RtpPipeline::originate`].
    pub fn originate<'a>(
        &'a mut self,
        origin: &Origin,
        samples: &[f32],
        room: &'a mut [u8],
    ) -> Result<Egress<'a>, PacketError> {
        self.pipeline.originate(origin, samples, room)
    }

    /// Takes the other leg's packet, which is about to be sent to this leg, as the echo canceller's
    /// reference. Costs nothing without an echo canceller. What was lost of either leg is made up for, by the packets'
    /// timestamps: the reference stays in step with the near end.
    pub fn render_egress(&mut self, egress: &Egress<'_>) {
        if !self.processor.needs_reference() {
            return;
        }
        let Self { processor, timeline, .. } = self;
        let mut room = [0.0; MAX_PAYLOAD_SAMPLES];
        let audio = if let Some(frame) = egress.frame() {
            frame
        } else if let Some(law) = egress.law()
            && let Some(room) = room.get_mut(..egress.payload().len())
        {
            let decoded = G711::new(law).decode_f32(egress.payload(), room);
            debug_assert!(decoded.is_ok(), "the room is as long as the payload");
            &*room
        } else {
            return;
        };
        if let Some(place) = Place::of(egress.packet()) {
            timeline.far_end(place, audio, |audio| processor.render_audio(audio));
        }
    }

    /// Takes audio that is about to be played to this leg (f32 mono, ±1.0, 8 kHz, 2.5 to 60 ms) as the
    /// echo canceller's reference: for audio that did not come from another session.
    pub fn render(&mut self, far_end: &[f32]) {
        self.processor.render_audio(far_end);
    }

    /// What the processors did to the latest packet.
    #[must_use]
    pub const fn report(&self) -> &CaptureReport {
        &self.report
    }

    /// The processors, for what they have to say. They change by
    /// [`MediaSessionHandle::reconfigure`].
    #[must_use]
    pub const fn processor(&self) -> &AudioProcessor {
        &self.processor
    }

    /// The session's number.
    #[must_use]
    pub fn id(&self) -> MediaSessionId {
        self.shared.id
    }

    /// Whether no handle has [stopped](MediaSessionHandle::stop) it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.shared.is_active()
    }

    /// A handle for any other thread.
    #[must_use]
    pub fn handle(&self) -> MediaSessionHandle {
        MediaSessionHandle::new(Arc::clone(&self.shared))
    }
}

impl Drop for MediaSession {
    fn drop(&mut self) {
        self.shared.end(&self.registry);
    }
}

/// The processors and the mute switch, as the pipeline sees them.
struct CaptureStage<'a> {
    processor: &'a mut AudioProcessor,
    muted: bool,
    report: &'a mut CaptureReport,
    shared: &'a SessionShared,
}

impl FrameStage for CaptureStage<'_> {
    fn access(&self) -> FrameAccess {
        match (self.processor.needs_audio(), self.muted) {
            (false, false) => FrameAccess::None,
            (false, true) => FrameAccess::Mute,
            (true, false) if !self.processor.changes_audio() => FrameAccess::Listen,
            (true, _) => FrameAccess::Change,
        }
    }

    fn process<C: Clock>(&mut self, frame: &mut [f32], timer: &mut StageTimer<'_, C>) {
        *self.report = self.processor.capture(frame, |stage| timer.lap(stage));
        if self.processor.is_watched() {
            self.shared.publish(self.report);
        }
        if self.muted {
            frame.fill(0.0);
        }
    }
}
