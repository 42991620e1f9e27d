//! What a frame is compared with: the last seconds.

use super::bands::BANDS;

/// Weight of a new frame in a band's mean: half a second.
const MEAN: f32 = 0.02;
/// Parts of the spectrum whose modulation is told, of five bands each.
pub(crate) const PARTS: usize = 4;
/// Weights of a new frame in the quick and the slow mean between which modulation lies, 0.5 to 4 Hz,
/// and in its mean square.
const QUICK: f32 = 0.25;
const SLOW: f32 = 0.03;
const SQUARE: f32 = 0.015;

/// A frame beside the time before it.
pub(crate) struct Comparison {
    /// Log energies over their mean of half a second.
    pub(crate) over_mean: [f32; BANDS],
    /// How far each part is over its mean of the last 40 ms.
    pub(crate) rise: [f32; PARTS],
    /// Root of the mean square of each part's modulation.
    pub(crate) modulation: [f32; PARTS],
}

/// Slow means of log energies, and how much they move at the pace of syllables (Houtgast and Steeneken,
/// J. Acoust. Soc. Am. 77(3), 1985): speech does around 4 Hz, steady noise and held notes do less.
pub(crate) struct Context {
    mean: [f32; BANDS],
    quick: [f32; PARTS],
    slow: [f32; PARTS],
    square: [f32; PARTS],
    fresh: bool,
}

impl Context {
    pub(crate) const fn new() -> Self {
        Self {
            mean: [0.0; BANDS],
            quick: [0.0; PARTS],
            slow: [0.0; PARTS],
            square: [0.0; PARTS],
            fresh: true,
        }
    }

    /// Takes a frame's log energies and compares them with the time before.
    pub(crate) fn track(&mut self, energy: &[f32; BANDS]) -> Comparison {
        let width = BANDS / PARTS;
        let part: [f32; PARTS] =
            std::array::from_fn(|part| energy[part * width..][..width].iter().sum::<f32>() / width as f32);
        if self.fresh {
            self.fresh = false;
            self.mean = *energy;
            (self.quick, self.slow) = (part, part);
        }
        let over = std::array::from_fn(|band| energy[band] - self.mean[band]);
        for (mean, over) in self.mean.iter_mut().zip(&over) {
            *mean += MEAN * over;
        }
        let rise = std::array::from_fn(|p| part[p] - self.quick[p]);
        let modulation = std::array::from_fn(|p| {
            self.quick[p] += QUICK * rise[p];
            self.slow[p] += SLOW * (part[p] - self.slow[p]);
            let between = self.quick[p] - self.slow[p];
            self.square[p] += SQUARE * (between * between - self.square[p]);
            self.square[p].sqrt()
        });
        Comparison { over_mean: over, rise, modulation }
    }
}
