//! The way of one packet: read, decode, process, encode, write, in the buffer it came in.

use std::sync::Arc;

use mc_g711::G711;
use mc_metrics::{Clock, MetricsCollector, Stage, StageTimer};
use mc_pool::{PooledAudioFrame, RtpProcessingBufferPool};

use crate::code_map::CodeMap;
use crate::continuity::{Admission, EgressStream};
use crate::format::MAX_PAYLOAD_SAMPLES;
use crate::header::{self, EgressHeader, RtpHeader};
use crate::origin::Origin;
use crate::{Egress, FrameAccess, FrameStage, PacketError, PayloadTypes, RtpPipelineConfig};

/// The state that packets pass through.
#[derive(Debug)]
pub(crate) struct PacketPath {
    payload_type: u8,
    /// Payload types that are passed on with their payload as it is.
    passed: PayloadTypes,
    decoder: G711,
    encoder: G711,
    /// For audio that nobody decodes.
    codes: CodeMap,
    metering: bool,
    stream: EgressStream,
    frames: RtpProcessingBufferPool,
    /// Where what the pool did is counted.
    metrics: Option<Arc<MetricsCollector>>,
    /// The latest packet's audio: handed out with its egress, taken back by the next packet.
    frame: Option<PooledAudioFrame<f32>>,
}

impl PacketPath {
    /// The path of `config`, between the `[decoder, encoder]` that it asks for, into `stream`.
    pub(crate) fn new(
        config: &RtpPipelineConfig,
        [decoder, encoder]: [G711; 2],
        stream: EgressStream,
        frames: RtpProcessingBufferPool,
        metrics: Option<Arc<MetricsCollector>>,
    ) -> Self {
        Self {
            payload_type: config.ingress.payload_type,
            passed: config.passed,
            decoder,
            encoder,
            codes: CodeMap::new(decoder, encoder),
            metering: config.metering,
            stream,
            frames,
            metrics,
            frame: None,
        }
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
            return self.pass_on(datagram, ingress, stage.access());
        }
        let samples = check_payload(&ingress)?;
        let payload = &mut datagram[ingress.payload.clone()];
        let access = stage.access();
        if matches!(access, FrameAccess::Listen | FrameAccess::Change) {
            self.decode(payload)?;
        } else {
            self.put_back();
        }
        let (egress, admission) = self.stream.admit(&ingress, samples as u32)?;

