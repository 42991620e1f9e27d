//! What the learned mask sees, beside what it should make of it: the material that it is trained on.

use mc_dsp::{ConfigError, SampleRate};

use super::bands::{BANDS, Bands};
use super::canceller::{BLOCK_MS, BlockCanceller};
use super::config::{AdvancedAecConfig, Suppression};
use super::features::FEATURES;
use super::transform::{Bin, Transform, power};
use super::windows::Windows;

/// Length of the windows in blocks, as the suppressor's.
const WINDOW_BLOCKS: usize = 6;

/// Runs the canceller over a call of which the wanted part is known.
pub struct MaskProbe {
    canceller: BlockCanceller,
    windows: Windows,
    transform: Transform,
    bands: Bands,
    error: Line,
    wanted: Line,
}

/// The newest samples of a signal and their spectrum.
struct Line {
    samples: Vec<f32>,
    spectrum: Vec<Bin>,
}

impl Line {
    fn take(&mut self, block: &[f32], windows: &Windows, transform: &mut Transform) {
        self.samples.drain(..block.len());
        self.samples.extend_from_slice(block);
        windows.analyse(&self.samples, transform, &mut self.spectrum);
    }
}

impl MaskProbe {
    /// Values per block: the features, then per band the error's power, the share of the wanted signal in it
    /// (the real part of their cross power over the error's), and the wanted signal's power over the error's.
    pub const COLUMNS: usize = FEATURES + 3 * BANDS;

    /// A canceller for 8 or 16 kHz with everything at its default, which never rests.
    ///
    /// # Errors
    /// [`ConfigError`] at other rates.
    pub fn new(rate: SampleRate) -> Result<Self, ConfigError> {
        if !matches!(rate, SampleRate::Hz8000 | SampleRate::Hz16000) {
            return Err(ConfigError::new("rate", rate.hz(), "8000 or 16000 Hz"));
        }
        let config = AdvancedAecConfig::default().with_suppression(Suppression::Learned).with_standby(false);
        let canceller = BlockCanceller::new(&config, rate.hz());
        let length = WINDOW_BLOCKS * canceller.block();
        let transform = Transform::new(length);
        let line = || Line { samples: vec![0.0; length], spectrum: vec![[0.0; 2]; transform.bins()] };
        Ok(Self {
            windows: Windows::new(length, canceller.block()),
            bands: Bands::new(transform.bins(), f64::from(rate.hz()) / 2.0),
            error: line(),
            wanted: line(),
            transform,
            canceller,
        })
    }

    /// Samples per block of 4 ms at `rate`.
    #[must_use]
    pub fn block_samples(rate: SampleRate) -> usize {
        rate.samples_in_ms(BLOCK_MS)
    }

    /// The row of [`COLUMNS`](Self::COLUMNS) values of a block: what was played, what was heard, and what of
    /// that is wanted.
    pub fn process(&mut self, far: &[f32], near: &[f32], wanted: &[f32]) -> Vec<f32> {
        self.canceller.process(far, &mut near.to_vec());
        self.error.take(self.canceller.error(), &self.windows, &mut self.transform);
        self.wanted.take(wanted, &self.windows, &mut self.transform);

        let mean = |value: &dyn Fn(Bin, Bin) -> f32| {
            let spectra = self.error.spectrum.iter().zip(&self.wanted.spectrum);
            self.bands.mean(&spectra.map(|(error, wanted)| value(*error, *wanted)).collect::<Vec<f32>>())
        };
        let error = mean(&|error, _| power(error)).map(|power| power + 1e-12);
        let cross = mean(&|error, wanted| error[0] * wanted[0] + error[1] * wanted[1]);
        let wanted = mean(&|_, wanted| power(wanted));
        let mut row = self.canceller.mask_features().map_or_else(Vec::new, |features| features.to_vec());
        row.extend(error.map(f32::log10));
        row.extend(cross.iter().zip(&error).map(|(cross, error)| cross / error));
        row.extend(wanted.iter().zip(&error).map(|(wanted, error)| wanted / error));
        row
    }
}
