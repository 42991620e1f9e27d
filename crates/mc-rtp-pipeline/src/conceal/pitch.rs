//! The pitch period at the end of a piece of audio.

use mc_dsp::SampleRate;

use super::prediction::dot;

/// Shortest and longest pitch period: 400 Hz to 60 Hz, in microseconds.
const PERIOD_US: (u32, u32) = (2_500, 16_500);

/// Audio that is compared with itself a period earlier, in microseconds.
const WINDOW_US: u32 = 20_000;

/// How much better a longer period must match before it is believed: its multiples match any periodic signal.
const OCTAVE_MARGIN: f32 = 0.85;

/// Correlation from which a pitch is worth looking for in what is near it.
const VOICED_NEARBY: f32 = 0.4;

/// What the correlation loses at a lag an octave away from the pitch nearby; a quarter of an octave off a sixteenth of it.
const PER_OCTAVE: f32 = 3.3;

/// The lags that are searched, in samples, and the window in which they are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LagRange {
    pub(crate) min: usize,
    pub(crate) max: usize,
    window: usize,
}

/// A lag at which a signal resembles itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pitch {
    /// In samples.
    pub(crate) lag: usize,
    /// Normalised correlation at this lag: 1 for a periodic signal, around 0 for noise.
    pub(crate) correlation: f32,
}

impl LagRange {
    pub(crate) fn new(rate: SampleRate) -> Self {
        let samples = |us: u32| (u64::from(rate.hz()) * u64::from(us) / 1_000_000) as usize;
        Self { min: samples(PERIOD_US.0), max: samples(PERIOD_US.1), window: samples(WINDOW_US) }
    }

    /// Samples of history that a search can use.
    pub(crate) const fn history(&self) -> usize {
        self.max + self.window
    }

    /// The lag at which the end of `signal` resembles best what lies before it. A shorter signal than
    /// [`history`](Self::history) is searched as far as it goes.
    pub(crate) fn search(&self, signal: &[f32]) -> Pitch {
        let mut best = Pitch { lag: self.min, correlation: 0.0 };
        let mut strongest = Pitch { lag: self.min, correlation: 0.0 };
        let mut descending = false;
        let mut previous = 0.0;
        let window = self.window.min(signal.len().saturating_sub(self.max));
        // A short signal is compared over what there is at each lag, a long one over the same window at all.
        let mut sliding = (window == self.window).then(|| Sliding::new(signal, window, self.min));
        for lag in self.min..=self.max {
            let correlation = match &mut sliding {
                Some(sliding) => sliding.next(),
                None => self.correlation(signal, lag),
            };
            if correlation > strongest.correlation {
                strongest = Pitch { lag, correlation };
            }
            // The first peak that is nearly as high as any other is the period itself.
            if correlation >= previous {
                descending = false;
            } else if !descending {
                descending = true;
                if previous * OCTAVE_MARGIN > best.correlation {
                    best = Pitch { lag: lag - 1, correlation: previous };
                }
            }
            previous = correlation;
        }
        if strongest.correlation * OCTAVE_MARGIN > best.correlation { strongest } else { best }
    }

    /// As [`search`](Self::search), next to audio of another `pitch`. In a signal too short to show a long period twice,
    /// a single packet behind a gap for instance, its parts resemble each other at many lags; a voice changes its pitch by
    /// less.
    pub(crate) fn search_near(&self, signal: &[f32], pitch: Pitch) -> Pitch {
        if signal.len() >= self.history() || pitch.correlation < VOICED_NEARBY {
            return self.search(signal);
        }
        let mut best = (Pitch { lag: self.min, correlation: 0.0 }, f32::NEG_INFINITY);
        for lag in self.min..=self.max {
            let correlation = self.correlation(signal, lag);
            let octaves = (lag as f32 / pitch.lag as f32).log2();
            let likelihood = correlation - PER_OCTAVE * octaves * octaves;
            if likelihood > best.1 {
                best = (Pitch { lag, correlation }, likelihood);
            }
        }
        best.0
    }

