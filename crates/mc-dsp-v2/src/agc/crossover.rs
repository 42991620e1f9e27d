//! The voice in one to four bands that sum to a flat spectrum.
//!
//! Crossovers of fourth order after S. Linkwitz and R. Riley, "Active Crossover Networks for Noncoincident
//! Drivers", J. Audio Eng. Soc. 24 (1976): the low band is two Butterworth low-passes, the high band what an
//! all-pass with the same poles has more than it. Their sum is that all-pass. A band that was split off passes
//! the all-passes of the crossovers above it, so that all bands have the same phase and their sum is flat.

use std::f32::consts::PI;

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Errors, Q_BUTTERWORTH_F32, Type};
use mc_dsp::SampleRate;

/// Most bands that the voice is split into.
pub(super) const MAX_BANDS: usize = 4;

/// Crossover frequencies in Hz of 1, 2, 3 and 4 bands: below the first lie the fundamental and the first formant,
/// above the last the fricatives. All are below the Nyquist frequency of the lowest rate.
const CROSSOVERS_HZ: [&[f32]; MAX_BANDS] = [&[], &[1_200.0], &[500.0, 2_400.0], &[500.0, 1_200.0, 2_400.0]];

/// Crossover frequencies of `bands` bands (1 to [`MAX_BANDS`]), lowest first, in Hz.
pub(super) fn crossovers_hz(bands: usize) -> &'static [f32] {
    CROSSOVERS_HZ[bands.clamp(1, MAX_BANDS) - 1]
}

/// A filter of second order.
#[derive(Clone, Copy, Debug)]
struct Section(DirectForm2Transposed<f32>);

impl Section {
    /// State below this is 0: -400 dBFS. It would fade into denormal numbers, which are slow.
    const SMALLEST: f32 = 1e-20;

    fn new(kind: Type<f32>, corner_hz: f32, rate: SampleRate) -> Result<Self, Errors> {
        // Twice the share of the sample rate, as the crate wants it. Its type of frequencies is left out: it
        // panics on negative ones.
        let corner = 2.0 * corner_hz / rate.hz() as f32;
        let coefficients = Coefficients::from_normalized_params(kind, corner, Q_BUTTERWORTH_F32)?;
        Ok(Self(DirectForm2Transposed::new(coefficients)))
    }

    #[inline]
    fn run(&mut self, sample: f32) -> f32 {
        self.0.run(sample)
    }

    fn flush(&mut self) {
        if self.0.s1.abs() < Self::SMALLEST && self.0.s2.abs() < Self::SMALLEST {
            self.0.reset_state();
        }
    }
}

/// Splits in two at one frequency.
#[derive(Clone, Copy, Debug)]
struct Crossover {
    low: [Section; 2],
    all: Section,
}

impl Crossover {
    fn new(corner_hz: f32, rate: SampleRate) -> Result<Self, Errors> {
        let low = Section::new(Type::LowPass, corner_hz, rate)?;
        Ok(Self { low: [low; 2], all: Section::new(Type::AllPass, corner_hz, rate)? })
    }

    /// What lies below the frequency, and what lies above.
    #[inline]
    fn run(&mut self, sample: f32) -> (f32, f32) {
        let half = self.low[0].run(sample);
        let low = self.low[1].run(half);
        (low, self.all.run(sample) - low)
    }
}

/// Splits the voice into bands.
#[derive(Clone, Debug)]
pub(super) struct BandSplit {
    /// Lowest frequency first.
    crossovers: Box<[Crossover]>,
    /// For each crossover, the all-passes of the ones above it, for the band that it splits off.
    compensation: Box<[Box<[Section]>]>,
}

impl BandSplit {
    /// A splitter into `bands` bands (1 to [`MAX_BANDS`]).
    pub(super) fn new(bands: usize, rate: SampleRate) -> Result<Self, Errors> {
        let corners = crossovers_hz(bands);
        let crossovers = corners.iter().map(|hz| Crossover::new(*hz, rate)).collect::<Result<_, _>>()?;
        let compensation = (1..=corners.len())
            .map(|next| corners[next..].iter().map(|hz| Section::new(Type::AllPass, *hz, rate)).collect())
            .collect::<Result<_, _>>()?;
        Ok(Self { crossovers, compensation })
    }

