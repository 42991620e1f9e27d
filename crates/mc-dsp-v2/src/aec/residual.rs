//! Power of the echo that the linear filters leave, per bin.
//!
//! A model says where in time and frequency the rest is to be expected: where the filters are in doubt, in
//! proportion to the estimated echo (what no linear filter of this length can model), and in its
//! reverberation. How much of it there really is, is learnt per band at moments without near end: a low
//! quantile of the ratio of error to model.

use std::f32::consts::{LOG2_10, LOG10_2};

use super::bands::{BANDS, Bands};
use super::observed::Observed;

/// Share of the estimated echo that is always suspected to be left.
const LEAKAGE: f32 = 0.003;
/// The same of its reverberation, which decays with this time constant.
const REVERBERATION: f32 = 0.02;
const REVERBERATION_MS: f32 = 72.0;
/// Powers of ten that the learnt factor may go down and up.
const FACTOR_RANGE: (f32, f32) = (-1.5, 2.0);
/// Powers of ten per millisecond by which the factor rises and falls: the ratio makes a low quantile.
const RISE: f32 = 0.0005;
const FALL: f32 = 0.005;
/// The floor is not the mean of the noise but above its minimum.
const FLOOR_TO_MINIMUM: f32 = 1.0 / 1.6;

pub(super) struct ResidualEcho {
    /// The filters' bin at each of our bins.
    theirs: Box<[u16]>,
    reverberation: Box<[f32]>,
    previous: Box<[f32]>,
    model: Box<[f32]>,
    /// log10 of what the model is multiplied by, per band, and that itself.
    factors: [f32; BANDS],
    scales: [f32; BANDS],
    /// Whether this block is learnt from: every second one is, as much as two.
    learns: bool,
    decay: f32,
    block_ms: f32,
}

impl ResidualEcho {
    /// For spectra of `bins` bins and of `filter_bins` in the filters.
    pub(super) fn new(bins: usize, filter_bins: usize, block_ms: f32) -> Self {
        Self {
            theirs: (0..bins).map(|bin| (bin * (filter_bins - 1) / (bins - 1)) as u16).collect(),
            reverberation: vec![0.0; bins].into(),
            previous: vec![0.0; bins].into(),
            model: vec![0.0; bins].into(),
            factors: [0.0; BANDS],
            scales: [1.0; BANDS],
            learns: true,
            decay: (-block_ms / REVERBERATION_MS).exp(),
            block_ms,
        }
    }

    /// Power of the residual echo per bin.
    pub(super) fn estimate(&mut self, seen: &Observed<'_>, bands: &Bands) -> &[f32] {
        let echoes = self.reverberation.iter_mut().zip(&self.previous).zip(seen.echo);
        for ((model, bin), ((reverberation, previous), echo)) in
            self.model.iter_mut().zip(&self.theirs).zip(echoes)
        {
            *reverberation = self.decay * *reverberation + (1.0 - self.decay) * previous;
            *model = seen.filter_scale * seen.misalignment[usize::from(*bin)]
                + LEAKAGE * echo
                + REVERBERATION * *reverberation
                + 1e-12;
        }
        self.previous.copy_from_slice(seen.echo);
        if self.learns {
            self.learn(seen, bands);
            self.scales = self.factors.map(|log| (LOG2_10 * log).exp2());
        }
        self.learns = !self.learns;
        let model = &mut self.model;
        bands.spread(&self.scales, |bin, factor| model[bin] *= factor);
        &self.model
    }

    fn learn(&mut self, seen: &Observed<'_>, bands: &Bands) {
        let (error, model, noise) = (bands.mean(seen.error), bands.mean(&self.model), bands.mean(seen.noise));
        let echo = bands.mean(seen.echo);
        for band in 0..BANDS {
            if model[band] <= 0.05 * noise[band] || echo[band] < 3.0 * noise[band] {
                continue;
            }
            let left = (error[band] - FLOOR_TO_MINIMUM * noise[band]).max(1e-12);
            let distance = LOG10_2 * (left / model[band]).log2() - self.factors[band];
            let step = if distance > 0.0 { RISE } else { -FALL };
            let factor = self.factors[band] + 2.0 * self.block_ms * step * (4.0 * distance.abs()).min(1.0);
            self.factors[band] = factor.clamp(FACTOR_RANGE.0, FACTOR_RANGE.1);
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.theirs) + 3 * size_of_val(&*self.model)
    }

    pub(super) fn clear(&mut self) {
        self.reverberation.fill(0.0);
        self.previous.fill(0.0);
        self.model.fill(0.0);
        (self.factors, self.scales) = ([0.0; BANDS], [1.0; BANDS]);
        self.learns = true;
    }
}