        let energy = match access {
            FrameAccess::None => self.map(1.0, payload, timer),
            FrameAccess::Gain(gain) => self.map(gain, payload, timer),
            FrameAccess::Mute => {
                let energy = self.measure(payload);
                payload.fill(self.encoder.law().silence());
                energy
            }
            FrameAccess::Listen => {
                self.process(stage, timer);
                self.map(1.0, payload, timer)
            }
            FrameAccess::Change => {
                let energy = self.measure(payload);
                self.process(stage, timer);
                self.encode(payload);
                timer.lap(Stage::Encode);
                energy
            }
        };
        header::rewrite(datagram, &egress);
        let packet = &mut datagram[..ingress.payload.end];
        let law = Some(self.encoder.law());
        let egress = Egress::new(packet, ingress.payload.start, law, &mut self.frame, energy);
        Ok((egress, admission))
    }

    /// Gives a packet of another payload type its place in the stream, if it is one that is passed on.
    #[cold]
    fn pass_on<'a>(
        &'a mut self,
        datagram: &'a mut [u8],
        ingress: RtpHeader,
        access: FrameAccess,
    ) -> Result<(Egress<'a>, Admission), PacketError> {
        if !self.passed.contains(ingress.payload_type) {
            return Err(PacketError::PayloadType);
        }
        if access == FrameAccess::Mute {
            return Err(PacketError::Muted);
        }
        // Its duration is not known here: the next timestamp is the sender's word.
        let (egress, admission) = self.stream.admit(&ingress, 0)?;
        header::rewrite(datagram, &EgressHeader { payload_type: ingress.payload_type, ..egress });
        self.put_back();
        let packet = &mut datagram[..ingress.payload.end];
        Ok((Egress::new(packet, ingress.payload.start, None, &mut self.frame, None), admission))
    }

    /// Writes a packet of `samples` to `room`, with the place in the stream that `origin` asks for.
    pub(crate) fn originate<'a>(
        &'a mut self,
        origin: &Origin,
        samples: &[f32],
        room: &'a mut [u8],
    ) -> Result<Egress<'a>, PacketError> {
        let asked = origin.header(self.payload_type, samples.len());
        check_payload(&asked)?;
        let packet = room.get_mut(..asked.payload.end).ok_or(PacketError::PayloadTooLong)?;
        let (egress, _) = self.stream.admit(&asked, samples.len() as u32)?;
        header::begin(packet);
        header::rewrite(packet, &egress);
        let encoded = self.encoder.encode_f32(samples, &mut packet[asked.payload.clone()]);
        debug_assert!(encoded.is_ok(), "as many codes as samples");
        self.put_back();
        Ok(Egress::new(packet, asked.payload.start, Some(self.encoder.law()), &mut self.frame, None))
    }

    /// Makes the audio of `payload` the latest frame: the last packet's one again, if nobody took it out and it is as long.
    #[inline]
    fn decode(&mut self, payload: &[u8]) -> Result<(), PacketError> {
        if let Some(frame) = self.frame.as_deref_mut()
            && frame.len() == payload.len()
        {
            let decoded = self.decoder.decode_f32(payload, frame);
            debug_assert!(decoded.is_ok(), "as many samples as codes");
            return Ok(());
        }
        self.decode_apart(payload)
    }

    /// The same in a frame from the pool.
    #[inline(never)]
    fn decode_apart(&mut self, payload: &[u8]) -> Result<(), PacketError> {
        self.put_back();
        let frame = self
            .frames
            // The room is as long as the payload, so decoding cannot fail.
            .get_with(payload.len(), |room| {
                self.decoder.decode_f32_uninit(payload, room).unwrap_or_default()
            });
        if let Some(metrics) = &self.metrics {
            let served = if frame.is_ok() { &metrics.pool_hits } else { &metrics.pool_misses };
            served.add(1);
        }
        self.frame = Some(frame.map_err(|_| PacketError::FramesExhausted)?);
        Ok(())
    }

    /// Gives the latest frame back, if it is still here.
    #[inline]
    fn put_back(&mut self) {
        if self.frame.is_some()
            && let Some(done) = self.frame.take()
        {
            self.frames.put(done);
        }
    }

    /// Gives the stage the frame that was decoded.
    #[inline]
    fn process<S: FrameStage, C: Clock>(&mut self, stage: &mut S, timer: &mut StageTimer<'_, C>) {
        if let Some(frame) = &mut self.frame {
            timer.lap(Stage::Decode);
            stage.process(frame, timer);
        }
    }

    /// Replaces `payload` by the frame.
    #[inline]
    fn encode(&self, payload: &mut [u8]) {
        if let Some(frame) = &self.frame {
            let encoded = self.encoder.encode_f32(frame, payload);
            debug_assert!(encoded.is_ok(), "a stage cannot change the length of its frame");
        }
    }

    /// Makes `payload` what leaves, `gain` times as loud, code by code. Returns its energy if that is wanted.
    #[inline]
    fn map<C: Clock>(&mut self, gain: f32, payload: &mut [u8], timer: &mut StageTimer<'_, C>) -> Option<u64> {
        self.codes.set_gain(gain);
        if self.codes.is_identity() {
            return self.measure(payload);
        }
        let energy = if self.metering {
            Some(self.codes.apply_metered(payload))
        } else {
            self.codes.apply(payload);
            None
        };
        timer.lap(Stage::Encode);
        energy
    }

    /// The energy of `payload`, if it is wanted.
    #[inline]
    fn measure(&self, payload: &[u8]) -> Option<u64> {
        self.metering.then(|| self.decoder.energy(payload))
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
