//! A leg that ends here: audio on one side, RTP on the other.

mod config;
mod control;
mod incoming;
mod metrics;
mod outgoing;
mod rating;
mod timing;

use std::sync::Arc;
use std::time::Duration;

use mc_dsp::{ConfigError, SampleRate};
use mc_metrics::{Clock, Stage, StageTimer};
use mc_rtp_pipeline::quality::{CodecImpairment, Quality};
use mc_rtp_pipeline::telephone_event::DtmfKey;
use mc_rtp_pipeline::{Codec, JitterStats, MediaPacket, PacketError, PlayoutStats};

pub use self::config::{EndpointConfig, NearEnd};
use self::control::Control;
use self::incoming::Incoming;
pub use self::incoming::Received;
pub(crate) use self::metrics::EndpointMonitor;
pub use self::metrics::{EndpointMetrics, EndpointStatus, SentCounts};
use self::outgoing::Outgoing;
use self::timing::Timing;
use crate::registry::Registry;
use crate::shared::SessionShared;
use crate::watched::WhileWatched;
use crate::{AudioProcessor, CaptureReport, MediaSessionHandle, MediaSessionId};

/// One party's media where it ends: in a softphone, a conference bridge, a voice agent. Made by
/// [`MediaEngine::create_media_endpoint`](crate::MediaEngine::create_media_endpoint).
///
/// Datagrams, RTP and RTCP alike, [come in](Self::receive) at any time and wait in an adaptive jitter buffer;
/// [`play`](Self::play) has audio at every tick, lost packets concealed and pauses filled with comfort noise.
/// [`send`](Self::send) cuts audio into packets of the length that is wanted, leaves out pauses, and sends keys that were
/// [pressed](Self::press) in their place. [`poll_report`](Self::poll_report) makes RTCP reports when they are due.
///
/// The processors of its session work on the [near end](NearEnd), with the other direction as the reference, and their
/// voice detector tells what is a pause. Its [`MediaSessionHandle`] mutes the near end, changes the processors and reads
/// the metrics from any thread.
///
/// Owned by one thread at a time. Time is an argument: that of a clock of the caller's that never goes back. Nothing is
/// allocated after construction.
#[derive(Debug)]
pub struct MediaEndpoint {
    incoming: Incoming,
    outgoing: Outgoing,
    control: Control,
    impairment: CodecImpairment,
    clock_rate: u32,
    rate: SampleRate,
    near_end: NearEnd,
    processor: AudioProcessor,
    report: CaptureReport,
    /// Where what is sent is processed: 60 ms.
    room: Box<[f32]>,
    timing: Timing,
    shared: Arc<SessionShared>,
    registry: Arc<Registry>,
}

/// What of an endpoint can be refused: made before the session is.
#[derive(Debug)]
pub(crate) struct Parts {
    incoming: Incoming,
    outgoing: Outgoing,
    control: Control,
    impairment: CodecImpairment,
    clock_rate: u32,
    pub(crate) rate: SampleRate,
    near_end: NearEnd,
}

impl Parts {
    pub(crate) fn new(config: &EndpointConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let codecs = config.formats.codecs()?;
        let rate = config.rate.unwrap_or_else(|| codecs.sample_rate());
        Ok(Self {
            incoming: Incoming::new(config, rate)?,
            outgoing: Outgoing::new(config, rate)?,
            control: Control::new(config, codecs.clock_rate()),
            impairment: codecs.impairment(),
            clock_rate: codecs.clock_rate(),
            rate,
            near_end: config.near_end,
        })
    }
}

impl MediaEndpoint {
    pub(crate) fn new(
        parts: Parts,
        processor: AudioProcessor,
        shared: Arc<SessionShared>,
        registry: Arc<Registry>,
    ) -> Self {
        let Parts { incoming, outgoing, control, impairment, clock_rate, rate, near_end } = parts;
        processor.announce();
        Self {
            incoming,
            outgoing,
            control,
            impairment,
            clock_rate,
            rate,
            near_end,
            processor,
            report: CaptureReport::default(),
            room: vec![0.0; rate.max_frame_samples()].into(),
            timing: Timing::new(&shared.metrics.sampler()),
            shared,
            registry,
        }
    }

