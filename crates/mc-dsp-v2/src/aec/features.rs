//! What the learned mask sees of a block.

use std::f32::consts::LOG10_2;

use super::bands::{BANDS, Bands};
use super::observed::Observed;
use super::transform::{Bin, power};

/// Values per block.
pub(super) const FEATURES: usize = 5 * BANDS + 2;
/// Time constant of the coherence of error and echo, in milliseconds.
const COHERENCE_MS: f32 = 50.0;
/// Added to powers that are divided: nothing below -110 dBFS is compared.
const EPSILON: f32 = 1e-9;

/// Relates levels, so that loud and soft calls look alike.
pub(super) struct Features {
    cross: Box<[Bin]>,
    error: Box<[f32]>,
    echo: Box<[f32]>,
    coherence: Box<[f32]>,
    smoothing: f32,
}

impl Features {
    pub(super) fn new(bins: usize, block_ms: f32) -> Self {
        Self {
            cross: vec![[0.0; 2]; bins].into(),
            error: vec![0.0; bins].into(),
            echo: vec![0.0; bins].into(),
            coherence: vec![0.0; bins].into(),
            smoothing: 1.0 - (-block_ms / COHERENCE_MS).exp(),
        }
    }

    /// Per band, in powers of ten: the error over the background noise; over the error, the estimated echo, its
    /// distortion and the `residual` echo; and how coherent error and echo are, 0 to 1. Then, over the whole
    /// error: the far end and what the filters know they may have missed.
    pub(super) fn extract(
        &mut self,
        seen: &Observed<'_>,
        residual: &[f32],
        bands: &Bands,
    ) -> [f32; FEATURES] {
        let error = bands.mean(seen.error);
        let noise = bands.mean(seen.noise);
        let over_error = [seen.echo, seen.distortion, residual].map(|powers| bands.mean(powers));
        let coherence = bands.mean(&self.coherence);

        let ratio = |above: f32, below: f32| LOG10_2 * ((above + EPSILON) / (below + EPSILON)).log2();
        let mut features = [0.0; FEATURES];
        let (per_band, whole) = features.split_at_mut(5 * BANDS);
        for band in 0..BANDS {
            per_band[band] = ratio(error[band], noise[band]);
            for (kind, powers) in over_error.iter().enumerate() {
                per_band[(kind + 1) * BANDS + band] = ratio(powers[band], error[band]);
            }
            per_band[4 * BANDS + band] = coherence[band];
        }
        let heard = seen.error.iter().sum();
        whole[0] = ratio(seen.filter_scale * seen.far_energy, heard);
        whole[1] = ratio(seen.filter_scale * seen.misalignment.iter().sum::<f32>(), heard);
        features
    }

    /// Takes a block into the coherence.
    pub(super) fn update(&mut self, seen: &Observed<'_>) {
        let spectra = seen.error_spectrum.iter().zip(seen.echo_spectrum);
        let smoothed = self.cross.iter_mut().zip(&mut self.error).zip(&mut self.echo);
        for (((cross, error), echo), ((e, y), coherence)) in smoothed.zip(spectra.zip(&mut self.coherence)) {
            let follow = |old: &mut f32, new: f32| *old += self.smoothing * (new - *old);
            follow(&mut cross[0], e[0] * y[0] + e[1] * y[1]);
            follow(&mut cross[1], e[1] * y[0] - e[0] * y[1]);
            follow(error, power(*e));
            follow(echo, power(*y));
            *coherence = power(*cross) / (*error * *echo + EPSILON * EPSILON);
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.cross) + 3 * size_of_val(&*self.error)
    }

    pub(super) fn clear(&mut self) {
        self.cross.fill([0.0; 2]);
        self.error.fill(0.0);
        self.echo.fill(0.0);
        self.coherence.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::white_noise;

    const BINS: usize = 193;

    /// Features of the same blocks, all of them louder by `gain`.
    fn features(gain: f32) -> [f32; FEATURES] {
        let bands = Bands::new(BINS, 8_000.0);
        let mut features = Features::new(BINS, 4.0);
        let noise = white_noise(1, 0.0, 40 * BINS);
        let mut last = [0.0; FEATURES];
        for block in noise.chunks_exact(4 * BINS) {
            let spectrum = |n: usize| -> Vec<Bin> {
                let part = &block[n * 2 * BINS..][..2 * BINS];
                part.chunks_exact(2).map(|pair| [gain * pair[0], gain * pair[1]]).collect()
            };
            let (error_spectrum, echo_spectrum) = (spectrum(0), spectrum(1));
            let powers = |spectrum: &[Bin], share: f32| -> Vec<f32> {
                spectrum.iter().map(|bin| share * power(*bin)).collect()
            };
            let (error, echo) = (powers(&error_spectrum, 1.0), powers(&echo_spectrum, 1.0));
            let seen = Observed {
                error_spectrum: &error_spectrum,
                error: &error,
                echo_spectrum: &echo_spectrum,
                echo: &echo,
                distortion: &powers(&echo_spectrum, 0.1),
                noise: &powers(&error_spectrum, 0.01),
                misalignment: &echo,
                far_energy: gain * gain,
                filter_scale: 0.5,
            };
            features.update(&seen);
            last = features.extract(&seen, &echo, &bands);
        }
        last
    }

    #[test]
    fn a_louder_call_looks_the_same() {
        let (soft, loud) = (features(1.0), features(30.0));
        assert!(soft.iter().zip(&loud).all(|(soft, loud)| (soft - loud).abs() < 1e-3));
        assert!(soft.iter().any(|feature| feature.abs() > 0.5));
    }
}
