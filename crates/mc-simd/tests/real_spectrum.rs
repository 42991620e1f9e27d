//! Spectra of real signals, at every level, against sums written out.

mod common;

use common::{noise, way};
use mc_simd::{RealSpectrum, SimdProcessor};

const MOST_BINS: usize = 70;

/// The part of `values`, real and imaginary parts in turn, at `frequency` of `length`.
fn sum(values: impl Iterator<Item = [f64; 2]>, frequency: usize, length: usize) -> [f64; 2] {
    values.enumerate().fold([0.0; 2], |sum, (n, [re, im])| {
        let (sin, cos) = (-std::f64::consts::TAU * (n * frequency) as f64 / length as f64).sin_cos();
        [sum[0] + re * cos - im * sin, sum[1] + re * sin + im * cos]
    })
}

/// The complex transform of the pairs of `samples`.
fn half_transform(samples: &[f32]) -> Vec<[f32; 2]> {
    let (pairs, _) = samples.as_chunks::<2>();
    let at = |bin| sum(pairs.iter().map(|pair| pair.map(f64::from)), bin, pairs.len());
    (0..pairs.len()).map(|bin| at(bin).map(|part| part as f32)).collect()
}

#[test]
fn unfolding_gives_the_spectrum_of_the_samples_and_folding_takes_it_back() {
    for bins in 1..=MOST_BINS {
        let samples = noise(2 * bins, bins as u32);
        let half = half_transform(&samples);
        for simd in
            SimdProcessor::available_levels().filter_map(|level| SimdProcessor::with_level(level).ok())
        {
            let real = RealSpectrum::new(bins).with_simd(simd);
            let mut spectrum = vec![9.0; 2 * bins + 2];
            real.unfold(&half, &mut spectrum);
            for bin in 0..=bins {
                let expected = sum(samples.iter().map(|s| [f64::from(*s), 0.0]), bin, 2 * bins);
                for (part, plane) in expected.into_iter().zip([0, bins + 1]) {
                    let error = (f64::from(spectrum[plane + bin]) - part).abs();
                    assert!(error < 1e-5 * bins as f64, "bin {bin} of {bins}: {error}, {}", way(&simd));
                }
            }
            // What a real signal cannot have must not matter.
            (spectrum[bins + 1], spectrum[2 * bins + 1]) = (5.0, -7.0);
            let mut back = vec![[9.0; 2]; bins];
            real.fold(&spectrum, 0.25, &mut back);
            for (back, half) in back.as_flattened().iter().zip(half.as_flattened()) {
                assert!((back - 0.25 * half).abs() < 1e-5 * bins as f32, "{bins} bins, {}", way(&simd));
            }
        }
    }
}

#[test]
fn slices_of_other_lengths_are_left_alone() {
    let real = RealSpectrum::new(8);
    assert_eq!(real.bins(), 8);
    for (bins, values) in [(7, 18), (8, 17), (9, 18), (8, 20)] {
        let (mut half, mut spectrum) = (vec![[9.0; 2]; bins], vec![9.0; values]);
        real.unfold(&half, &mut spectrum);
        real.fold(&spectrum, 1.0, &mut half);
        assert!(half.as_flattened().iter().chain(&spectrum).all(|value| *value == 9.0));
    }
}
