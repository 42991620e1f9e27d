//! Pitch strength from the autocorrelation at 4 kHz.

use std::sync::Arc;

use mc_simd::SimdProcessor;
use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner};

/// Samples of the 32 ms window at 4 kHz.
const LENGTH: usize = 128;
/// Lags searched: 400 to 62.5 Hz at 4 kHz.
const MIN_LAG: usize = 10;
const MAX_LAG: usize = 64;

/// The strongest period of a frame.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pitch {
    /// Autocorrelation at the best lag over that at lag 0, the window's own decay taken out; 0 to 1.
    pub(crate) strength: f32,
    /// The best lag in samples of 4 kHz.
    pub(crate) lag: f32,
}

/// Brings the windowed frame down to 4 kHz through its spectrum, and correlates it with itself.
pub(crate) struct PitchTracker {
    simd: SimdProcessor,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Box<[Complex32]>,
    low: [f32; LENGTH],
    scratch: Box<[Complex32]>,
    /// 1 over the autocorrelation of the window.
    decay: [f32; MAX_LAG + 1],
}

impl PitchTracker {
    pub(crate) fn new() -> Self {
        let inverse = RealFftPlanner::new().plan_fft_inverse(LENGTH);
        let spectrum = inverse.make_input_vec().into_boxed_slice();
        let scratch = inverse.make_scratch_vec().into_boxed_slice();
        let window: Vec<f64> = apodize::hanning_iter(LENGTH + 1).take(LENGTH).collect();
        let correlation = |lag: usize| -> f64 { window.iter().zip(&window[lag..]).map(|(a, b)| a * b).sum() };
        let decay = std::array::from_fn(|lag| (correlation(0) / correlation(lag)) as f32);
        Self { simd: SimdProcessor::new(), inverse, spectrum, low: [0.0; LENGTH], scratch, decay }
    }

    /// Memory on the heap in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.spectrum) + size_of_val(&*self.scratch)
    }

    pub(crate) fn track(&mut self, bins: &[Complex32]) -> Pitch {
        let half = LENGTH / 2;
        self.spectrum[..half].copy_from_slice(&bins[..half]);
        // DC, which the window spreads over two bins, and the folding bin carry no pitch; the transform
        // wants the ends real.
        self.spectrum[..2].fill(Complex32::ZERO);
        self.spectrum[half] = Complex32::ZERO;
        let done = self.inverse.process_with_scratch(&mut self.spectrum, &mut self.low, &mut self.scratch);
        debug_assert!(done.is_ok());
        let energy: f32 = self.simd.energy(&self.low) + 1e-12;
        let mut correlation = [0f32; MAX_LAG + 2];
        for (lag, correlation) in correlation.iter_mut().enumerate().take(MAX_LAG + 1).skip(MIN_LAG - 1) {
            *correlation = self.simd.dot(&self.low[..LENGTH - lag], &self.low[lag..]) * self.decay[lag];
        }
        let mut best = Pitch::default();
        for lag in MIN_LAG..MAX_LAG {
            let c = correlation[lag];
            // A slight preference for short lags avoids octave errors downwards.
            let weighted = c / energy * (1.0 - 0.002 * lag as f32);
            if c > correlation[lag - 1] && c >= correlation[lag + 1] && weighted > best.strength {
                best = Pitch { strength: weighted, lag: lag as f32 };
            }
        }
        best.strength = best.strength.min(1.0);
        best
    }
}
