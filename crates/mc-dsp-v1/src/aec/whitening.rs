//! Makes the far end whiter, so that the filter learns faster: on speech, of which most power is in the
//! lowest octaves, an LMS filter would learn those and little else for seconds.

use super::level::follow;

/// One sample of each signal that is whitened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signals {
    pub(super) far: f32,
    pub(super) near: f32,
    /// Near end less the foreground's echo.
    pub(super) error: f32,
}

/// First-order linear prediction error x(n) - a x(n-1), with a from the far end's own correlation over the
/// last seconds of talk. The same a serves every signal, so that the echo path between them stays the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whitening {
    coefficient: f32,
    before: Signals,
    /// Smoothed far-end correlation at lag 0 and 1.
    power: f32,
    lagged: f32,
    /// The same, summed over the present block.
    block_power: f32,
    block_lagged: f32,
}

impl Whitening {
    /// Smoothing of the correlation over blocks of 5 ms: 2 s.
    const SMOOTHING: f32 = 0.0025;
    /// Beyond this the whitened signal would be little but noise.
    const LARGEST: f32 = 0.98;

    /// The next sample of each, whitened.
    pub(super) fn run(&mut self, now: Signals) -> Signals {
        let before = std::mem::replace(&mut self.before, now);
        self.block_power += now.far * now.far;
        self.block_lagged += now.far * before.far;
        let a = self.coefficient;
        Signals {
            far: now.far - a * before.far,
            near: now.near - a * before.near,
            error: now.error - a * before.error,
        }
    }

    /// Learns from the block that ends here if the far end was active during it.
    pub(super) fn end_block(&mut self, far_end_active: bool) {
        let (power, lagged) = (self.block_power, self.block_lagged);
        (self.block_power, self.block_lagged) = (0.0, 0.0);
        if far_end_active {
            follow(&mut self.power, power, Self::SMOOTHING);
            self.lagged += Self::SMOOTHING * (lagged - self.lagged);
            self.coefficient = (self.lagged / self.power).clamp(0.0, Self::LARGEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::{Talker, white_noise};

    /// Lag-1 correlation coefficient of the far end, before and after, of the last second.
    fn correlations(far: &[f32]) -> (f32, f32) {
        let mut whitening = Whitening::default();
        let white: Vec<f32> = (far.iter().enumerate())
            .map(|(n, far)| {
                let out = whitening.run(Signals { far: *far, ..Signals::default() });
                if n % 40 == 39 {
                    whitening.end_block(true);
                }
                out.far
            })
            .collect();
        let lag = |x: &[f32], lag: usize| x.iter().zip(&x[lag..]).map(|(a, b)| a * b).sum::<f32>();
        let of = |x: &[f32]| lag(&x[x.len() - 8_000..], 1) / lag(&x[x.len() - 8_000..], 0);
        (of(far), of(&white))
    }

    #[test]
    fn speech_gets_whiter_and_noise_stays_white() {
        let (before, after) = correlations(&Talker::new(1, 8_000).say(10.0, -26.0).samples);
        assert!(after.abs() < before - 0.2, "{before} {after}");
        let (before, after) = correlations(&white_noise(1, -26.0, 80_000));
        assert!(before.abs() < 0.1 && after.abs() < 0.1, "{before} {after}");
    }
}
