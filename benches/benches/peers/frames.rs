//! What the codecs are given.

use std::collections::HashSet;

use mc_benches::Failure;
use mc_benches::input::{SAMPLES, samples_of};
use mc_g711::{G711, Law};
use mc_testkit::signal::{Talker, add, white_noise};

/// Distinct frames: more than a branch predictor can learn.
pub(crate) const FRAMES: usize = 8_192;

/// [`FRAMES`] frames of speech over faint noise, which makes the pauses distinct as well.
pub(crate) struct Frames {
    samples: Vec<i16>,
    codes: Vec<u8>,
}

impl Frames {
    pub(crate) fn new(law: Law) -> Result<Self, Failure> {
        let mut speech = Talker::new(1, 8_000).say((FRAMES * SAMPLES) as f64 / 8_000.0, -20.0).samples;
        speech.resize(FRAMES * SAMPLES, 0.0);
        add(&mut speech, &white_noise(2, -60.0, FRAMES * SAMPLES));
        let samples: Vec<i16> = speech.into_iter().map(|sample| (sample * 32_767.0) as i16).collect();

        let distinct = samples.chunks(SAMPLES).collect::<HashSet<_>>().len();
        if distinct < FRAMES {
            return Err(format!("only {distinct} of {FRAMES} frames are distinct").into());
        }
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
