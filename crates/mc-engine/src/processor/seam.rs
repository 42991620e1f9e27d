//! No click where one processor ends and another goes on.

use mc_dsp::SampleRate;

/// Over how long a step is spread, in milliseconds.
const SPREAD_MS: u32 = 5;

/// Remembers where the output has got to, and leads on from there when it is suddenly somebody else's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seam {
    last: f32,
    spread: usize,
}

impl Seam {
    pub(crate) const fn new(rate: SampleRate) -> Self {
        Self { last: 0.0, spread: rate.samples_in_ms(SPREAD_MS) }
    }

    pub(crate) const fn reset(&mut self) {
        self.last = 0.0;
    }

    /// Notes where `frame` ends.
    pub(crate) fn pass(&mut self, frame: &[f32]) {
        if let Some(&last) = frame.last() {
            self.last = last;
        }
    }

    /// Begins `frame` where the one before ended; the difference fades within 5 ms or the frame.
    pub(crate) fn join(&mut self, frame: &mut [f32]) {
        let step = frame.first().map_or(0.0, |first| self.last - first);
        let spread = self.spread.min(frame.len());
        for (n, sample) in frame.iter_mut().take(spread).enumerate() {
            *sample += step * (spread - n) as f32 / spread as f32;
        }
        self.pass(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_spread_and_the_rest_left_alone() {
        let mut seam = Seam::new(SampleRate::Hz8000);
        seam.pass(&[0.25, 0.5]);
        let mut frame = [0.0; 160];
        seam.join(&mut frame);
        let mut last = 0.5;
        for (n, sample) in frame.into_iter().enumerate() {
            assert!((last - sample).abs() <= 0.5 / 40.0 + 1e-6, "sample {n}");
            assert!(n < 40 || sample == 0.0, "sample {n}");
            last = sample;
        }
        let mut short = [1.0; 20];
        seam.join(&mut short);
        assert!(short[0].abs() < 1e-6 && short[19] > 0.9);
        seam.join(&mut []);
    }
}
