//! What comes out of the pipeline.

use mc_g711::{G711, Law};
use mc_pool::PooledAudioFrame;

use crate::header;
use crate::telephone_event::EventPayload;

/// A packet that is ready to be sent, and its audio, until the pipeline is needed again.
#[derive(Debug)]
pub struct Egress<'a> {
    packet: &'a mut [u8],
    payload_start: usize,
    law: Option<Law>,
    frame: &'a mut Option<PooledAudioFrame<f32>>,
    energy: Option<u64>,
}

impl<'a> Egress<'a> {
    #[inline]
    pub(crate) fn new(
        packet: &'a mut [u8],
        payload_start: usize,
        law: Option<Law>,
        frame: &'a mut Option<PooledAudioFrame<f32>>,
        energy: Option<u64>,
    ) -> Self {
        Self { packet, payload_start, law, frame, energy }
    }

    /// The RTP packet: the front part of the datagram that was given.
    #[must_use]
    pub const fn packet(&self) -> &[u8] {
        self.packet
    }

    pub(crate) const fn packet_mut(&mut self) -> &mut [u8] {
        self.packet
    }

    /// The packet's payload: one G.711 code per sample where there is a [`law`](Self::law).
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.packet[self.payload_start..]
    }

    /// The companding law of the payload; `None` for a payload that was [passed on](crate::PayloadTypes)
    /// as it is.
    #[must_use]
    pub const fn law(&self) -> Option<Law> {
        self.law
    }

    /// The audio as it was before encoding (f32 mono, ±1.0, 8 kHz); `None` when no stage asked for it: what
    /// is heard then is what [`payload`](Self::payload) says.
    #[must_use]
    pub fn frame(&self) -> Option<&[f32]> {
        self.frame.as_deref()
    }

    /// The energy of the audio as it arrived: the sum of the squares of its 16-bit samples, exact. `None` without
    /// [`RtpPipelineConfig::metering`](crate::RtpPipelineConfig::metering), and for a payload that was passed on.
    #[must_use]
    pub const fn energy(&self) -> Option<u64> {
        self.energy
    }

    /// Puts other audio (±1.0, 8 kHz) in the place of the packet's: `samples` from its start on, then silence. The
    /// header stays. False, and nothing changed, for a payload that was passed on as it is.
    pub fn replace_audio(&mut self, samples: &[f32]) -> bool {
        let (Some(law), Some(payload)) = (self.law, self.packet.get_mut(self.payload_start..)) else {
            return false;
        };
        let filled = samples.len().min(payload.len());
        let (heard, rest) = payload.split_at_mut(filled);
        let encoded = G711::new(law).encode_f32(&samples[..filled], heard);
        debug_assert!(encoded.is_ok(), "as many codes as samples");
        rest.fill(law.silence());
        if let Some(frame) = self.frame.as_deref_mut() {
            let (heard, rest) = frame.split_at_mut(filled.min(frame.len()));
            heard.copy_from_slice(&samples[..heard.len()]);
            rest.fill(0.0);
        }
        true
    }

    /// Puts a telephone event (RFC 4733) in the place of the packet's audio, with a payload type, marker and timestamp of
    /// its own; sequence number and source stay. False, and nothing changed, for a payload that was passed on as it is or
    /// is shorter than an event.
    pub fn replace_by_event(
        &mut self,
        payload_type: u8,
        marker: bool,
        timestamp: u32,
        event: EventPayload,
    ) -> bool {
        let (event, start) = (event.bytes(), self.payload_start);
        if self.law.is_none() || self.payload().len() < event.len() {
            return false;
        }
        let packet = std::mem::take(&mut self.packet);
        self.packet = &mut packet[..start + event.len()];
        self.packet[start..].copy_from_slice(&event);
        header::recast(self.packet, payload_type, marker, timestamp);
        self.law = None;
        // Nobody hears what was decoded; it goes back to the pool.
        *self.frame = None;
        true
    }

    /// Takes the audio out, to be kept or sent to another thread; it goes back to the pipeline's pool
    /// when dropped. See [`RtpPipelineConfig::frames`](crate::RtpPipelineConfig::frames).
    #[must_use]
    pub fn into_frame(self) -> Option<PooledAudioFrame<f32>> {
        self.frame.take()
    }
}
