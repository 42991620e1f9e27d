//! What one direction of a call needs to know.

use mc_dsp::ConfigError;
use mc_g711::{G711, SimdLevel};

use crate::{PacketTime, PayloadFormat, PayloadTypes};

/// Most frames that one pipeline keeps.
const MAX_FRAMES: usize = 64;

/// By which numbers the stream that leaves is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamIdentity {
    /// An SSRC of our own, and numbers that run on when the sender changes or restarts: we are the
    /// sender (RFC 3550 §7.1, mixer).
    #[default]
    Own,
    /// The sender's SSRC, sequence numbers and timestamps: what RTCP says of the stream stays true
    /// (RFC 3550 §7.1, translator).
    Sender,
}

/// Configuration of an [`RtpPipeline`](crate::RtpPipeline).
///
/// SSRC, first sequence number and first timestamp should be picked at random (RFC 3550 §5.1 and §8.1);
/// this crate has no source of randomness, so they default to 0 and the caller sets them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtpPipelineConfig {
    /// What arrives; packets of another payload type are dropped. Default: [`PayloadFormat::PCMU`].
    pub ingress: PayloadFormat,
    /// What leaves. Default: [`PayloadFormat::PCMU`].
    pub egress: PayloadFormat,
    /// Payload types that are passed on with their payload as it is, beside `ingress`: telephone events
    /// (RFC 4733), comfort noise (RFC 3389), or audio that both sides understand and we do not.
    /// Default: none.
    pub passed: PayloadTypes,
    /// By which numbers the stream that leaves is known; with [`StreamIdentity::Sender`] the three
    /// fields that follow are not used. Default: [`StreamIdentity::Own`].
    pub identity: StreamIdentity,
    /// SSRC of every packet that leaves.
    pub ssrc: u32,
    /// Sequence number of the first packet that leaves.
    pub first_sequence: u16,
    /// RTP timestamp of the first packet that leaves.
    pub first_timestamp: u32,
    /// What the packets last that [`process_packets`](crate::RtpPipeline::process_packets) makes, in milliseconds, 10 to
    /// 60; not with [`StreamIdentity::Sender`], whose numbers say how packets were cut. `None`, the default: as long as
    /// they come in.
    pub packet_ms: Option<u32>,
    /// Audio frames kept ready of each length, 20, 40 and 60 ms, 1 to 64: 1 serves the packet in hand, more are needed when
    /// frames are [taken out](crate::Egress::into_frame) and kept. Where those of a length are out, longer ones help.
    /// Default: 1.
    pub frames: usize,
    /// The instruction set of the codec; `None` is the best one of this CPU. Default: `None`.
    pub codec_level: Option<SimdLevel>,
    /// Whether the [energy](crate::Egress::energy) of each packet is measured, frame or not. Default: false.
    pub metering: bool,
}

impl Default for RtpPipelineConfig {
    fn default() -> Self {
        Self {
            ingress: PayloadFormat::PCMU,
            egress: PayloadFormat::PCMU,
            passed: PayloadTypes::NONE,
            identity: StreamIdentity::Own,
            ssrc: 0,
            first_sequence: 0,
            first_timestamp: 0,
            packet_ms: None,
            frames: 1,
            codec_level: None,
            metering: false,
        }
    }
}

impl RtpPipelineConfig {
    /// Sets what arrives.
    #[must_use]
    pub const fn with_ingress(mut self, ingress: PayloadFormat) -> Self {
        self.ingress = ingress;
        self
    }

    /// Sets what leaves.
    #[must_use]
    pub const fn with_egress(mut self, egress: PayloadFormat) -> Self {
        self.egress = egress;
        self
    }

    /// Sets which payload types are passed on as they are.
    #[must_use]
    pub const fn with_passed(mut self, passed: PayloadTypes) -> Self {
        self.passed = passed;
        self
    }

    /// Sets by which numbers the stream that leaves is known.
    #[must_use]
    pub const fn with_identity(mut self, identity: StreamIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// Sets the SSRC of every packet that leaves.
    #[must_use]
    pub const fn with_ssrc(mut self, ssrc: u32) -> Self {
        self.ssrc = ssrc;
        self
    }

    /// Sets the sequence number of the first packet that leaves.
    #[must_use]
    pub const fn with_first_sequence(mut self, first_sequence: u16) -> Self {
        self.first_sequence = first_sequence;
        self
    }

    /// Sets the RTP timestamp of the first packet that leaves.
    #[must_use]
    pub const fn with_first_timestamp(mut self, first_timestamp: u32) -> Self {
        self.first_timestamp = first_timestamp;
        self
    }

    /// Sets what the packets last that leave, in milliseconds (10 to 60).
    #[must_use]
    pub fn with_packet_ms(mut self, packet_ms: impl Into<Option<u32>>) -> Self {
        self.packet_ms = packet_ms.into();
        self
    }

    /// Sets how many audio frames are kept ready (1 to 64).
    #[must_use]
    pub const fn with_frames(mut self, frames: usize) -> Self {
        self.frames = frames;
        self
    }

    /// Sets the instruction set of the codec, for tests and measurements; every one gives the same bytes.
    #[must_use]
    pub const fn with_codec_level(mut self, codec_level: Option<SimdLevel>) -> Self {
        self.codec_level = codec_level;
        self
    }

    /// Sets whether the energy of each packet is measured.
    #[must_use]
    pub const fn with_metering(mut self, metering: bool) -> Self {
        self.metering = metering;
        self
    }

    /// The codecs of what arrives and of what leaves.
    ///
    /// # Errors
    /// [`ConfigError`] naming `codec_level` when this CPU lacks it.
    pub(crate) fn codecs(&self) -> Result<[G711; 2], ConfigError> {
        let codecs = [G711::new(self.ingress.law), G711::new(self.egress.law)];
        let Some(level) = self.codec_level else { return Ok(codecs) };
        let [decoder, encoder] = codecs.map(|codec| codec.with_level(level));
        match (decoder, encoder) {
            (Ok(decoder), Ok(encoder)) => Ok([decoder, encoder]),
            _ => Err(ConfigError::new("codec_level", level, "a level that this CPU has")),
        }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.ingress.validate("ingress.payload_type")?;
        self.egress.validate("egress.payload_type")?;
        self.codecs()?;
        if let Some(ms) = self.packet_ms {
            PacketTime::new(self.egress.payload_type, ms)?;
            if self.identity == StreamIdentity::Sender {
                return Err(ConfigError::new("packet_ms", ms, "none where the sender's numbers are kept"));
            }
        }
        if (1..=MAX_FRAMES).contains(&self.frames) {
            Ok(())
        } else {
            Err(ConfigError::new("frames", self.frames, "1 to 64"))
        }
    }
}
