//! Bands of equal width in mel: what levels of echo and near end are compared in.

/// Number of bands.
pub(super) const BANDS: usize = 20;

/// Which band each bin belongs to. Every band has at least one bin.
pub(super) struct Bands {
    band_of: Box<[u8]>,
    inverse_width: [f32; BANDS],
}

impl Bands {
    /// For `bins` bins from 0 Hz to `nyquist_hz`.
    pub(super) fn new(bins: usize, nyquist_hz: f64) -> Self {
        let mel = |hz: f64| (1.0 + hz / 700.0).ln();
        let band = |bin: usize| {
            let position = mel(bin as f64 * nyquist_hz / (bins - 1) as f64) / mel(nyquist_hz);
            ((position * BANDS as f64) as usize).min(BANDS - 1)
        };
        let mut band_of: Box<[u8]> = (0..bins).map(|bin| band(bin) as u8).collect();
        // Where bins are wider than bands, the next bin up stands for the band.
        for bin in 1..bins {
            band_of[bin] = band_of[bin].min(band_of[bin - 1] + 1);
        }
        let mut width = [0.0; BANDS];
        band_of.iter().for_each(|band| width[usize::from(*band)] += 1.0);
        Self { band_of, inverse_width: width.map(|w: f32| 1.0 / w.max(1.0)) }
    }

    /// Mean of `values` in each band.
    pub(super) fn mean(&self, values: &[f32]) -> [f32; BANDS] {
        let mut sums = [0.0; BANDS];
        for (band, value) in self.band_of.iter().zip(values) {
            sums[usize::from(*band)] += value;
        }
        std::array::from_fn(|band| sums[band] * self.inverse_width[band])
    }

    /// Multiplies each bin by its band's factor.
    pub(super) fn scale(&self, values: &mut [f32], factors: &[f32; BANDS]) {
        for (band, value) in self.band_of.iter().zip(values) {
            *value *= factors[usize::from(*band)];
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.band_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_has_a_bin_and_a_mean_is_a_mean() {
        for (bins, nyquist) in [(65, 4_000.0), (129, 8_000.0), (257, 8_000.0)] {
            let bands = Bands::new(bins, nyquist);
            assert_eq!(bands.mean(&vec![3.0; bins]).map(|m| (m * 1e3).round()), [3e3; BANDS]);
        }
    }
}
