//! Peaks between the samples.
//!
//! A converter that plays the samples can overshoot them. After ITU-R BS.1770-5, annex 2, the signal is looked at
//! four times as often, through an interpolating filter of 16 taps per phase (a windowed sinc of our own).

use std::f64::consts::PI;

/// Taps on each side of an interpolated point.
pub(super) const REACH: usize = 8;
const TAPS: usize = 2 * REACH;
/// Points between two samples.
const BETWEEN: usize = 3;

/// Interpolates three points between each two samples.
#[derive(Clone, Debug)]
pub(super) struct TruePeak {
    phases: [[f32; TAPS]; BETWEEN],
    /// Most that interpolation can add to the largest sample.
    most: f32,
}

impl TruePeak {
    pub(super) fn new() -> Self {
        let phases: [[f32; TAPS]; BETWEEN] = std::array::from_fn(|phase| {
            let point = (phase + 1) as f64 / (BETWEEN + 1) as f64 + (REACH - 1) as f64;
            let tap = |tap: usize| {
                let distance = tap as f64 - point;
                let window = (PI * distance / TAPS as f64).cos().powi(2);
                window * (PI * distance).sin() / (PI * distance)
            };
            let sum: f64 = (0..TAPS).map(tap).sum();
            std::array::from_fn(|index| (tap(index) / sum) as f32)
        });
        let overshoot = |taps: &[f32; TAPS]| taps.iter().map(|tap| tap.abs()).sum::<f32>();
        let most = phases.iter().map(overshoot).fold(1.0, f32::max);
        Self { phases, most }
    }

    /// Largest magnitude of `samples` without the first and the last [`REACH`], and of the points after each of
    /// them. Where even the most overshoot would stay below `ceiling`, an upper bound is good enough.
    pub(super) fn of(&self, samples: &[f32], ceiling: f32) -> f32 {
        let largest = |samples: &[f32]| samples.iter().fold(0.0f32, |most, s| most.max(s.abs()));
        let bound = largest(samples) * self.most;
        if bound <= ceiling || samples.len() < TAPS {
            return bound;
        }
        let inner = largest(&samples[REACH..samples.len() - REACH]);
        // The points after sample n lie in the middle of the window that begins REACH - 1 before it.
        let windows = samples[1..].windows(TAPS);
        let between = |window: &[f32], taps: &[f32; TAPS]| -> f32 {
            window.iter().zip(taps).map(|(sample, tap)| sample * tap).sum::<f32>().abs()
        };
        windows
            .flat_map(|window| self.phases.iter().map(move |taps| between(window, taps)))
            .fold(inner, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_whose_crests_lie_between_the_samples_has_its_true_peak() {
        let peak = TruePeak::new();
        // Tones up to 0.85 of the Nyquist frequency; between four times as many points 6 % stay unseen there.
        for tenths in 1u8..=17 {
            for phase in 0u8..8 {
                let angle = |n: u8| PI * (f64::from(tenths) / 20.0 * f64::from(n) + f64::from(phase) / 8.0);
                let samples: Vec<f32> = (0..200).map(|n| angle(n).sin() as f32).collect();
                let found = peak.of(&samples, 0.0);
                assert!((0.94..1.04).contains(&found), "{found} at {tenths}, phase {phase}");
            }
        }
    }

    #[test]
    fn what_stays_below_the_ceiling_anyway_is_bounded() {
        let peak = TruePeak::new();
        let samples: Vec<f32> = (0..40u8).map(|n| if n % 4 < 2 { 0.1 } else { -0.1 }).collect();
        assert!(peak.of(&samples, 0.0) < 0.15);
        assert!(peak.of(&samples, 0.9) >= peak.of(&samples, 0.0));
        assert!(peak.of(&samples, 0.9) <= 0.9);
    }
}
