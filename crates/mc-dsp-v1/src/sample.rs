//! What may enter a processor's state.

/// Larger magnitudes are no audio in any scale in use; squared and summed they would overflow `f32`.
const LARGEST: f32 = 65_536.0;
/// Smaller magnitudes are 0: -300 dBFS. Products of them would be denormal and slow the loops down.
const SMALLEST: f32 = 1e-15;

/// Replaces samples that are not finite or absurdly large by 0, and counts them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SampleGuard {
    replaced: u64,
}

impl SampleGuard {
    pub(crate) fn pass(&mut self, sample: f32) -> f32 {
        let magnitude = sample.abs();
        if magnitude < SMALLEST {
            0.0
        } else if magnitude <= LARGEST {
            sample
        } else {
            self.replaced += 1;
            0.0
        }
    }

    /// Samples replaced since construction or [`reset`](Self::reset).
    pub(crate) const fn replaced(&self) -> u64 {
        self.replaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_passes_and_the_rest_is_counted_silence() {
        let mut guard = SampleGuard::default();
        for sample in [0.0, 1e-14, -0.5, 1.0, 32_767.0] {
            assert_eq!(guard.pass(sample), sample);
        }
        assert_eq!((guard.pass(1e-40), guard.replaced()), (0.0, 0));
        for sample in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -70_000.0] {
            assert_eq!(guard.pass(sample), 0.0);
        }
        assert_eq!(guard.replaced(), 5);
    }
}
