//! The way of one packet: read, decode, process, encode, write, in the buffer it came in.

use mc_g711::G711;
use mc_metrics::{Clock, Stage, StageTimer};
use mc_pool::{AudioFramePool, PooledAudioFrame};

use crate::continuity::{Admission, EgressStream};
use crate::format::MAX_PAYLOAD_SAMPLES;
use crate::header::{self, RtpHeader};
use crate::{Egress, FrameAccess, FrameStage, PacketError};

/// The state that packets pass through.
#[derive(Debug)]
pub(crate) struct PacketPath {
    pub(crate) payload_type: u8,
    pub(crate) decoder: G711,
    pub(crate) encoder: G711,
    pub(crate) stream: EgressStream,
    pub(crate) frames: AudioFramePool<f32>,
}

impl PacketPath {
    /// Passes one packet. Every check comes before the first change of state or bytes.
    pub(crate) fn pass<'a, S: FrameStage, C: Clock>(
        &mut self,
        datagram: &'a mut [u8],
        stage: &mut S,
        timer: &mut StageTimer<'_, C>,
    ) -> Result<(Egress<'a>, Admission), PacketError> {
        let ingress = header::read(datagram)?;
        let samples = self.check_payload(&ingress)?;
        let access = stage.access();
        let transcode = self.decoder.law() != self.encoder.law();
        let mut frame = if transcode || access != FrameAccess::None {
            Some(self.frames.get(samples).map_err(|_| PacketError::FramesExhausted)?)
        } else {
            None
        };
        let (egress, admission) = self.stream.admit(&ingress, samples as u32)?;

        let payload = &mut datagram[ingress.payload.clone()];
        if let Some(frame) = &mut frame {
            self.decode(payload, frame);
            timer.lap(Stage::Decode);
            if access != FrameAccess::None {
                stage.process(frame, timer);
            }
            if transcode || access == FrameAccess::Change {
                self.encode(frame, payload);
            }
        }
        header::rewrite(datagram, &egress);
        if frame.is_some() {
            timer.lap(Stage::Encode);
        }
        let packet = &datagram[..ingress.payload.end];
        Ok((Egress::new(packet, ingress.payload.start, self.encoder.law(), frame), admission))
    }

    /// Samples in the payload, if it is one that we take.
    fn check_payload(&self, ingress: &RtpHeader) -> Result<usize, PacketError> {
        if ingress.payload_type != self.payload_type {
            return Err(PacketError::PayloadType);
        }
        match ingress.payload.len() {
            0 => Err(PacketError::EmptyPayload),
            samples if samples > MAX_PAYLOAD_SAMPLES => Err(PacketError::PayloadTooLong),
            samples => Ok(samples),
        }
    }

    fn decode(&self, payload: &[u8], frame: &mut PooledAudioFrame<f32>) {
        let decoded = self.decoder.decode_f32(payload, frame);
        debug_assert!(decoded.is_ok(), "the frame was made as long as the payload");
    }

    fn encode(&self, frame: &PooledAudioFrame<f32>, payload: &mut [u8]) {
        let encoded = self.encoder.encode_f32(frame, payload);
        debug_assert!(encoded.is_ok(), "a stage cannot change the length of its frame");
    }
}
