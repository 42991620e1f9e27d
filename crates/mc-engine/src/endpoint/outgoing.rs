//! From audio to packets.

use mc_dsp::{ConfigError, SampleRate};
use mc_rtp_pipeline::comfort_noise::{SilenceSuppressor, Transmission};
use mc_rtp_pipeline::rtcp::SenderInfo;
use mc_rtp_pipeline::telephone_event::{DtmfKey, DtmfTone, EventSender};
use mc_rtp_pipeline::{Codec, CodecError, MappedCodecs, Resampler, StreamWriter};

use super::EndpointConfig;
use super::metrics::SentCounts;

/// Level of keys pressed, in dB below 0 dBm0 (ITU-T Q.24 allows down to -25), and the peak of a tone of that level:
/// 0 dBm0 is 3.17 dB below the overload of mu-law.
const KEY_VOLUME: u8 = 10;
const KEY_AMPLITUDE: f32 = 0.22;

/// Longest payload, and what precedes it.
const PACKET_BYTES: usize = 12 + 1_500;

/// A key that is being sent.
#[derive(Debug)]
enum Key {
    /// As packets of its own, and the timestamp at which it was pressed.
    Event(EventSender, u32),
    /// As audio.
    Tones(DtmfTone),
}

/// Cuts audio into packets, leaves out pauses, and puts keys in the audio's place.
#[derive(Debug)]
pub(super) struct Outgoing {
    codecs: MappedCodecs,
    writer: StreamWriter,
    /// Of the sample that comes next.
    timestamp: u32,
    /// Whether the next packet of audio is the first after a pause.
    begins: bool,
    packet: Box<[u8]>,
    /// One packet's audio at the codec's rate, as far as it has come, and whether some of it is speech.
    audio: Box<[f32]>,
    filled: usize,
    is_speech: bool,
    /// From the rate that the audio comes in, where that is not the codec's, and room for 60 ms.
    resampler: Option<Resampler>,
    at_codecs_rate: Box<[f32]>,
    telephone_event: Option<u8>,
    comfort_noise: Option<u8>,
    suppressor: SilenceSuppressor,
    key: Option<Key>,
    pub(super) counts: SentCounts,
}

impl Outgoing {
    pub(super) fn new(config: &EndpointConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        let codecs = config.formats.codecs()?;
        let codecs_rate = codecs.sample_rate();
        let resampler = (codecs_rate != rate).then(|| Resampler::new(rate, codecs_rate));
        let room = if resampler.is_some() { codecs_rate.max_frame_samples() } else { 0 };
        Ok(Self {
            writer: StreamWriter::new(config.ssrc, config.first_sequence),
            timestamp: config.first_timestamp,
            begins: true,
            packet: vec![0; PACKET_BYTES].into(),
            audio: vec![0.0; codecs_rate.samples_in_ms(config.packet_ms)].into(),
            filled: 0,
            is_speech: false,
            resampler,
            at_codecs_rate: vec![0.0; room].into(),
            telephone_event: config.telephone_event,
            comfort_noise: config.comfort_noise,
            suppressor: SilenceSuppressor::new(codecs_rate),
            key: None,
            counts: SentCounts::default(),
            codecs,
        })
    }

    /// Takes `samples` (up to 60 ms) in and gives each packet that is full to `transmit`.
    pub(super) fn send(&mut self, samples: &[f32], is_speech: bool, transmit: &mut impl FnMut(&[u8])) {
        let Some(mut resampler) = self.resampler.take() else {
            return self.push(samples, is_speech, transmit);
        };
        // Out of its place and back, so that the rest of us can be borrowed.
        let mut room = std::mem::take(&mut self.at_codecs_rate);
        let made = resampler.process(samples, &mut room);
        self.push(&room[..made], is_speech, transmit);
        (self.resampler, self.at_codecs_rate) = (Some(resampler), room);
    }

    fn push(&mut self, mut samples: &[f32], is_speech: bool, transmit: &mut impl FnMut(&[u8])) {
        while !samples.is_empty() {
            let (taken, rest) = samples.split_at(samples.len().min(self.audio.len() - self.filled));
            self.audio[self.filled..self.filled + taken.len()].copy_from_slice(taken);
            self.filled += taken.len();
            self.is_speech |= is_speech;
            samples = rest;
            if self.filled == self.audio.len() {
                match self.make_packet() {
                    Ok(Some(length)) => transmit(&self.packet[..length]),
                    Ok(None) => {}
                    Err(_) => self.counts.failed += 1,
                }
                (self.filled, self.is_speech) = (0, false);
            }
        }
    }

