//! A codec that no crate of ours knows.

use mc_engine::{Codec, CodecError, SampleRate};

/// Sixteen bits a sample, one channel (RFC 3551 §4.5.11).
pub(crate) struct Linear(pub(crate) SampleRate);

impl Codec for Linear {
    fn encoding_name(&self) -> &'static str {
        "L16"
    }
    fn sample_rate(&self) -> SampleRate {
        self.0
    }
    fn samples_in(&self, payload: &[u8]) -> Option<usize> {
        payload.len().is_multiple_of(2).then_some(payload.len() / 2)
    }
    fn decode(&mut self, payload: &[u8], samples: &mut [f32]) -> Result<(), CodecError> {
        for (sample, bytes) in samples.iter_mut().zip(payload.as_chunks().0) {
            *sample = f32::from(i16::from_be_bytes(*bytes)) / 32_768.0;
        }
        Ok(())
    }
    fn encode(&mut self, samples: &[f32], payload: &mut [u8]) -> Result<usize, CodecError> {
        let room = payload.get_mut(..2 * samples.len()).ok_or(CodecError::Room)?;
        for (bytes, sample) in room.as_chunks_mut().0.iter_mut().zip(samples) {
            *bytes = ((sample * 32_768.0) as i16).to_be_bytes();
        }
        Ok(2 * samples.len())
    }
}
