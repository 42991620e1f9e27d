//! Levels of 10 ms of audio.

use mc_dsp::{HighPass, SampleRate, power_to_dbfs};

use super::crossover::MAX_BANDS;

/// Length of one block: decisions fall every 10 ms of audio, wherever the frames begin.
const BLOCK_MS: u32 = 10;

/// Levels of one block, in dBFS where not said otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// Of the corrected audio, offset and rumble left out.
    pub(super) dbfs: f32,
    /// Of its first difference against its own: the brighter the sound, the higher. In dB.
    pub(super) brightness_db: f32,
    /// Of each band before its correction.
    pub(super) bands_dbfs: [f32; MAX_BANDS],
}

/// Adds up samples to blocks.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    high_pass: HighPass,
    block_samples: usize,
    samples: usize,
    last: f32,
    energy: f32,
    difference: f32,
    bands: [f32; MAX_BANDS],
}

impl Meter {
    /// Corner of the high-pass: offset, hum and rumble are below, speech is above.
    const CORNER_HZ: f32 = 80.0;

    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            high_pass: HighPass::new(Self::CORNER_HZ, rate),
            block_samples: rate.samples_in_ms(BLOCK_MS),
            samples: 0,
            last: 0.0,
            energy: 0.0,
            difference: 0.0,
            bands: [0.0; MAX_BANDS],
        }
    }

    /// Samples until the block is complete.
    pub(super) const fn missing(&self) -> usize {
        self.block_samples - self.samples
    }

    /// Samples in a block.
    pub(super) const fn block_samples(&self) -> usize {
        self.block_samples
    }

    /// Takes a sample with its bands corrected, and its parts in the bands as they came.
    #[inline]
    pub(super) fn push(&mut self, sample: f32, bands: &[f32; MAX_BANDS]) {
        let sample = self.high_pass.run(sample);
        self.energy += sample * sample;
        self.difference += (sample - self.last).powi(2);
        self.last = sample;
        for (energy, band) in self.bands.iter_mut().zip(bands) {
            *energy += band * band;
        }
        self.samples += 1;
    }

    /// The levels of the samples since the last block.
    pub(super) fn take(&mut self) -> Block {
        let dbfs = |energy: f32| power_to_dbfs(energy / self.block_samples as f32);
        let level = dbfs(self.energy);
        let brightness_db = dbfs(self.difference) - level;
        let block = Block { dbfs: level, brightness_db, bands_dbfs: self.bands.map(dbfs) };
        (self.samples, self.energy, self.difference, self.bands) = (0, 0.0, 0.0, [0.0; MAX_BANDS]);
        block
    }
}
