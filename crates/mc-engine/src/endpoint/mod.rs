//! A leg that ends here: audio on one side, RTP on the other.

mod config;
mod writer;

use std::time::Duration;

use mc_dsp::ConfigError;
use mc_g711::G711;
use mc_rtp_pipeline::comfort_noise::{NoiseDescription, NoiseGenerator, SilenceSuppressor, Transmission};
use mc_rtp_pipeline::quality::{CodecImpairment, EModel, Quality};
use mc_rtp_pipeline::rtcp::{
    NoRoom, NtpTime, Reception, RtcpError, RtcpPacket, RtcpPackets, RtcpWriter, SenderInfo, round_trip,
};
use mc_rtp_pipeline::telephone_event::{DtmfKey, EventReceiver, EventReport, EventSender};
use mc_rtp_pipeline::{
    Codec, CodecError, Insertion, JitterStats, MediaPacket, PacketError, Playout, PlayoutStats,
};

pub use self::config::EndpointConfig;
use self::writer::StreamWriter;

/// Level of keys pressed, in dB below 0 dBm0 (ITU-T Q.24 allows down to -25).
const KEY_VOLUME: u8 = 10;

/// What a packet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// Audio, and what became of it.
    Audio(Insertion),
    /// A key pressed or released; `None` for one of the repetitions that guard against loss.
    Key(Option<EventReport>),
    /// What a pause sounds like.
    Noise,
}

/// One party's media where it ends: in a softphone, a conference bridge, a voice agent.
///
/// Packets [come in](Self::receive) at any time and wait in an adaptive jitter buffer; [`play`](Self::play) has
/// audio at every tick, lost packets concealed and pauses filled with comfort noise. [`send`](Self::send) makes a
/// packet of audio, or of a key that was [pressed](Self::press). What is done with the audio between is up to an
/// [`AudioProcessor`](crate::AudioProcessor) or a [`Conference`](crate::Conference).
///
/// Owned by one thread at a time. Time is an argument, and nothing is allocated after construction. Other codecs
/// than G.711 come in by [`with_codecs`](Self::with_codecs).
#[derive(Debug)]
pub struct MediaEndpoint<C = G711> {
    config: EndpointConfig,
    playout: Playout<C>,
    encoder: C,
    writer: StreamWriter,
    events: EventReceiver,
    /// The key that is being sent, and the timestamp at which it was pressed.
    key: Option<(EventSender, u32)>,
    suppressor: SilenceSuppressor,
    noise: NoiseGenerator,
    /// Whether the other side said that it is silent.
    pause: bool,
    reception: Reception,
    round_trip: Option<Duration>,
    dropped: u64,
}

impl MediaEndpoint {
    /// An endpoint with the G.711 of `config`'s format.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`EndpointConfig::validate`].
    pub fn new(config: &EndpointConfig) -> Result<Self, ConfigError> {
        let codec = || G711::new(config.format.law);
        Self::with_codecs(config, codec(), codec())
    }
}

