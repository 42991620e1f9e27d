use crate::arch::scalar::{convert, encode_a, encode_mu, to_f32, to_i16};
use crate::definition::{A_SAMPLES, MU_SAMPLES};
use crate::error::LengthMismatch;
use crate::law::{Convention, Law};

/// A G.711 encoder and decoder: one law, one convention, no state.
///
/// PCM is 16-bit or f32 with full scale at 32768: an f32 of 1.0 is one step more than the largest sample.
/// An f32 is encoded as the nearest 16-bit sample, ties to even; what exceeds the range saturates and NaN
/// becomes silence. Decoding to f32 is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct G711 {
    law: Law,
    convention: Convention,
}

impl G711 {
    /// A codec of a law, by the convention of ITU-T G.191.
    #[must_use]
    pub fn new(law: Law) -> Self {
        Self { law, convention: Convention::default() }
    }

    /// Encodes as another implementation does; see [`Convention`].
    #[must_use]
    pub fn with_convention(self, convention: Convention) -> Self {
        Self { convention, ..self }
    }

    /// The law of the codes.
    #[must_use]
    pub fn law(&self) -> Law {
        self.law
    }

    /// The convention of the encoder.
    #[must_use]
    pub fn convention(&self) -> Convention {
        self.convention
    }

    /// The code of a 16-bit sample.
    #[must_use]
    #[inline]
    pub fn encode_sample(&self, sample: i16) -> u8 {
        match (self.law, self.convention) {
            (Law::Mu, Convention::Itu) => encode_mu::<{ Convention::Itu.negative_bias() }>(sample),
            (Law::Mu, Convention::Spandsp) => encode_mu::<{ Convention::Spandsp.negative_bias() }>(sample),
            (Law::Mu, Convention::Audioop) => encode_mu::<{ Convention::Audioop.negative_bias() }>(sample),
            (Law::A, _) => encode_a(sample),
        }
    }

    /// The 16-bit sample of a code.
    #[must_use]
    #[inline]
    pub fn decode_code(&self, code: u8) -> i16 {
        self.samples()[usize::from(code)]
    }

    /// Encodes 16-bit samples.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many codes as samples; nothing is written then.
    pub fn encode(&self, samples: &[i16], codes: &mut [u8]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(samples.len(), codes.len())?;
        self.encode_by(samples, codes, |sample| sample);
        Ok(())
    }

    /// Decodes to 16-bit samples.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many samples as codes; nothing is written then.
    pub fn decode(&self, codes: &[u8], samples: &mut [i16]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(codes.len(), samples.len())?;
        let table = self.samples();
        convert(codes, samples, |code| table[usize::from(code)]);
        Ok(())
    }

    /// Encodes f32 samples in ±1.0.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many codes as samples; nothing is written then.
    pub fn encode_f32(&self, samples: &[f32], codes: &mut [u8]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(samples.len(), codes.len())?;
        self.encode_by(samples, codes, to_i16);
        Ok(())
    }

    /// Decodes to f32 samples in ±1.0.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many samples as codes; nothing is written then.
    pub fn decode_f32(&self, codes: &[u8], samples: &mut [f32]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(codes.len(), samples.len())?;
        let table = self.samples();
        convert(codes, samples, |code| to_f32(table[usize::from(code)]));
        Ok(())
    }

    /// The decoder's table.
    #[inline]
    fn samples(&self) -> &'static [i16; 256] {
        match self.law {
            Law::Mu => &MU_SAMPLES,
            Law::A => &A_SAMPLES,
        }
    }

    /// A loop for each encoder, so that the choice between them is made once a slice.
    #[inline(always)]
    fn encode_by<S: Copy>(&self, samples: &[S], codes: &mut [u8], to_i16: impl Fn(S) -> i16) {
        match (self.law, self.convention) {
            (Law::Mu, Convention::Itu) => {
                convert(samples, codes, |s| encode_mu::<{ Convention::Itu.negative_bias() }>(to_i16(s)));
            }
            (Law::Mu, Convention::Spandsp) => {
                convert(samples, codes, |s| encode_mu::<{ Convention::Spandsp.negative_bias() }>(to_i16(s)));
            }
            (Law::Mu, Convention::Audioop) => {
                convert(samples, codes, |s| encode_mu::<{ Convention::Audioop.negative_bias() }>(to_i16(s)));
            }
            (Law::A, _) => convert(samples, codes, |s| encode_a(to_i16(s))),
        }
    }
}
