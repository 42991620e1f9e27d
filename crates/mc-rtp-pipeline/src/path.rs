//! The way of one packet: read, decode, process, encode, write, in the buffer it came in.

use mc_g711::{G711, LawMap};
use mc_metrics::{Clock, Stage, StageTimer};
use mc_pool::{AudioFramePool, PooledAudioFrame};

use crate::continuity::{Admission, EgressStream};
use crate::format::MAX_PAYLOAD_SAMPLES;
use crate::header::{self, EgressHeader, RtpHeader};
use crate::{Egress, FrameAccess, FrameStage, PacketError, PayloadTypes};

/// The state that packets pass through.
#[derive(Debug)]
pub(crate) struct PacketPath {
    payload_type: u8,
    /// Payload types that are passed on with their payload as it is.
    passed: PayloadTypes,
    decoder: G711,
    encoder: G711,
    /// From code to code, where the laws differ: for audio that nobody changes.
    transcoding: Option<LawMap>,
    stream: EgressStream,
    frames: AudioFramePool<f32>,
    /// The latest packet's audio: handed out with its egress, taken back by the next packet.
    frame: Option<PooledAudioFrame<f32>>,
}

impl PacketPath {
    /// The path from payload type `payload_type`, decoded by `decoder`, into `stream`, encoded by `encoder`;
    /// other payload types that are to be `passed` enter the stream as they are.
    pub(crate) fn new(
        payload_type: u8,
        passed: PayloadTypes,
        decoder: G711,
        encoder: G711,
        stream: EgressStream,
        frames: AudioFramePool<f32>,
    ) -> Self {
        let transcoding = (decoder.law() != encoder.law()).then(|| LawMap::transcode(decoder, encoder));
        Self { payload_type, passed, decoder, encoder, transcoding, stream, frames, frame: None }
    }

    /// Passes one packet. Every check comes before the first change of state or bytes.
    #[inline]
    pub(crate) fn pass<'a, S: FrameStage, C: Clock>(
        &'a mut self,
        datagram: &'a mut [u8],
        stage: &mut S,
        timer: &mut StageTimer<'_, C>,
    ) -> Result<(Egress<'a>, Admission), PacketError> {
        let ingress = header::read(datagram)?;
        if ingress.payload_type != self.payload_type {
            return self.pass_on(datagram, &ingress, stage.access());
        }
        let samples = check_payload(&ingress)?;
        let payload = &mut datagram[ingress.payload.clone()];
        let access = stage.access();
        if let Some(done) = self.frame.take() {
            self.frames.put(done);
        }
        if matches!(access, FrameAccess::Listen | FrameAccess::Change) {
            self.frame = Some(self.decode(payload)?);
        }
        let (egress, admission) = self.stream.admit(&ingress, samples as u32)?;

        if let Some(frame) = &mut self.frame {
            timer.lap(Stage::Decode);
            stage.process(frame, timer);
        }
        match (access, &self.frame, &self.transcoding) {
            (FrameAccess::Change, Some(frame), _) => self.encode(frame, payload),
            (FrameAccess::Mute, ..) => payload.fill(self.encoder.law().silence()),
            (.., Some(transcoding)) => transcoding.apply(payload),
            (.., None) => {}
        }
        header::rewrite(datagram, &egress);
        if self.frame.is_some() || self.transcoding.is_some() {
            timer.lap(Stage::Encode);
        }
        let packet = &datagram[..ingress.payload.end];
        let egress = Egress::new(packet, ingress.payload.start, Some(self.encoder.law()), &mut self.frame);
        Ok((egress, admission))
    }

    /// Gives a packet of another payload type its place in the stream, if it is one that is passed on.
    fn pass_on<'a>(
        &'a mut self,
        datagram: &'a mut [u8],
        ingress: &RtpHeader,
        access: FrameAccess,
    ) -> Result<(Egress<'a>, Admission), PacketError> {
        if !self.passed.contains(ingress.payload_type) {
            return Err(PacketError::PayloadType);
        }
        if access == FrameAccess::Mute {
            return Err(PacketError::Muted);
        }
        // Its duration is not known here: the next timestamp is the sender's word.
        let (egress, admission) = self.stream.admit(ingress, 0)?;
        header::rewrite(datagram, &EgressHeader { payload_type: ingress.payload_type, ..egress });
        if let Some(done) = self.frame.take() {
            self.frames.put(done);
        }
        let packet = &datagram[..ingress.payload.end];
        Ok((Egress::new(packet, ingress.payload.start, None, &mut self.frame), admission))
    }

    /// A frame with the audio of `payload`.
    #[inline]
    fn decode(&self, payload: &[u8]) -> Result<PooledAudioFrame<f32>, PacketError> {
        self.frames
            // The room is as long as the payload, so decoding cannot fail.
            .get_with(payload.len(), |room| self.decoder.decode_f32_uninit(payload, room).unwrap_or_default())
            .map_err(|_| PacketError::FramesExhausted)
    }

    #[inline]
    fn encode(&self, frame: &[f32], payload: &mut [u8]) {
        let encoded = self.encoder.encode_f32(frame, payload);
        debug_assert!(encoded.is_ok(), "a stage cannot change the length of its frame");
    }
}

/// Samples in the payload, if they are of a number that we take.
#[inline]
fn check_payload(ingress: &RtpHeader) -> Result<usize, PacketError> {
    match ingress.payload.len() {
        0 => Err(PacketError::EmptyPayload),
        samples if samples > MAX_PAYLOAD_SAMPLES => Err(PacketError::PayloadTooLong),
        samples => Ok(samples),
    }
}
