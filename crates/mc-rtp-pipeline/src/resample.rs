//! 8 kHz to 16, 32 and 48 kHz and back: a polyphase filter.

use mc_dsp::{ConfigError, SampleRate};

use crate::conceal::dot;

/// Samples at the lower rate that the filter spans: with the window below it passes up to 0.43 of the lower rate
/// (3.4 kHz of 8) and is 70 dB down at its half.
const SPAN: usize = 64;

/// Where the filter is 6 dB down, as a fraction of the lower rate.
const CUTOFF: f64 = 0.465;

/// Shape of the Kaiser window: 70 dB in the stop band (Kaiser, 1974).
const BETA: f64 = 6.8;

/// Changes the rate of a stream by an integer factor, up or down, piece by piece. It delays by 32 samples of the lower
/// rate.
#[derive(Clone, Debug)]
pub struct Resampler {
    factor: usize,
    direction: Direction,
    /// The filter. Up: a phase for each output of an input, the newest input's tap last. Down: one phase.
    taps: Box<[f32]>,
    /// The last inputs, and room for a stretch of new ones behind them.
    line: Box<[f32]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// Inputs that are taken to the line at a time.
const STRETCH: usize = 480;

impl Resampler {
    /// A resampler from one rate to another, one of which is a multiple of the other.
    ///
    /// # Errors
    /// [`ConfigError`] naming `to` for other pairs: 32 and 48 kHz.
    pub fn new(from: SampleRate, to: SampleRate) -> Result<Self, ConfigError> {
        let (low, high) = (from.hz().min(to.hz()), from.hz().max(to.hz()));
        if high % low != 0 {
            return Err(ConfigError::new("to", to.hz(), "a multiple or a whole fraction of `from`"));
        }
        let factor = (high / low) as usize;
        let direction = if from <= to { Direction::Up } else { Direction::Down };
        let prototype = prototype(factor);
        let (taps, history) = match direction {
            Direction::Up => (phases(&prototype, factor), SPAN - 1),
            Direction::Down => (prototype.iter().map(|&tap| tap as f32).collect(), SPAN * factor - 1),
        };
        Ok(Self { factor, direction, taps, line: vec![0.0; history + STRETCH].into() })
    }

    /// Samples that `input` samples become; going down, `input` must be a multiple of the factor.
    #[must_use]
    pub const fn output_len(&self, input: usize) -> usize {
        match self.direction {
            Direction::Up => input * self.factor,
            Direction::Down => input / self.factor,
        }
    }

    /// Resamples `input` into `output` and returns how many samples that made: [`output_len`](Self::output_len) of the
    /// input, as far as `output` has room. Of an input that is no multiple of the factor, the end is left out.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let mut made = 0;
        // A stretch is a multiple of every factor.
        for input in input.chunks(STRETCH) {
            made += self.process_stretch(input, &mut output[made..]);
        }
        made
    }

    fn process_stretch(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let history = self.line.len() - STRETCH;
        self.line[history..history + input.len()].copy_from_slice(input);
        let made = self.output_len(input.len()).min(output.len());
        let output = &mut output[..made];
        match self.direction {
            Direction::Up => {
                for (newest, outputs) in output.chunks_mut(self.factor).enumerate() {
                    let window = &self.line[newest..newest + SPAN];
                    for (out, phase) in outputs.iter_mut().zip(self.taps.chunks_exact(SPAN)) {
                        *out = dot(phase, window);
                    }
                }
            }
            Direction::Down => {
                for (at, out) in output.iter_mut().enumerate() {
                    let first = (at + 1) * self.factor - 1;
                    *out = dot(&self.taps, &self.line[first..first + self.taps.len()]);
                }
            }
        }
        self.line.copy_within(input.len()..input.len() + history, 0);
        made
    }
}

/// A low-pass at the higher rate with a gain of 1: a sinc under a Kaiser window.
fn prototype(factor: usize) -> Vec<f64> {
    let length = SPAN * factor;
    let centre = (length - 1) as f64 / 2.0;
    let taps: Vec<f64> = (0..length)
        .map(|at| {
            let x = at as f64 - centre;
            let angle = std::f64::consts::TAU * CUTOFF * x / factor as f64;
            let sinc = if angle == 0.0 { 1.0 } else { angle.sin() / angle };
            let place = x / (length as f64 / 2.0);
            sinc * bessel(BETA * (1.0 - place * place).max(0.0).sqrt())
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| tap / sum).collect()
}

/// Every `factor`th tap from each start, backwards in time and with the gain that the missing inputs take away.
fn phases(prototype: &[f64], factor: usize) -> Box<[f32]> {
    let phase = |start: usize| prototype.iter().skip(start).step_by(factor).rev();
    (0..factor).flat_map(phase).map(|&tap| (tap * factor as f64) as f32).collect()
}

/// The modified Bessel function of order 0, by its power series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..30 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}