    /// The sample's part in each band, lowest first; bands that there are not stay 0.
    #[inline]
    pub(super) fn run(&mut self, sample: f32) -> [f32; MAX_BANDS] {
        let mut bands = [0.0; MAX_BANDS];
        let mut rest = sample;
        for ((band, crossover), compensation) in
            bands.iter_mut().zip(&mut self.crossovers).zip(&mut self.compensation)
        {
            let (low, high) = crossover.run(rest);
            *band = compensation.iter_mut().fold(low, |band, all_pass| all_pass.run(band));
            rest = high;
        }
        bands[self.crossovers.len()] = rest;
        bands
    }

    fn sections(&mut self) -> impl Iterator<Item = &mut Section> {
        let crossovers = self.crossovers.iter_mut().flat_map(|c| c.low.iter_mut().chain([&mut c.all]));
        crossovers.chain(self.compensation.iter_mut().flatten())
    }

    /// Ends tails that are too faint to hear.
    pub(super) fn flush(&mut self) {
        self.sections().for_each(Section::flush);
    }

    pub(super) fn reset(&mut self) {
        self.sections().for_each(|section| section.0.reset_state());
    }

    /// Group delay of the bands' sum at low frequencies, where a voice has its power, in ms.
    pub(super) fn delay_ms(bands: usize) -> f32 {
        // Of an all-pass of second order: 2 / (Q 2 pi f).
        let delay = |hz: &f32| 1_000.0 / (Q_BUTTERWORTH_F32 * PI * hz);
        crossovers_hz(bands).iter().map(delay).sum()
    }

    /// Memory on the heap in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let compensation: usize = self.compensation.iter().map(|sections| size_of_val(&**sections)).sum();
        size_of_val(&*self.crossovers) + size_of_val(&*self.compensation) + compensation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::sine;

    /// Power that `part` of a tone of this frequency has after the filters have settled, in dB.
    fn response(bands: usize, rate: SampleRate, hz: f64, part: impl Fn(&[f32; MAX_BANDS]) -> f32) -> f32 {
        let mut split = BandSplit::new(bands, rate).unwrap();
        let power: f32 = sine(rate.hz(), hz, 2f32.sqrt(), rate.samples_in_ms(200))
            .into_iter()
            .map(|sample| part(&split.run(sample)).powi(2))
            .skip(rate.samples_in_ms(100))
            .sum();
        mc_dsp::power_to_dbfs(power / rate.samples_in_ms(100) as f32)
    }

    #[test]
    fn the_sum_of_the_bands_is_flat_at_every_rate() {
        for rate in SampleRate::ALL {
            for bands in 1..=MAX_BANDS {
                for hz in (50..rate.hz() / 2).step_by(110) {
                    let flat = response(bands, rate, f64::from(hz), |bands| bands.iter().sum());
                    assert!(flat.abs() < 0.1, "{flat} dB at {hz} Hz, {bands} bands, {rate:?}");
                }
            }
        }
    }

    #[test]
    fn each_band_has_its_frequencies_and_the_crossover_halves_the_amplitude() {
        for rate in SampleRate::ALL {
            for bands in 2..=MAX_BANDS {
                let corners = crossovers_hz(bands);
                for (band, &corner) in corners.iter().enumerate() {
                    let corner = f64::from(corner);
                    let level = |hz: f64, band: usize| response(bands, rate, hz, |parts| parts[band]);
                    assert!((level(corner, band) + 6.0).abs() < 1.1, "{}", level(corner, band));
                    // 24 dB per octave: at 1.5 times the frequency 15 dB down, at a third of it 38 dB.
                    assert!(level(1.5 * corner, band) < -14.0);
                    assert!(level(corner / 3.0, band + 1) < -34.0);
                }
            }
        }
    }
}
