//! Rates above 16 kHz: the echo is cancelled below 8 kHz, the rest follows the suppressor.
//!
//! The upper band is what the lower band lacks to the whole, so that both together are the input exactly,
//! only later.

use mc_simd::SimdProcessor;

use super::canceller::BlockCanceller;
use super::decimate::{Decimator, low_pass};

/// Zero crossings a side of the filter between the rates, and its cut-off relative to 8 kHz.
const ZEROS: usize = 8;
const CUTOFF: f64 = 0.9;

/// A [`BlockCanceller`] at 16 kHz inside a higher rate.
pub(super) struct SplitBands {
    factor: usize,
    far: Decimator,
    near: Decimator,
    untouched: Interpolator,
    cancelled: Interpolator,
    low_far: Box<[f32]>,
    low_near: Box<[f32]>,
    /// The near end while its lower band goes down and up again.
    whole: DelayLine,
    /// The upper band while the lower is being cancelled.
    upper: DelayLine,
    scratch: Box<[f32]>,
    gain: f32,
}

impl SplitBands {
    /// Around `inner`, whose rate is `factor` times lower.
    pub(super) fn new(inner: &BlockCanceller, factor: usize) -> Self {
        let low = inner.block();
        let block = low * factor;
        Self {
            factor,
            far: Decimator::new(block, factor, ZEROS, CUTOFF),
            near: Decimator::new(block, factor, ZEROS, CUTOFF),
            untouched: Interpolator::new(low, factor),
            cancelled: Interpolator::new(low, factor),
            low_far: vec![0.0; low].into(),
            low_near: vec![0.0; low].into(),
            whole: DelayLine::new(Self::filter_delay(factor), block),
            upper: DelayLine::new(inner.latency_blocks() * block, block),
            scratch: vec![0.0; block].into(),
            gain: 1.0,
        }
    }

    /// Samples by which the filters delay.
    pub(super) const fn filter_delay(factor: usize) -> usize {
        2 * ZEROS * factor
    }

    /// Replaces `near` by what is left without the echo of `far`.
    pub(super) fn process(&mut self, inner: &mut BlockCanceller, far: &[f32], near: &mut [f32]) {
        self.far.process(far, &mut self.low_far);
        self.near.process(near, &mut self.low_near);
        self.whole.process(near);
        self.untouched.process(&self.low_near, &mut self.scratch);
        near.iter_mut().zip(&self.scratch).for_each(|(whole, lower)| *whole -= lower);
        self.upper.process(near);

        inner.process(&self.low_far, &mut self.low_near);
        self.cancelled.process(&self.low_near, &mut self.scratch);
        let step = (inner.upper_gain() - self.gain) / near.len() as f32;
        for (out, lower) in near.iter_mut().zip(&self.scratch) {
            self.gain += step;
            *out = self.gain * *out + lower;
        }
        self.gain = inner.upper_gain();
    }

    pub(super) const fn factor(&self) -> usize {
        self.factor
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let filters = self.far.heap_bytes() + self.near.heap_bytes();
        let interpolators = self.untouched.heap_bytes() + self.cancelled.heap_bytes();
        let buffers = 2 * size_of_val(&*self.low_far) + size_of_val(&*self.scratch);
        filters + interpolators + buffers + self.whole.heap_bytes() + self.upper.heap_bytes()
    }

    pub(super) fn clear(&mut self) {
        self.far.clear();
        self.near.clear();
        self.untouched.line.fill(0.0);
        self.cancelled.line.fill(0.0);
        self.whole.line.fill(0.0);
        self.upper.line.fill(0.0);
        self.gain = 1.0;
    }
}

/// Puts `factor` − 1 samples between every two.
struct Interpolator {
    simd: SimdProcessor,
    /// For each of the `factor` outputs per input, the taps it sees, oldest input first.
    phases: Box<[f32]>,
    /// The last 2 · `ZEROS` inputs, then the block.
    line: Box<[f32]>,
    factor: usize,
}

impl Interpolator {
    const TAPS: usize = 2 * ZEROS + 1;

    fn new(block: usize, factor: usize) -> Self {
        let taps = low_pass(factor, ZEROS, CUTOFF);
        let tap = |phase: usize, age: usize| taps.get(phase + age * factor).copied().unwrap_or(0.0);
        let phases = (0..factor)
            .flat_map(|phase| (0..Self::TAPS).rev().map(move |age| (phase, age)))
            .map(|(phase, age)| factor as f32 * tap(phase, age))
            .collect();
        let line = vec![0.0; Self::TAPS - 1 + block].into();
        Self { simd: SimdProcessor::new(), phases, line, factor }
    }

    fn process(&mut self, block: &[f32], out: &mut [f32]) {
        self.line.copy_within(block.len().., 0);
        self.line[Self::TAPS - 1..].copy_from_slice(block);
        for (inputs, outputs) in self.line.windows(Self::TAPS).zip(out.chunks_exact_mut(self.factor)) {
            for (out, taps) in outputs.iter_mut().zip(self.phases.chunks_exact(Self::TAPS)) {
                *out = self.simd.dot(taps, inputs);
            }
        }
    }

    fn heap_bytes(&self) -> usize {
        size_of_val(&*self.phases) + size_of_val(&*self.line)
    }
}

/// Makes blocks later by a fixed number of samples.
struct DelayLine {
    /// The delayed samples, then a block.
    line: Box<[f32]>,
    delay: usize,
}

impl DelayLine {
    fn new(delay: usize, block: usize) -> Self {
        Self { line: vec![0.0; delay + block].into(), delay }
    }

    fn process(&mut self, block: &mut [f32]) {
        self.line[self.delay..].copy_from_slice(block);
        block.copy_from_slice(&self.line[..block.len()]);
        self.line.copy_within(block.len().., 0);
    }

    fn heap_bytes(&self) -> usize {
        size_of_val(&*self.line)
    }
}