    /// Normalised correlation of the end of `signal` with what lies `lag` before.
    fn correlation(&self, signal: &[f32], lag: usize) -> f32 {
        let window = self.window.min(signal.len().saturating_sub(lag));
        if window < self.min {
            return 0.0;
        }
        let recent = &signal[signal.len() - window..];
        let earlier = &signal[signal.len() - window - lag..signal.len() - lag];
        normalized(recent, earlier)
    }
}

/// The end of a signal against what lies before it, lag by lag: the energy of the earlier piece follows from that
/// of the one before by the two samples that differ.
struct Sliding<'a> {
    signal: &'a [f32],
    recent: &'a [f32],
    recent_energy: f32,
    earlier_energy: f32,
    /// Where the earlier piece starts.
    start: usize,
}

impl<'a> Sliding<'a> {
    fn new(signal: &'a [f32], window: usize, lag: usize) -> Self {
        let recent = &signal[signal.len() - window..];
        let start = signal.len() - window - lag;
        let earlier = &signal[start..start + window];
        let (recent_energy, earlier_energy) = (dot(recent, recent), dot(earlier, earlier));
        Self { signal, recent, recent_energy, earlier_energy, start }
    }

    /// The correlation at this lag; goes on to the next.
    fn next(&mut self) -> f32 {
        let earlier = &self.signal[self.start..self.start + self.recent.len()];
        let energy = self.recent_energy * self.earlier_energy;
        let correlation =
            if energy > f32::MIN_POSITIVE { dot(self.recent, earlier) / energy.sqrt() } else { 0.0 };
        if let (Some(before), Some(last)) = (self.start.checked_sub(1), earlier.last()) {
            let change = self.signal[before] * self.signal[before] - last * last;
            self.earlier_energy = (self.earlier_energy + change).max(0.0);
            self.start = before;
        }
        correlation
    }
}

/// Correlation of two equally long pieces, -1 to 1; 0 if one of them is silent.
pub(crate) fn normalized(a: &[f32], b: &[f32]) -> f32 {
    let energy = dot(a, a) * dot(b, b);
    if energy > f32::MIN_POSITIVE { dot(a, b) / energy.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

    /// A voice of this period whose fourth harmonic lies on a formant.
    fn voice(period: usize, samples: usize) -> Vec<f32> {
        let harmonic = |at: usize, n: f32| (TAU * n * at as f32 / period as f32).sin();
        (0..samples).map(|at| 0.2 * harmonic(at, 1.0) + 0.2 * harmonic(at, 3.0) + harmonic(at, 4.0)).collect()
    }

    #[test]
    fn a_packets_pitch_is_looked_for_near_that_of_the_audio_before() {
        let lags = LagRange::new(SampleRate::Hz8000);
        for period in [70, 90, 110] {
            let (whole, packet) = (voice(period, lags.history()), voice(period, 160));
            let before = Pitch { lag: period + period / 10, correlation: 0.9 };
            assert!(lags.search_near(&packet, before).lag.abs_diff(period) <= 1, "{period}");
            assert_ne!(lags.search(&packet).lag, period, "{period} is not found in a packet alone");
            // Where the signal is long enough it speaks for itself, and where there was no voice nothing is near.
            assert_eq!(lags.search_near(&whole, Pitch { lag: 40, correlation: 0.9 }), lags.search(&whole));
            let unvoiced = Pitch { lag: 40, correlation: 0.3 };
            assert_eq!(lags.search_near(&packet, unvoiced), lags.search(&packet));
        }
    }

    #[test]
    fn of_lags_that_match_as_well_the_one_nearest_the_pitch_before_is_taken() {
        let lags = LagRange::new(SampleRate::Hz8000);
        let packet = voice(50, 160);
        for (before, expected) in [(46, 50), (54, 50), (96, 100), (108, 100)] {
            let before = Pitch { lag: before, correlation: 0.9 };
            assert!(lags.search_near(&packet, before).lag.abs_diff(expected) <= 1, "{before:?}");
        }
    }
}
