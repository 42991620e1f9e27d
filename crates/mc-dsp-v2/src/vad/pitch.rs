//! Pitch, and how much of each part of the spectrum follows it.

use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock};

use realfft::ComplexToReal;
use realfft::num_complex::Complex32;

use super::lanes::{FIRST_BIN, LANES, PARTS, groups, product, sums_of_parts};
use super::spectrum::BINS;
use crate::tables::real;

/// Samples of the 32 ms window at 8 kHz, the grid of the lags.
const LENGTH: usize = 256;
/// Lags searched: 400 to 66 Hz.
const MIN_LAG: usize = 20;
const MAX_LAG: usize = 121;
/// Share of a new frame in the correlation that is searched: a steady voice adds up over frames, noise does not.
const SMOOTHING: f32 = 0.5;
/// Bins that are searched, 62 to 2250 Hz: below are DC and what the window spreads of it, and with all above the
/// peaks would be narrower than the grid of the lags.
const SEARCHED: std::ops::Range<usize> = 2..72;
/// The strongest period of a frame.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pitch {
    /// Correlation at the best lag over that at lag 0, the window's own decay taken out; 0 to 1.
    pub(crate) strength: f32,
    /// The best lag in samples of 8 kHz, of one period or two; 0 for none.
    pub(crate) lag: f32,
    /// Correlation at the best lag of each part of the spectrum alone, -1 to 1: a voice's harmonics
    /// agree from low to high, where noise covers only some of them.
    pub(crate) harmonicity: [f32; PARTS],
}

/// Searches the autocorrelation of the magnitude spectrum: half compressed, so that weak harmonics count beside a
/// strong one (T. Tolonen and M. Karjalainen, IEEE Trans. Speech Audio Processing 8(6), 2000).
pub(crate) struct PitchTracker {
    inverse: Arc<dyn ComplexToReal<f32>>,
    magnitude: Box<[Complex32]>,
    correlation: Box<[f32]>,
    scratch: Box<[Complex32]>,
    smoothed: [f32; MAX_LAG + 1],
    zero_lag: f32,
    decay: &'static Decay,
}

/// What the window makes of a correlation, by lag.
struct Decay {
    /// 1 over the window's part in the correlation of magnitudes, with a slight preference for short lags against
    /// octave errors downwards.
    emphasis: [f32; MAX_LAG + 1],
    /// 1 over the window's part in the correlation of powers.
    of_power: [f32; MAX_LAG + 1],
}

static DECAY: LazyLock<Decay> = LazyLock::new(|| {
    let window: Vec<f64> = apodize::hanning_iter(LENGTH + 1).take(LENGTH).collect();
    let of_window = |lag: usize| -> f64 { window.iter().zip(&window[lag..]).map(|(a, b)| a * b).sum() };
    // The window's transform is almost positive, so the transform of its magnitude is the window, its middle
    // at lag 0; near its end there is nothing left to scale up.
    let emphasis = |lag: usize| ((1.0 - 0.002 * lag as f64) / window[LENGTH / 2 - lag].max(0.15)) as f32;
    Decay {
        emphasis: std::array::from_fn(emphasis),
        of_power: std::array::from_fn(|lag| (of_window(0) / of_window(lag)) as f32),
    }
});

impl PitchTracker {
    pub(crate) fn new() -> Self {
        let inverse = real::inverse(LENGTH);
        let magnitude = inverse.make_input_vec().into_boxed_slice();
        let correlation = inverse.make_output_vec().into_boxed_slice();
        let scratch = inverse.make_scratch_vec().into_boxed_slice();
        Self {
            inverse,
            magnitude,
            correlation,
            scratch,
            smoothed: [0.0; MAX_LAG + 1],
            zero_lag: 0.0,
            decay: &DECAY,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.smoothed = [0.0; MAX_LAG + 1];
        self.zero_lag = 0.0;
    }

    /// Memory on the heap in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.magnitude) + size_of_val(&*self.correlation) + size_of_val(&*self.scratch)
    }

    /// The pitch of a spectrum with these powers, and their sum over each part.
    pub(crate) fn track(&mut self, power: &[f32; BINS], of_parts: &[f32; PARTS]) -> Pitch {
        let (strength, lag) = self.search(power);
        if lag == 0.0 {
            return Pitch::default();
        }
        let decay = self.decay.of_power[lag as usize];
        let mut harmonicity = in_phase(power, lag);
        for (part, all) in harmonicity.iter_mut().zip(of_parts) {
            *part = (*part / (all + 1e-12) * decay).clamp(-1.0, 1.0);
        }
        Pitch { strength: strength.min(1.0), lag, harmonicity }
    }

