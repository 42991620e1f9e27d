//! The rule-based suppressor: how much of each bin is wanted, from the residual echo alone.
//!
//! A Wiener gain on a decision-directed estimate of the near end over the residual echo (Ephraim and Malah,
//! "Speech enhancement using a minimum mean-square error short-time spectral amplitude estimator", IEEE Trans.
//! ASSP 32, 1984). How deep it may go, and how much echo it assumes, follows the probability that the near
//! end talks: raising the assumption everywhere would eat the near end.

use super::observed::Observed;

/// Echo assumed, as a multiple of the estimate, while the near end talks and while it does not.
const OVERESTIMATION: (f32, f32) = (2.0, 40.0);
/// Deepest gain while the near end talks, in dB.
const NEAR_END_FLOOR_DB: f32 = -12.0;
/// Weight of the previous gain in the decision-directed estimate, per 10 ms.
const DECISION_DIRECTED: f32 = 0.7;
/// Time constant of the error's power, of the fall of the gain and of the near end's probability, in ms.
const POWER_MS: f32 = 14.4;
const GAIN_FALL_MS: f32 = 10.9;
const NEAR_END_MS: f32 = 45.0;
/// The near end's probability is ½ where error over residual echo and noise is 10 to this power.
const NEAR_END_THRESHOLD: f32 = 0.75;
const NEAR_END_SLOPE: f32 = 8.0;
/// Residual echo this far below the noise is left alone.
const MASKED: f32 = 0.15;

pub(super) struct Rules {
    smoothed: Box<[f32]>,
    near_end: f32,
    /// Deepest gain while the near end is silent.
    floor_db: f32,
    decays: Decays,
}

/// What stays of a smoothed value from block to block.
struct Decays {
    decision: f32,
    power: f32,
    gain: f32,
    near_end: f32,
}

impl Rules {
    pub(super) fn new(bins: usize, block_ms: f32, floor_db: f32) -> Self {
        let decay = |ms: f32| (-block_ms / ms).exp();
        Self {
            smoothed: vec![0.0; bins].into(),
            near_end: 0.0,
            floor_db,
            decays: Decays {
                decision: DECISION_DIRECTED.powf(block_ms / 10.0),
                power: decay(POWER_MS),
                gain: decay(GAIN_FALL_MS),
                near_end: decay(NEAR_END_MS),
            },
        }
    }

    /// Replaces the last block's `gains` by this one's and returns the probability that the near end talks.
    pub(super) fn update(&mut self, seen: &Observed<'_>, residual: &[f32], gains: &mut [f32]) -> f32 {
        for (smoothed, p) in self.smoothed.iter_mut().zip(seen.error) {
            *smoothed = self.decays.power * *smoothed + (1.0 - self.decays.power) * p;
        }
        let heard: f32 = self.smoothed.iter().sum();
        let explained: f32 = residual.iter().zip(seen.noise).map(|(r, n)| r + n).sum();
        let excess = ((heard + 1e-12) / (explained + 1e-12)).log10();
        let now = 1.0 / (1.0 + (-NEAR_END_SLOPE * (excess - NEAR_END_THRESHOLD)).exp());
        self.near_end = now.max(self.decays.near_end * self.near_end);

        let by_near_end = |(talking, silent): (f32, f32)| silent + self.near_end * (talking - silent);
        let assumed = by_near_end(OVERESTIMATION);
        let floor = 10f32.powf(by_near_end((NEAR_END_FLOOR_DB.max(self.floor_db), self.floor_db)) / 20.0);
        for (bin, gain) in gains.iter_mut().enumerate() {
            let echo = assumed * residual[bin] + 1e-12;
            if echo < MASKED * seen.noise[bin] {
                *gain = 1.0;
                continue;
            }
            let posterior = seen.error[bin] / echo;
            let prior = self.decays.decision * *gain * *gain * self.smoothed[bin] / echo
                + (1.0 - self.decays.decision) * (posterior - 1.0).max(0.0);
            let wiener = prior / (1.0 + prior);
            let shaped = wiener * wiener + self.near_end * (wiener.sqrt() - wiener * wiener);
            *gain = shaped.max(floor).max(self.decays.gain * *gain).min(1.0);
        }
        self.near_end
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.smoothed)
    }

    pub(super) fn clear(&mut self) {
        self.smoothed.fill(0.0);
        self.near_end = 0.0;
    }
}
