//! From packets to audio.

use std::time::Duration;

use mc_dsp::{ConfigError, SampleRate};
use mc_rtp_pipeline::telephone_event::{EventReceiver, EventReport};
use mc_rtp_pipeline::{
    Codec, Insertion, MappedCodecs, MediaPacket, PacketError, PayloadTypes, Playout, Resampler,
};

use super::EndpointConfig;

/// What a datagram was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// Audio, and what became of it.
    Audio(Insertion),
    /// A key pressed or released; `None` for one of the repetitions that guard against loss.
    Key(Option<EventReport>),
    /// What a pause sounds like.
    Noise,
    /// RTCP.
    Report,
}

/// The receiver with what is around it: keys are read, and the audio is brought to the rate that is wanted.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) playout: Playout<MappedCodecs>,
    audio: PayloadTypes,
    telephone_event: Option<u8>,
    comfort_noise: Option<u8>,
    events: EventReceiver,
    /// To the rate that is wanted, where that is not the codec's, and room for 60 ms at the codec's.
    resampler: Option<Resampler>,
    at_codecs_rate: Box<[f32]>,
    /// Samples of the codec to samples that are played.
    rates: (SampleRate, SampleRate),
}

impl Incoming {
    pub(super) fn new(config: &EndpointConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        let codecs = config.formats.codecs()?;
        let codecs_rate = codecs.sample_rate();
        let mut playout = Playout::new(&config.jitter, codecs)?;
        if let Some(payload_type) = config.comfort_noise {
            playout = playout.with_comfort_noise(payload_type);
        }
        if let Some(payload_type) = config.telephone_event {
            playout = playout.with_telephone_events(payload_type);
        }
        let resampler = (codecs_rate != rate).then(|| Resampler::new(codecs_rate, rate));
        let room = if resampler.is_some() { codecs_rate.max_frame_samples() } else { 0 };
        Ok(Self {
            playout,
            audio: config.formats.payload_types().fold(PayloadTypes::NONE, PayloadTypes::with),
            telephone_event: config.telephone_event,
            comfort_noise: config.comfort_noise,
            events: EventReceiver::default(),
            resampler,
            at_codecs_rate: vec![0.0; room].into(),
            rates: (codecs_rate, rate),
        })
    }

    /// Takes in a packet. All of a stream's packets go through the receiver, those that are no audio too: a number
    /// that it does not see counts as lost.
    pub(super) fn receive(
        &mut self,
        packet: &MediaPacket<'_>,
        now: Duration,
    ) -> Result<Received, PacketError> {
        let payload_type = Some(packet.payload_type);
        if self.audio.contains(packet.payload_type) {
            Ok(Received::Audio(self.playout.insert(packet, now)))
        } else if payload_type == self.telephone_event {
            self.playout.insert(packet, now);
            Ok(Received::Key(self.events.note(packet)))
        } else if payload_type == self.comfort_noise {
            self.playout.insert(packet, now);
            Ok(Received::Noise)
        } else {
            Err(PacketError::PayloadType)
        }
    }

    /// Fills `out`, up to 60 ms; what is no whole sample of the codec's is silence.
    pub(super) fn play(&mut self, out: &mut [f32], now: Duration) {
        let Some(resampler) = &mut self.resampler else { return self.playout.play(out, now) };
        let (codecs_rate, rate) = self.rates;
        let needed = out.len() * codecs_rate.hz() as usize / rate.hz() as usize;
        let Some(audio) = self.at_codecs_rate.get_mut(..needed) else { return out.fill(0.0) };
        self.playout.play(audio, now);
        let made = resampler.process(audio, out);
        out[made..].fill(0.0);
    }

    /// How much later what is played is for having been resampled.
    pub(super) fn latency_ms(&self) -> f32 {
        self.resampler.as_ref().map_or(0.0, Resampler::latency_ms)
    }
}
