//! The data side of one leg.

use std::sync::Arc;

use mc_g711::G711;
use mc_metrics::{Clock, NoClock, StageTimer};
use mc_rtp_pipeline::{Egress, FrameAccess, FrameStage, MAX_PAYLOAD_SAMPLES, PacketError, RtpPipeline};

use crate::registry::Registry;
use crate::shared::SessionShared;
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
    /// Room to decode a reference that came without audio.
    reference: Box<[f32]>,
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
        let reference = vec![0.0; MAX_PAYLOAD_SAMPLES].into();
        processor.announce();
        Self { pipeline, processor, reference, report: CaptureReport::default(), shared, registry }
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
        if !self.is_active() {
            return Err(self.pipeline.refuse(datagram.len(), PacketError::Stopped));
        }
        self.shared.mailbox.collect(&mut self.processor);
        if !self.processor.has_replaced()
            && let Some(next) = self.shared.mailbox.receive()
        {
            self.processor.replace(next);
        }
        let mut stage = CaptureStage {
            processor: &mut self.processor,
            muted: self.shared.is_muted(),
            report: &mut self.report,
            shared: &self.shared,
        };
        if stage.processor.is_watched() {
            self.pipeline.process(datagram, &mut stage, clock)
        } else {
            self.pipeline.process(datagram, &mut stage, &NoClock)
        }
    }

    /// Takes the other leg's packet, which is about to be sent to this leg, as the echo canceller's
    /// reference. Costs nothing without an echo canceller.
    pub fn render_egress(&mut self, egress: &Egress<'_>) {
        if !self.processor.needs_reference() {
            return;
        }
        if let Some(frame) = egress.frame() {
            self.processor.render_audio(frame);
        } else if let Some(law) = egress.law()
            && let Some(reference) = self.reference.get_mut(..egress.payload().len())
        {
            let decoded = G711::new(law).decode_f32(egress.payload(), reference);
            debug_assert!(decoded.is_ok(), "the reference is as long as the payload");
            self.processor.render_audio(reference);
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
        self.shared.deactivate();
        self.shared.mailbox.clear();
        let metrics = self.registry.retire(&self.shared);
        let (id, faults) = (self.shared.id, metrics.faults);
        if faults.total() > 0 {
            // Said here and once, because the packet path does not log.
            tracing::warn!(
                session = %id,
                echo_cancellation = faults.echo_cancellation,
                voice_detection = faults.voice_detection,
                gain_control = faults.gain_control,
                "processors were bypassed for some frames"
            );
        }
        tracing::debug!(session = %id, packets = metrics.performance.packets_in, "media session ended");
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