    /// Has `key` sent for `milliseconds`, from the packet on that is being filled; false while another is.
    pub(super) fn press(&mut self, key: DtmfKey, milliseconds: u16) -> bool {
        if self.key.is_some() {
            return false;
        }
        let ticks = |samples: usize| self.ticks(samples).min(u32::from(u16::MAX)) as u16;
        let samples = self.codecs.sample_rate().samples_in_ms(milliseconds.into());
        let event = || EventSender::new(key.event(), KEY_VOLUME, ticks(samples), ticks(self.audio.len()));
        let tones = || DtmfTone::new(key, self.codecs.sample_rate(), samples, KEY_AMPLITUDE);
        self.key = Some(match self.telephone_event {
            Some(_) => Key::Event(event(), self.timestamp),
            None => Key::Tones(tones()),
        });
        true
    }

    /// Sends in the format of `payload_type` from the next packet on; false if that is none of the session's.
    pub(super) fn select(&mut self, payload_type: u8) -> bool {
        self.codecs.select(payload_type)
    }

    /// What a sender report says of the stream.
    pub(super) fn info(&self) -> SenderInfo {
        self.writer.info(self.timestamp.wrapping_add(self.ticks(self.filled)))
    }

    /// Makes the packet that is full, if there is one to be sent.
    fn make_packet(&mut self) -> Result<Option<usize>, CodecError> {
        if let Some(sent) = self.make_key() {
            return sent.map(Some);
        }
        let transmission = match self.comfort_noise {
            Some(_) if self.key.is_none() => self.suppressor.decide(&self.audio, self.is_speech),
            _ => Transmission::Speech { marker: false },
        };
        let timestamp = self.pass();
        let Self { codecs, writer, begins, packet, audio, counts, .. } = self;
        match (transmission, self.comfort_noise) {
            (Transmission::Noise(description), Some(payload_type)) => {
                counts.noise += 1;
                let write = |payload: &mut [u8]| Ok(description.write(payload));
                writer.packet(payload_type, false, timestamp, packet, write).map(Some)
            }
            (Transmission::Nothing, _) => {
                counts.left_out += 1;
                Ok(None)
            }
            (transmission, _) => {
                let marker = std::mem::take(begins) | (transmission == Transmission::Speech { marker: true });
                let sent = writer.packet(codecs.payload_type(), marker, timestamp, packet, |payload| {
                    codecs.encode(audio, payload)
                })?;
                counts.audio += 1;
                Ok(Some(sent))
            }
        }
    }

    /// The next packet of a key that is sent as such; one that is sent as tones takes the audio's place.
    fn make_key(&mut self) -> Option<Result<usize, CodecError>> {
        let (event, pressed) = match self.key.as_mut()? {
            Key::Event(sender, pressed) => (sender.next(), *pressed),
            Key::Tones(tones) => {
                self.audio.fill(0.0);
                if !tones.add_to(&mut self.audio) {
                    self.key = None;
                }
                self.is_speech = true;
                return None;
            }
        };
        let (Some(event), Some(payload_type)) = (event, self.telephone_event) else {
            self.key = None;
            return None;
        };
        let first = self.pass() == pressed;
        self.begins = true;
        self.counts.keys += 1;
        Some(self.writer.packet(payload_type, first, pressed, &mut self.packet, |payload| {
            let bytes = event.bytes();
            payload.get_mut(..bytes.len()).ok_or(CodecError::Room)?.copy_from_slice(&bytes);
            Ok(bytes.len())
        }))
    }

    /// Lets one packet's time pass and returns the timestamp of its beginning.
    fn pass(&mut self) -> u32 {
        let next = self.timestamp.wrapping_add(self.ticks(self.audio.len()));
        std::mem::replace(&mut self.timestamp, next)
    }

    fn ticks(&self, samples: usize) -> u32 {
        let (clock, rate) = (u64::from(self.codecs.clock_rate()), u64::from(self.codecs.sample_rate().hz()));
        (samples as u64 * clock / rate) as u32
    }
}
