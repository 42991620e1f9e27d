//! Whole packets through a media session of the engine.

use mc_engine::{
    AudioProcessingConfig, G711, MediaEngine, MediaEngineConfig, MediaSession, MediaSessionParams, NoClock,
    PayloadFormat, RtpPipelineConfig,
};
use rtp_rs::RtpPacketBuilder;

use super::case::{Case, Name};
use super::frames::{self, FRAMES, SAMPLES};
use crate::failure::Failure;

pub(super) fn cases() -> Result<Vec<Case>, Failure> {
    let name = |operation| Name { group: "RTP in to RTP out", operation, level: None };
    let mut transcoding = Leg::new(AudioProcessingConfig::default())?;
    let mut processing = Leg::new(AudioProcessingConfig::all())?;
    let far_end = frames::speech(2);
    Ok(vec![
        Case::new(name("PCMU to PCMA"), move |n| transcoding.pass(n)),
        Case::new(name("with all processors (v1)"), move |n| {
            processing.session.render(&far_end[frames::of(n)]);
            processing.pass(n)
        }),
    ])
}

/// A session whose peer sends PCMU to one that takes PCMA, and the peer's packets.
struct Leg {
    session: MediaSession,
    arriving: Vec<Vec<u8>>,
    /// A buffer per packet of `arriving`, with that packet in it.
    datagrams: Vec<Vec<u8>>,
    sent: u32,
}

impl Leg {
    fn new(processing: AudioProcessingConfig) -> Result<Self, Failure> {
        let engine = MediaEngine::new(MediaEngineConfig::default())?;
        let rtp = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
        let params = MediaSessionParams::default().with_rtp(rtp).with_processing(processing);
        let session = engine.create_media_session(params).map_err(Failure::run)?;
        let arriving = arriving()?;
        Ok(Self { session, datagrams: arriving.clone(), arriving, sent: 0 })
    }

    /// Processes packet `frame`, numbered on from the last one, and puts it back for the next time: one copy,
    /// as the socket makes, long before what is copied is read.
    fn pass(&mut self, frame: usize) -> Result<(), Failure> {
        let datagram = &mut self.datagrams[frame];
        // Sequence number and timestamp (RFC 3550, section 5.1).
        datagram[2..4].copy_from_slice(&(self.sent as u16).to_be_bytes());
        datagram[4..8].copy_from_slice(&self.sent.wrapping_mul(SAMPLES as u32).to_be_bytes());
        self.sent = self.sent.wrapping_add(1);
        self.session.process_packet(datagram, &NoClock).map_err(Failure::run)?;
        datagram.copy_from_slice(&self.arriving[frame]);
        Ok(())
    }
}

fn arriving() -> Result<Vec<Vec<u8>>, Failure> {
    let PayloadFormat { payload_type, law, .. } = PayloadFormat::PCMU;
    let speech = frames::speech(1);
    let mut codes = [0; SAMPLES];
    (0..FRAMES)
        .map(|frame| {
            G711::new(law).encode_f32(&speech[frames::of(frame)], &mut codes).map_err(Failure::run)?;
            RtpPacketBuilder::new()
                .payload_type(payload_type)
                .ssrc(1)
                .payload(&codes)
                .build()
                .map_err(|error| Failure::run(format_args!("RTP packet: {error:?}")))
        })
        .collect()
}
