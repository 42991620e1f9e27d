//! What a codec is to the receiver and the sender, so that others than G.711 can be added from outside.

use std::fmt;

use mc_dsp::SampleRate;
use mc_g711::{G711, Law};

use crate::quality::CodecImpairment;

/// A codec of one stream: it may keep state from packet to packet, so packets are decoded once and in order.
///
/// Nothing may allocate, lock or panic in its methods.
pub trait Codec: Send {
    /// The encoding name under which SDP lists it (RFC 8866 §6.6, `a=rtpmap`), such as `PCMU`.
    fn encoding_name(&self) -> &'static str;

    /// Sample rate of the decoded audio.
    fn sample_rate(&self) -> SampleRate;

    /// Ticks per second of the RTP timestamps; not always the sample rate (G.722 has half of it, RFC 3551 §4.5.2).
    fn clock_rate(&self) -> u32 {
        self.sample_rate().hz()
    }

    /// What the codec does to speech, for the rating of calls. Default: nothing, and it bears loss as G.711 with
    /// concealment does.
    fn impairment(&self) -> CodecImpairment {
        CodecImpairment::G711
    }

    /// Told before a packet is decoded which payload type it has, and asked whether that is this codec's. One of a
    /// single format takes what it is given; [`PayloadMap`](crate::PayloadMap)'s chooses.
    fn select(&mut self, _payload_type: u8) -> bool {
        true
    }

    /// Samples that `payload` decodes to; `None` if it is none of this codec's.
    fn samples_in(&self, payload: &[u8]) -> Option<usize>;

    /// Decodes `payload` into `samples` (±1.0), which is as long as [`samples_in`](Self::samples_in) says.
    ///
    /// # Errors
    /// [`CodecError`]; what `samples` holds is then unspecified.
    fn decode(&mut self, payload: &[u8], samples: &mut [f32]) -> Result<(), CodecError>;

    /// Encodes `samples` (±1.0) to the front of `payload` and returns how many bytes that took.
    ///
    /// # Errors
    /// [`CodecError`]; what `payload` holds is then unspecified.
    fn encode(&mut self, samples: &[f32], payload: &mut [u8]) -> Result<usize, CodecError>;
}

/// Why a codec could not decode or encode. Small and `Copy`: making one never allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// The payload is not one of this codec's.
    Malformed,
    /// The room for the result has not the right length.
    Room,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the payload is not of this codec",
            Self::Room => "the room for the result has not the right length",
        })
    }
}

impl std::error::Error for CodecError {}

/// G.711 has a code of one byte for each sample, and no state.
impl Codec for G711 {
    fn encoding_name(&self) -> &'static str {
        match self.law() {
            Law::Mu => "PCMU",
            Law::A => "PCMA",
        }
    }

    fn sample_rate(&self) -> SampleRate {
        crate::SAMPLE_RATE
    }

    fn samples_in(&self, payload: &[u8]) -> Option<usize> {
        Some(payload.len())
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [f32]) -> Result<(), CodecError> {
        self.decode_f32(payload, samples).map_err(|_| CodecError::Room)
    }

    fn encode(&mut self, samples: &[f32], payload: &mut [u8]) -> Result<usize, CodecError> {
        let codes = payload.get_mut(..samples.len()).ok_or(CodecError::Room)?;
        self.encode_f32(samples, codes).map_err(|_| CodecError::Room)?;
        Ok(samples.len())
    }
}

impl<C: Codec + ?Sized> Codec for Box<C> {
    fn encoding_name(&self) -> &'static str {
        (**self).encoding_name()
    }

    fn sample_rate(&self) -> SampleRate {
        (**self).sample_rate()
    }

    fn clock_rate(&self) -> u32 {
        (**self).clock_rate()
    }

    fn impairment(&self) -> CodecImpairment {
        (**self).impairment()
    }

    fn select(&mut self, payload_type: u8) -> bool {
        (**self).select(payload_type)
    }

    fn samples_in(&self, payload: &[u8]) -> Option<usize> {
        (**self).samples_in(payload)
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [f32]) -> Result<(), CodecError> {
        (**self).decode(payload, samples)
    }

    fn encode(&mut self, samples: &[f32], payload: &mut [u8]) -> Result<usize, CodecError> {
        (**self).encode(samples, payload)
    }
}
