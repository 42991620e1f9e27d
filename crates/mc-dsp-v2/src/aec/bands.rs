//! Overlapping bands, evenly spaced in mel: what levels of echo and near end are compared in.

use std::ops::Range;

/// Number of bands up to [`TOP_HZ`]; those above half the sample rate stay empty.
pub(super) const BANDS: usize = 24;
/// Centre of the last band.
const TOP_HZ: f64 = 8_000.0;

/// Each bin belongs to the two bands whose centres it lies between, to each the more the closer it is.
pub(super) struct Bands {
    /// First bin at or above each band's centre.
    starts: [usize; BANDS],
    /// Share of each bin that belongs to the band above it.
    upper_share: Box<[f32]>,
    inverse_width: [f32; BANDS],
}

impl Bands {
    /// For `bins` bins from 0 Hz to `nyquist_hz`, at most 8 kHz.
    pub(super) fn new(bins: usize, nyquist_hz: f64) -> Self {
        let mel = |hz: f64| (1.0 + hz / 700.0).ln();
        let position = |bin: usize| {
            let hz = bin as f64 * nyquist_hz / (bins - 1) as f64;
            (mel(hz) / mel(TOP_HZ) * (BANDS - 1) as f64).min((BANDS - 1) as f64)
        };
        let starts =
            std::array::from_fn(|band| (0..bins).find(|bin| position(*bin) >= band as f64).unwrap_or(bins));
        let upper_share = (0..bins).map(|bin| position(bin).fract() as f32).collect();
        let mut bands = Self { starts, upper_share, inverse_width: [1.0; BANDS] };
        bands.inverse_width = bands.mean(&vec![1.0; bins]).map(|width: f32| 1.0 / width.max(1e-3));
        bands
    }

    /// Bins between the centres of `band` and the next.
    fn bins(&self, band: usize) -> Range<usize> {
        self.starts[band]..self.starts.get(band + 1).copied().unwrap_or(self.upper_share.len())
    }

    /// Mean of `values` in each band; 0 in an empty one.
    pub(super) fn mean(&self, values: &[f32]) -> [f32; BANDS] {
        let mut sums = [0.0; BANDS];
        for band in 0..BANDS {
            let bins = self.bins(band);
            let (mut all, mut upper) = (0.0, 0.0);
            for (value, share) in values[bins.clone()].iter().zip(&self.upper_share[bins]) {
                all += value;
                upper += share * value;
            }
            sums[band] += all - upper;
            if let Some(next) = sums.get_mut(band + 1) {
                *next += upper;
            }
        }
        std::array::from_fn(|band| sums[band] * self.inverse_width[band])
    }

    /// Hands `visit` each bin with what `of_bands` is there, read between the centres.
    pub(super) fn spread(&self, of_bands: &[f32; BANDS], mut visit: impl FnMut(usize, f32)) {
        for (band, &value) in of_bands.iter().enumerate() {
            let next = of_bands.get(band + 1).copied().unwrap_or(value);
            for bin in self.bins(band) {
                visit(bin, value + self.upper_share[bin] * (next - value));
            }
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.upper_share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bands and bins of both rates.
    fn both() -> [(Bands, usize, usize); 2] {
        [(97, 4_000.0, 18), (193, 8_000.0, BANDS)]
            .map(|(bins, nyquist, filled)| (Bands::new(bins, nyquist), bins, filled))
    }

    #[test]
    fn the_mean_of_a_constant_is_that_constant() {
        for (bands, bins, filled) in both() {
            let mean = bands.mean(&vec![3.0; bins]);
            assert!(mean[..filled].iter().all(|m| (m - 3.0).abs() < 1e-5), "{mean:?}");
            assert!(mean.iter().skip(filled + 1).all(|m| *m == 0.0), "{mean:?}");
        }
    }

    #[test]
    fn every_bin_is_visited_once_and_values_run_straight_between_centres() {
        for (bands, bins, _) in both() {
            let mut visited = Vec::new();
            bands.spread(&std::array::from_fn(|band| band as f32), |bin, value| visited.push((bin, value)));
            assert!(visited.iter().map(|(bin, _)| *bin).eq(0..bins));
            assert!(visited.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        }
    }
}