    /// Strength and place of the highest peak of the correlation; zeros where there is none.
    fn search(&mut self, power: &[f32; BINS]) -> (f32, f32) {
        self.magnitude.fill(Complex32::ZERO);
        for (magnitude, power) in self.magnitude[SEARCHED].iter_mut().zip(&power[SEARCHED]) {
            magnitude.re = power.sqrt();
        }
        // The buffers have the lengths that the transform asked for, so it cannot refuse.
        let done =
            self.inverse.process_with_scratch(&mut self.magnitude, &mut self.correlation, &mut self.scratch);
        debug_assert!(done.is_ok());
        self.zero_lag += SMOOTHING * (self.correlation[0] - self.zero_lag);
        for (smoothed, now) in self.smoothed.iter_mut().zip(&self.correlation) {
            *smoothed += SMOOTHING * (now - *smoothed);
        }
        let scale = 1.0 / (self.zero_lag + 1e-9);
        let (mut best, mut best_lag) = (0.0, 0.0);
        let mut weighted = [0.0; MAX_LAG + 1];
        for ((weighted, smoothed), emphasis) in
            weighted.iter_mut().zip(&self.smoothed).zip(&self.decay.emphasis)
        {
            *weighted = smoothed * emphasis * scale;
        }
        for lag in MIN_LAG..MAX_LAG {
            let (before, here, after) = (weighted[lag - 1], weighted[lag], weighted[lag + 1]);
            if here > best && here > before && here >= after {
                best = here;
                // The top of the parabola through the three.
                best_lag = lag as f32 + 0.5 * (before - after) / (before - 2.0 * here + after);
            }
        }
        (best, best_lag)
    }
}

/// Correlation of each part of the spectrum at a lag: Σ power · cos(2π · bin · lag / length).
fn in_phase(power: &[f32; BINS], lag: f32) -> [f32; PARTS] {
    // Lane by lane the phases of neighbouring bins, all turned by one stride from group to group.
    let angle = TAU / LENGTH as f32 * lag;
    let step = Complex32::from_polar(1.0, angle);
    let mut phase = Complex32::from_polar(1.0, angle * FIRST_BIN as f32);
    let (mut cosine, mut sine) = ([0.0; LANES], [0.0; LANES]);
    for (cosine, sine) in cosine.iter_mut().zip(&mut sine) {
        (*cosine, *sine) = (phase.re, phase.im);
        phase *= step;
    }
    let stride = Complex32::from_polar(1.0, angle * LANES as f32);
    let power = groups(power);
    sums_of_parts(|group| {
        let turned = product(&power[group], &cosine);
        for (cosine, sine) in cosine.iter_mut().zip(&mut sine) {
            (*cosine, *sine) =
                (*cosine * stride.re - *sine * stride.im, *cosine * stride.im + *sine * stride.re);
        }
        turned
    })
}

#[cfg(test)]
mod tests {
    use super::super::lanes::PART_BINS;
    use super::*;

    /// Power spectrum of harmonics of `hz` in every bin that they reach.
    fn voice(hz: f32) -> [f32; BINS] {
        let mut power = [1e-6; BINS];
        for harmonic in 1..(3_700.0 / hz) as usize {
            let place = harmonic as f32 * hz / super::super::spectrum::BIN_HZ;
            for (bin, power) in power.iter_mut().enumerate() {
                let apart = (bin as f32 - place).abs();
                if apart < 2.0 {
                    *power += (0.5 + 0.5 * (0.5 * std::f32::consts::PI * apart).cos()).powi(2);
                }
            }
        }
        power
    }

    #[test]
    fn finds_the_pitch_and_its_harmonics() {
        for hz in [90.0f32, 120.0, 180.0, 250.0, 380.0] {
            let mut tracker = PitchTracker::new();
            let mut pitch = Pitch::default();
            for _ in 0..5 {
                let power = voice(hz);
                let groups = groups(&power);
                pitch = tracker.track(&power, &sums_of_parts(|group| groups[group]));
            }
            // The octave below has all these harmonics too.
            let periods = pitch.lag / (8_000.0 / hz);
            assert!((periods - 1.0).abs().min((periods - 2.0).abs()) < 0.03, "{hz}: {periods} periods");
            assert!(pitch.strength > 0.3, "{hz}: {}", pitch.strength);
            assert!(pitch.harmonicity.iter().all(|&h| h > 0.5), "{hz}: {:?}", pitch.harmonicity);
        }
    }

    #[test]
    fn a_flat_spectrum_has_no_pitch() {
        let pitch = PitchTracker::new().track(&[1.0; BINS], &PART_BINS);
        assert!(pitch.strength < 0.2, "{}", pitch.strength);
    }
}
