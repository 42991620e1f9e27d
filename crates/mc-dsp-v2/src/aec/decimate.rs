//! A lower sample rate, and back: windowed-sinc filters in polyphase form.

use mc_simd::SimdProcessor;

/// Low-pass for a rate lowered by `factor`: a sinc of `zeros` zero crossings a side under a Blackman window,
/// cut off at `cutoff` of the lower rate's Nyquist frequency. The taps sum to 1.
pub(super) fn low_pass(factor: usize, zeros: usize, cutoff: f64) -> Vec<f32> {
    let half = (zeros * factor) as f64;
    let taps = 2 * zeros * factor + 1;
    let sinc =
        |t: f64| if t == 0.0 { 1.0 } else { (std::f64::consts::PI * t).sin() / (std::f64::consts::PI * t) };
    let response: Vec<f64> = apodize::blackman_iter(taps)
        .enumerate()
        .map(|(n, window)| window * sinc((n as f64 - half) / factor as f64 * cutoff))
        .collect();
    let sum: f64 = response.iter().sum();
    response.iter().map(|tap| (tap / sum) as f32).collect()
}

/// Keeps one of `factor` samples after a low-pass.
pub(super) struct Decimator {
    simd: SimdProcessor,
    taps: Box<[f32]>,
    /// The last taps − 1 samples, then the block.
    line: Box<[f32]>,
    block: usize,
    factor: usize,
}

impl Decimator {
    /// For blocks of `block` samples, a multiple of `factor`. Delays by `zeros` samples of the lower rate.
    pub(super) fn new(block: usize, factor: usize, zeros: usize, cutoff: f64) -> Self {
        let taps = low_pass(factor, zeros, cutoff);
        let line = vec![0.0; taps.len() - 1 + block].into();
        Self { simd: SimdProcessor::new(), taps: taps.into(), line, block, factor }
    }

    /// Fills `out` with the block at the lower rate.
    pub(super) fn process(&mut self, block: &[f32], out: &mut [f32]) {
        self.line.copy_within(self.block.., 0);
        let history = self.line.len() - self.block;
        self.line[history..].copy_from_slice(block);
        for (n, out) in out.iter_mut().enumerate() {
            // The response is symmetric, so its direction does not matter.
            *out = self.simd.dot(&self.taps, &self.line[n * self.factor..]);
        }
    }

    pub(super) fn clear(&mut self) {
        self.line.fill(0.0);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.taps) + size_of_val(&*self.line)
    }
}