impl<C: Codec> MediaEndpoint<C> {
    /// An endpoint with codecs of your own, under the payload type of `config`'s format.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`EndpointConfig::validate`].
    pub fn with_codecs(config: &EndpointConfig, decoder: C, encoder: C) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            config: config.clone(),
            reception: Reception::new(decoder.clock_rate()),
            playout: Playout::new(&config.jitter, decoder)?,
            encoder,
            writer: StreamWriter::new(config.ssrc, config.first_sequence, config.first_timestamp),
            events: EventReceiver::default(),
            key: None,
            suppressor: SilenceSuppressor::new(),
            noise: NoiseGenerator::new(config.ssrc),
            pause: false,
            round_trip: None,
            dropped: 0,
        })
    }

    /// Takes in a datagram that arrived at `now`.
    ///
    /// # Errors
    /// Why it is no packet of this stream; it is counted, and nothing else has changed.
    pub fn receive(&mut self, datagram: &[u8], now: Duration) -> Result<Received, PacketError> {
        let packet = MediaPacket::parse(datagram).inspect_err(|_| self.dropped += 1)?;
        let received = match Some(packet.payload_type) {
            audio if audio == Some(self.config.format.payload_type) => {
                self.pause = false;
                Received::Audio(self.playout.insert(&packet, now))
            }
            event if event == self.config.telephone_event => Received::Key(self.events.note(&packet)),
            noise if noise == self.config.comfort_noise => {
                if let Some(description) = NoiseDescription::read(packet.payload) {
                    if !self.pause {
                        self.noise.restart();
                    }
                    self.noise.describe(&description);
                    self.pause = true;
                }
                Received::Noise
            }
            _ => {
                self.dropped += 1;
                return Err(PacketError::PayloadType);
            }
        };
        self.reception.note(&packet, now);
        Ok(received)
    }

    /// Plays at `now`: fills `out` (±1.0, up to 60 ms).
    pub fn play(&mut self, out: &mut [f32], now: Duration) {
        self.playout.play(out, now);
        if self.pause && self.playout.is_drained() {
            self.noise.fill(out);
        }
    }

    /// Makes a packet of `samples` in `packet` and returns its length in bytes; of a key in their place while one is
    /// being sent. The length of `samples` is what the packets of the stream last.
    ///
    /// # Errors
    /// [`CodecError`] when `packet` is too short; the next packet is then this one's successor in time all the same.
    pub fn send(&mut self, samples: &[f32], packet: &mut [u8]) -> Result<usize, CodecError> {
        if let Some(length) = self.send_key(samples.len(), packet) {
            return length;
        }
        let timestamp = self.pass(samples.len());
        let marker = std::mem::take(&mut self.writer.begins);
        let Self { writer, encoder, config, .. } = self;
        writer.packet(config.format.payload_type, marker, timestamp, packet, |payload| {
            encoder.encode(samples, payload)
        })
    }

    /// As [`send`](Self::send), but where there [is no speech](mc_dsp::VoiceActivity::is_speech) and comfort noise is
    /// configured, makes packets of that instead, now and then, and `None` in between.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_speech(
        &mut self,
        samples: &[f32],
        is_speech: bool,
        packet: &mut [u8],
    ) -> Result<Option<usize>, CodecError> {
        let Some(payload_type) = self.config.comfort_noise.filter(|_| self.key.is_none()) else {
            return self.send(samples, packet).map(Some);
        };
        match self.suppressor.decide(samples, is_speech) {
            Transmission::Speech { marker } => {
                self.writer.begins |= marker;
                self.send(samples, packet).map(Some)
            }
            Transmission::Noise(description) => {
                let timestamp = self.pass(samples.len());
                let written = self.writer.packet(payload_type, false, timestamp, packet, |payload| {
                    match description.write(payload) {
                        0 => Err(CodecError::Room),
                        bytes => Ok(bytes),
                    }
                });
                written.map(Some)
            }
            Transmission::Nothing => {
                self.pass(samples.len());
                Ok(None)
            }
        }
    }

    /// Has `key` sent for `milliseconds` in packets of `packet_samples`, in the place of audio, from the next packet
    /// on. Returns whether it will be: not without a payload type for keys, nor while another is being sent.
    pub fn press(&mut self, key: DtmfKey, milliseconds: u16, packet_samples: usize) -> bool {
        if self.config.telephone_event.is_none() || self.key.is_some() {
            return false;
        }
        let ticks = u32::from(milliseconds) * self.encoder.clock_rate() / 1_000;
        let step = self.ticks(packet_samples).min(u32::from(u16::MAX)) as u16;
        let duration = ticks.min(u32::from(u16::MAX)) as u16;
        self.key = Some((EventSender::new(key.event(), KEY_VOLUME, duration, step), self.writer.timestamp));
        true
    }

    /// Writes an RTCP report on both directions, with `cname` as our name, and returns its length in bytes.
    /// `now` is the time of [`receive`](Self::receive), `wall_clock` the same moment by the calendar.
    ///
    /// # Errors
    /// [`NoRoom`] when `packet` is too short.
    pub fn report(
        &mut self,
        now: Duration,
        wall_clock: NtpTime,
        cname: &str,
        packet: &mut [u8],
    ) -> Result<usize, NoRoom> {
        let block = self.reception.report_block(now);
        let sent = SenderInfo { ntp: wall_clock, ..self.writer.info() };
        let mut writer = RtcpWriter::new(packet);
        writer.sender_report(self.writer.ssrc, &sent, block.as_slice())?.cname(self.writer.ssrc, cname)?;
        Ok(writer.packet().len())
    }

    /// Reads the other side's RTCP report, which arrived at `now`: the round trip is known from then on.
    ///
    /// # Errors
    /// [`RtcpError`] when it is none; nothing has changed then.
    pub fn receive_report(
        &mut self,
        datagram: &[u8],
        now: Duration,
        wall_clock: NtpTime,
    ) -> Result<(), RtcpError> {
        for packet in RtcpPackets::parse(datagram)? {
            let blocks = match packet {
                RtcpPacket::SenderReport { ssrc, sent, received, .. } => {
                    self.reception.note_report(ssrc, sent.ntp, now);
                    received
                }
                RtcpPacket::ReceiverReport { received, .. } => received,
                _ => continue,
            };
            let about_us = blocks.about(self.writer.ssrc);
            self.round_trip = about_us.and_then(|block| round_trip(&block, wall_clock)).or(self.round_trip);
        }
        Ok(())
    }

    /// How good what is heard here is, by the E-model: from loss and the jitter buffer's delay, and half the round trip
    /// where RTCP has told it.
    #[must_use]
    pub fn quality(&self) -> Quality {
        let packets = self.packets();
        let missed = packets.lost + packets.late;
        let expected = packets.accepted + missed;
        let loss = if expected > 0 { missed as f32 / expected as f32 } else { 0.0 };
        let network = self.round_trip.unwrap_or_default() / 2;
        EModel::new(CodecImpairment::G711)
            .with_delay(self.delay().unwrap_or_default() + network)
            .with_loss(loss, 1.0)
            .rate()
    }

    /// From sending a report to the other side and back, less what it waited there; `None` until RTCP has told.
    #[must_use]
    pub const fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// What became of the packets of audio that came in.
    #[must_use]
    pub const fn packets(&self) -> &JitterStats {
        self.playout.packets()
    }

    /// What was played, and how much of it was made up.
    #[must_use]
    pub const fn played(&self) -> &PlayoutStats {
        self.playout.stats()
    }

    /// Datagrams that were no packets of this stream.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Delay of what was played last, against a packet that took the fastest way; `None` before the first one.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.playout.delay()
    }

    /// The next packet of a key that is being sent.
    fn send_key(&mut self, samples: usize, packet: &mut [u8]) -> Option<Result<usize, CodecError>> {
        let payload_type = self.config.telephone_event?;
        let (sender, pressed) = self.key.as_mut()?;
        let Some(event) = sender.next() else {
            self.key = None;
            return None;
        };
        let pressed = *pressed;
        let first = self.pass(samples) == pressed;
        self.writer.begins = true;
        let written = self.writer.packet(payload_type, first, pressed, packet, |payload| {
            let bytes = event.bytes();
            payload.get_mut(..bytes.len()).ok_or(CodecError::Room)?.copy_from_slice(&bytes);
            Ok(bytes.len())
        });
        Some(written)
    }

    /// Lets `samples` of our time pass and returns the timestamp of the first.
    fn pass(&mut self, samples: usize) -> u32 {
        let next = self.writer.timestamp.wrapping_add(self.ticks(samples));
        std::mem::replace(&mut self.writer.timestamp, next)
    }

    fn ticks(&self, samples: usize) -> u32 {
        let (clock, rate) =
            (u64::from(self.encoder.clock_rate()), u64::from(self.encoder.sample_rate().hz()));
        (samples as u64 * clock / rate) as u32
    }
}