    /// With the stages timed by `clock`, of one frame that is played and of one that is sent in
    /// [`time_one_in`](crate::PerformanceConfig::time_one_in). What is played is decoded: taken from the jitter buffer,
    /// made up where that has none, and resampled. Of what is sent, the first packet's encoding counts, and no time
    /// that `transmit` takes. The total is each direction's own.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + Send + 'static) -> Self {
        self.timing.clock = Box::new(clock);
        if self.processor.is_watched() {
            self.shared.metrics.make_room();
        }
        self
    }

    /// Takes in a datagram, RTP or RTCP (RFC 5761), that arrived at `now`.
    ///
    /// # Errors
    /// Why it is no packet of this stream; it is counted, and nothing else has changed.
    pub fn receive(&mut self, datagram: &[u8], now: Duration) -> Result<Received, PacketError> {
        let result = if self.is_active() { self.take_in(datagram, now) } else { Err(PacketError::Stopped) };
        self.shared.note_received(datagram.len(), result.err());
        result
    }

    fn take_in(&mut self, datagram: &[u8], now: Duration) -> Result<Received, PacketError> {
        let packet = match MediaPacket::parse(datagram) {
            Err(PacketError::Rtcp) => {
                let read = self.control.receive(datagram, now);
                self.publish();
                return read.map(|()| Received::Report).map_err(|_| PacketError::Rtcp);
            }
            other => other?,
        };
        let received = self.incoming.receive(&packet, now)?;
        self.control.note(&packet, now);
        Ok(received)
    }

    /// Plays at `now`: fills `out` (±1.0, whole milliseconds, at the endpoint's [rate](Self::rate)).
    pub fn play(&mut self, out: &mut [f32], now: Duration) {
        if !self.is_active() {
            return out.fill(0.0);
        }
        self.shared.update(&mut self.processor);
        let Self { incoming, processor, report, shared, timing, near_end, rate, .. } = self;
        let clock = WhileWatched { clock: &*timing.clock, watched: processor.is_watched() };
        for out in out.chunks_mut(rate.max_frame_samples()) {
            let mut timer = timing.played.start_timer(&*shared.metrics, &clock);
            incoming.play(out, now);
            timer.lap(Stage::Decode);
            match near_end {
                NearEnd::Received => process(processor, report, shared, out, |stage| timer.lap(stage)),
                NearEnd::Sent => processor.render_audio(out),
            }
            timer.finish();
        }
        self.publish();
    }

    /// Takes in `samples` (±1.0, at the endpoint's [rate](Self::rate)) and gives each packet that is full to `transmit`.
    /// With a payload type for comfort noise, packets without speech are left out, if there is a voice detector on
    /// what is sent.
    pub fn send(&mut self, samples: &[f32], transmit: impl FnMut(&[u8])) {
        self.send_any(samples, None, transmit);
    }

    /// As [`send`](Self::send), where somebody else says whether this is speech: another endpoint's
    /// [voice detector](Self::processed), or the application.
    pub fn send_voice(&mut self, samples: &[f32], is_speech: bool, transmit: impl FnMut(&[u8])) {
        self.send_any(samples, Some(is_speech), transmit);
    }

    fn send_any(&mut self, samples: &[f32], told: Option<bool>, mut transmit: impl FnMut(&[u8])) {
        if !self.is_active() {
            return;
        }
        self.shared.update(&mut self.processor);
        let Self { outgoing, processor, report, shared, timing, room, near_end, rate, .. } = self;
        let clock = WhileWatched { clock: &*timing.clock, watched: processor.is_watched() };
        for samples in samples.chunks(rate.max_frame_samples()) {
            let frame = &mut room[..samples.len()];
            frame.copy_from_slice(samples);
            let mut timer = timing.sent.start_timer(&*shared.metrics, &clock);
            let heard = match near_end {
                NearEnd::Sent => {
                    process(processor, report, shared, frame, |stage| timer.lap(stage));
                    report.voice.map(|voice| voice.is_speech)
                }
                NearEnd::Received => {
                    processor.render_audio(frame);
                    None
                }
            };
            let mut timer = Some(timer);
            outgoing.send(frame, told.or(heard).unwrap_or(true), &mut |packet| {
                if let Some(mut timer) = timer.take() {
                    timer.lap(Stage::Encode);
                    timer.finish();
                }
                shared.metrics.count_sent(packet.len());
                transmit(packet);
            });
            // Where the packet goes on, or is left out.
            timer.into_iter().for_each(StageTimer::finish);
        }
        self.publish_counts();
    }

    /// Has `key` sent for `milliseconds`, in the place of audio: as packets of its own where there is a payload type for
    /// keys (RFC 4733), as tones otherwise (ITU-T Q.23). Returns whether it will be: not while another is being sent.
    pub fn press(&mut self, key: DtmfKey, milliseconds: u16) -> bool {
        self.outgoing.press(key, milliseconds)
    }

    /// Sends in the format of `payload_type` from the next packet on. Returns whether that is one of the session's.
    pub fn send_as(&mut self, payload_type: u8) -> bool {
        self.outgoing.select(payload_type)
    }

    /// Gives an RTCP report to `transmit` if one is due at `now` (RFC 3550 §6.2): to be called at every tick.
    pub fn poll_report(&mut self, now: Duration, mut transmit: impl FnMut(&[u8])) {
        if self.is_active() {
            self.control.poll(now, &self.outgoing.info(), &mut transmit);
            self.publish_counts();
        }
    }

    /// Gives a last report, with a goodbye, to `transmit`.
    pub fn leave(&mut self, now: Duration, mut transmit: impl FnMut(&[u8])) {
        self.control.leave(now, &self.outgoing.info(), &mut transmit);
        self.publish();
    }

    /// How good what is heard here is, by the E-model; `None` before the first packet. It needs no RTCP, and goes by the
    /// round trip where there is some.
    #[must_use]
    pub fn quality(&self) -> Option<Quality> {
        let resampling = Duration::from_secs_f32(self.incoming.latency_ms() / 1e3);
        let delay = self.delay().unwrap_or_default() + resampling;
        rating::heard_here(self.impairment, self.packets(), delay, self.control.round_trip)
    }

    /// How good what the other side hears of us is, by its reports; `None` before the first.
    #[must_use]
    pub fn quality_at_peer(&self) -> Option<Quality> {
        let sent = self.outgoing.info().packets;
        let round_trip = self.control.round_trip;
        let block = self.control.about_us?;
        Some(rating::heard_there(self.impairment, &block, self.clock_rate, sent, round_trip))
    }

    /// What became of the packets that came in.
    #[must_use]
    pub const fn packets(&self) -> &JitterStats {
        self.incoming.playout.packets()
    }

    /// What was played, and how much of it was made up.
    #[must_use]
    pub const fn played(&self) -> &PlayoutStats {
        self.incoming.playout.stats()
    }

    /// Delay of what was played last, against a packet that took the fastest way; `None` before the first one.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.incoming.playout.delay()
    }

    /// What the processors did to the latest frame of the near end.
    #[must_use]
    pub const fn processed(&self) -> &CaptureReport {
        &self.report
    }

    /// Rate of the audio that is played and sent.
    #[must_use]
    pub const fn rate(&self) -> SampleRate {
        self.rate
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

    /// Leaves the counts for the handles.
    fn publish_counts(&self) {
        let Some(monitor) = self.shared.endpoint() else { return };
        let control = &self.control;
        monitor.write(&EndpointMetrics {
            received: *self.packets(),
            played: *self.played(),
            sent: self.outgoing.counts,
            reports_sent: control.sent,
            reports_received: control.received,
            reports_refused: control.refused,
        });
    }

    /// Leaves counts and figures for the handles.
    fn publish(&self) {
        self.publish_counts();
        let Some(monitor) = self.shared.endpoint() else { return };
        let control = &self.control;
        monitor.write_status(&EndpointStatus {
            mos: self.quality().map(Quality::mos),
            mos_at_peer: self.quality_at_peer().map(Quality::mos),
            round_trip: control.round_trip,
            jitter: control.jitter(),
            delay: self.delay(),
            loss_at_peer: control.about_us.map(|block| f32::from(block.fraction_lost) / 256.0),
            peer_left: control.peer_left,
        });
    }
}

impl Drop for MediaEndpoint {
    fn drop(&mut self) {
        self.publish();
        self.shared.end(&self.registry);
    }
}

/// Lets the processors work on a frame of the near end.
fn process(
    processor: &mut AudioProcessor,
    report: &mut CaptureReport,
    shared: &SessionShared,
    frame: &mut [f32],
    lap: impl FnMut(Stage),
) {
    *report = processor.capture(frame, lap);
    if processor.is_watched() {
        shared.publish(report);
    }
    if shared.is_muted() {
        frame.fill(0.0);
    }
}
