//! A session of the engine and the packets that its peer sends.

use mc_engine::{
    AudioProcessingConfig, MediaEngine, MediaEngineConfig, MediaSession, MediaSessionParams, NoClock,
    PacketError, PayloadFormat, RtpPipelineConfig,
};

use crate::Failure;
use crate::input;

/// One leg: packets go through its session one after the other, for as long as asked.
pub struct Call {
    session: MediaSession,
    arriving: Vec<Vec<u8>>,
    datagrams: Vec<Vec<u8>>,
    sent: u64,
}

impl Call {
    /// A leg that sends mu-law to a leg that takes `egress`.
    ///
    /// # Errors
    /// When the engine refuses the configuration.
    pub fn new(egress: PayloadFormat, processing: AudioProcessingConfig) -> Result<Self, Failure> {
        let engine = MediaEngine::new(MediaEngineConfig::default())?;
        let rtp = RtpPipelineConfig::default().with_egress(egress).with_ssrc(0x5EED);
        let params = MediaSessionParams::default().with_rtp(rtp).with_processing(processing);
        let arriving = input::packets(1)?;
        Ok(Self {
            session: engine.create_media_session(params)?,
            datagrams: arriving.clone(),
            arriving,
            sent: 0,
        })
    }

    /// Receives packet `frame` (one copy, in the place of the socket's), numbered on from the last one, and
    /// processes it.
    ///
    /// # Errors
    /// When the session drops it.
    pub fn pass(&mut self, frame: usize) -> Result<(), PacketError> {
        let datagram = &mut self.datagrams[frame];
        datagram.copy_from_slice(&self.arriving[frame]);
        input::number(datagram, self.sent);
        self.sent += 1;
        self.session.process_packet(datagram, &NoClock)?;
        Ok(())
    }

    /// Gives the session what is sent to its leg, as the echo canceller's reference.
    pub fn render(&mut self, far_end: &[f32]) {
        self.session.render(far_end);
    }

    /// The session, for its metrics.
    #[must_use]
    pub const fn session(&self) -> &MediaSession {
        &self.session
    }

    /// The packets as they left, one after the other.
    #[must_use]
    pub fn output(&self) -> Vec<u8> {
        self.datagrams.concat()
    }
}
