//! What the codecs are given.

use mc_benches::Failure;
use mc_benches::input::{samples_of, varied_speech};
use mc_g711::{G711, Law};

pub(crate) use mc_benches::input::VARIED_FRAMES as FRAMES;

/// [`FRAMES`] frames of speech, as samples and as codes.
pub(crate) struct Frames {
    samples: Vec<i16>,
    codes: Vec<u8>,
}

impl Frames {
    pub(crate) fn new(law: Law) -> Result<Self, Failure> {
        let samples = varied_speech()?;
        let mut codes = vec![0; samples.len()];
        G711::new(law).encode(&samples, &mut codes)?;
        Ok(Self { samples, codes })
    }

    pub(crate) fn samples(&self, frame: usize) -> &[i16] {
        &self.samples[samples_of(frame)]
    }

    pub(crate) fn codes(&self, frame: usize) -> &[u8] {
        &self.codes[samples_of(frame)]
    }
}
