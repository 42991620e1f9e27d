//! Reading a signal between its samples: windowed-sinc interpolation from a table of phases.

use std::sync::LazyLock;

use mc_simd::SimdProcessor;

/// Zero crossings of the sinc a side. Under a Hann window that passes 7/8 of the band.
const ZEROS: usize = 16;
const TAPS: usize = 2 * ZEROS;
/// Fractions of a sample that the table holds; between them taps are interpolated, 68 dB below the signal.
const PHASES: usize = 32;

/// For each fraction from 0 to 1, both included: weights of the samples before and after, newest first.
static WEIGHTS: LazyLock<[[f32; TAPS]; PHASES + 1]> = LazyLock::new(|| {
    let sinc = |t: f64| {
        let angle = std::f64::consts::PI * t;
        if t.abs() < 1e-9 { 1.0 } else { angle.sin() / angle }
    };
    let window = |t: f64| 0.5 + 0.5 * (std::f64::consts::PI * t / ZEROS as f64).cos();
    // Tap n weighs the sample ZEROS − n after the one that the fraction counts from.
    let tap = |phase: usize, n: usize| {
        let distance = ZEROS as f64 - n as f64 - phase as f64 / PHASES as f64;
        if distance.abs() >= ZEROS as f64 { 0.0 } else { (sinc(distance) * window(distance)) as f32 }
    };
    std::array::from_fn(|phase| std::array::from_fn(|n| tap(phase, n)))
});

/// Interpolator of blocks.
pub(super) struct Resampler {
    simd: SimdProcessor,
    phases: &'static [[f32; TAPS]],
    fading: Box<[f32]>,
}

impl Resampler {
    /// Samples that must follow the place that is read.
    pub(super) const AHEAD: usize = ZEROS;
    /// Samples that must come before it.
    pub(super) const BEHIND: usize = ZEROS;

    /// For blocks of `block` samples.
    pub(super) fn new(block: usize) -> Self {
        Self { simd: SimdProcessor::new(), phases: &*WEIGHTS, fading: vec![0.0; block].into() }
    }

    /// Fills `out` from `input`, whose sample number [`BEHIND`](Self::BEHIND) is where the first output lies
    /// when nothing is added. The outputs lie `from` samples later at the start of the block and `to` samples
    /// later at its end, both from 0 to `input.len()` less what must follow; the way between is faded.
    pub(super) fn process(&mut self, input: &[f32], (from, to): (f64, f64), out: &mut [f32]) {
        self.read(input, from, out);
        if from != to {
            let mut fading = std::mem::take(&mut self.fading);
            self.read(input, to, &mut fading);
            self.simd.crossfade(out, &fading);
            self.fading = fading;
        }
    }

    fn read(&self, input: &[f32], place: f64, out: &mut [f32]) {
        let whole = place.max(0.0) as usize;
        let fraction = (place - whole as f64) as f32 * PHASES as f32;
        let phase = (fraction as usize).min(PHASES - 1);
        let (low, high) = (&self.phases[phase], &self.phases[phase + 1]);
        let part = fraction - phase as f32;
        let taps: [f32; TAPS] = std::array::from_fn(|n| low[n] + part * (high[n] - low[n]));
        // The newest sample that the first output sees is ZEROS after it, the oldest ZEROS − 1 before.
        self.simd.fir(&taps, input.get(whole + 1..).unwrap_or_default(), out);
    }

    /// Bytes of the table that all share.
    pub(super) const fn table_bytes() -> usize {
        size_of::<[[f32; TAPS]; PHASES + 1]>()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.fading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(place: f64) -> f64 {
        (place * 0.31).sin() + 0.5 * (place * 2.1 + 1.0).cos()
    }

    #[test]
    fn a_signal_is_read_between_its_samples() {
        let mut resampler = Resampler::new(64);
        let input: Vec<f32> = (0..64 + TAPS + 8).map(|n| wave(n as f64 - ZEROS as f64) as f32).collect();
        for place in [0.0, 0.01, 0.5, 1.999, 3.25, 4.0] {
            let mut out = [0.0; 64];
            resampler.process(&input, (place, place + 0.01), &mut out);
            for (n, sample) in out.iter().enumerate() {
                let moved = 0.01 * (n as f64 + 0.5) / 64.0;
                let expected = wave(n as f64 + place + moved);
                assert!((f64::from(*sample) - expected).abs() < 2e-3, "{sample} {expected} {place} {n}");
            }
        }
    }

    #[test]
    fn whole_samples_are_copied() {
        let input: Vec<f32> = (0..200).map(|n| (n * n % 17) as f32).collect();
        let mut out = [0.0; 64];
        Resampler::new(64).process(&input, (5.0, 5.0), &mut out);
        for (sample, expected) in out.iter().zip(&input[ZEROS + 5..]) {
            assert!((sample - expected).abs() < 1e-5, "{sample} {expected}");
        }
    }
}
