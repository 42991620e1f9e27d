//! What may enter a processor's state.

/// Smaller magnitudes are 0: -200 dBFS. Products of them would be denormal and slow the loops down.
const SMALLEST: f32 = 1e-10;

/// Keeps from a processor what is no audio: not-a-number and infinities become 0, magnitudes beyond a limit that
/// limit. Both are counted. Magnitudes below -200 dBFS become 0, too, silently.
#[derive(Clone, Copy, Debug)]
pub struct SampleGuard {
    largest: f32,
    replaced: u64,
}

impl SampleGuard {
    /// A guard that lets magnitudes up to `largest` through.
    #[must_use]
    pub const fn new(largest: f32) -> Self {
        Self { largest, replaced: 0 }
    }

    /// `sample`, or what takes its place.
    #[inline]
    pub fn pass(&mut self, sample: f32) -> f32 {
        let magnitude = sample.abs();
        if magnitude < SMALLEST {
            return 0.0;
        }
        if magnitude <= self.largest {
            return sample;
        }
        self.replaced += 1;
        if sample.is_finite() { self.largest.copysign(sample) } else { 0.0 }
    }

    /// Samples replaced since construction or [`reset`](Self::reset), because they were not finite or too large.
    #[must_use]
    pub const fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Forgets the count.
    pub const fn reset(&mut self) {
        self.replaced = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_passes_and_the_rest_is_limited_or_silenced_and_counted() {
        let mut guard = SampleGuard::new(4.0);
        for (sample, passed) in [(-1.0, -1.0), (4.0, 4.0), (1e-11, 0.0), (1e-40, 0.0)] {
            assert_eq!(guard.pass(sample), passed);
        }
        assert_eq!(guard.replaced(), 0);
        for (sample, passed) in [(-1e9, -4.0), (4.1, 4.0), (f32::NAN, 0.0), (f32::NEG_INFINITY, 0.0)] {
            assert_eq!(guard.pass(sample), passed);
        }
        assert_eq!(guard.replaced(), 4);
        guard.reset();
        assert_eq!(guard.replaced(), 0);
    }
}
