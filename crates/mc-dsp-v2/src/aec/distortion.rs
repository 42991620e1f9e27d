//! What a loudspeaker beyond its limits adds to the echo, as far as its shape goes.
//!
//! The echo that the filters estimate stands for the loudspeaker's signal: it has its delay and its spectrum.
//! Its second and third Hermite polynomials are the even and odd distortion of a memoryless loudspeaker that a
//! linear filter cannot have taken up (Bussgang's theorem; Malik and Enzner, "State-space frequency-domain
//! adaptive filtering for nonlinear acoustic echo cancellation", IEEE Trans. Audio, Speech and Language
//! Processing 20, 2012, model it by the same powers).

/// Time constant of the level that limits are relative to, in milliseconds.
const LEVEL_MS: f32 = 400.0;
/// Largest sample, in multiples of that level.
const LARGEST: f32 = 4.0;
/// Of even and of odd distortion, for as much power as the echo itself has when it is noise.
const EVEN: f32 = 0.5;
const ODD: f32 = 0.289;

/// Distorts an echo block by block.
pub(super) struct Distortion {
    power: f32,
    smoothing: f32,
}

impl Distortion {
    pub(super) fn new(block_ms: f32) -> Self {
        Self { power: 0.0, smoothing: 1.0 - (-block_ms / LEVEL_MS).exp() }
    }

    /// Writes what a loudspeaker might have added to `echo`.
    pub(super) fn process(&mut self, echo: &[f32], out: &mut [f32]) {
        let now = echo.iter().map(|sample| sample * sample).sum::<f32>() / echo.len() as f32;
        // Rises with the first block, so that an onset is not taken for distortion.
        self.power = now.max(self.power + self.smoothing * (now - self.power));
        let level = self.power.sqrt();
        let inverse = 1.0 / (level + 1e-9);
        for (out, sample) in out.iter_mut().zip(echo) {
            let x = (sample * inverse).clamp(-LARGEST, LARGEST);
            *out = level * (EVEN * (x * x - 1.0) + ODD * (x * x * x - 3.0 * x));
        }
    }

    pub(super) fn clear(&mut self) {
        self.power = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::measure::rms_dbfs;
    use mc_testkit::signal::white_noise;

    #[test]
    fn noise_is_distorted_about_as_loud_as_it_is_and_silence_is_not() {
        let mut distortion = Distortion::new(4.0);
        let mut out = [0.0; 64];
        distortion.process(&[0.0; 64], &mut out);
        assert_eq!(out, [0.0; 64]);
        let noise = white_noise(1, -30.0, 6_400);
        let mut distorted = Vec::new();
        for block in noise.chunks_exact(64) {
            distortion.process(block, &mut out);
            distorted.extend_from_slice(&out);
        }
        let level = rms_dbfs(&distorted[3_200..]);
        assert!((-36.0..-27.0).contains(&level), "{level} dBFS");
    }
}
