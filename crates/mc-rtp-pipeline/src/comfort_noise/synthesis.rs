//! Noise out of its description.

use super::{MAX_ORDER, NoiseDescription};

/// How fast the amplitude follows a new description: half the way in 70 samples, 9 ms at 8 kHz.
const FOLLOW: f32 = 0.01;

/// Plays noise of the kind described last.
#[derive(Clone, Debug)]
pub struct NoiseGenerator {
    /// Each reflection coefficient with its complement to 1 in power: the sine and cosine of a rotation.
    rotations: [(f32, f32); MAX_ORDER],
    /// The amplitude wanted, and what it is by now.
    wanted: f32,
    amplitude: f32,
    /// Backward errors of the normalised lattice filter (Gray and Markel, 1975). It only rotates what it holds, so
    /// it passes white noise on with the power it came with, and stays stable when its coefficients change.
    lattice: [f32; MAX_ORDER + 1],
    random: u32,
}

impl NoiseGenerator {
    /// A generator that is silent until it is told what to play. Those with another `seed` play another noise.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        let (rotations, lattice) = ([(0.0, 1.0); MAX_ORDER], [0.0; MAX_ORDER + 1]);
        // Zero would stay zero.
        Self { rotations, wanted: 0.0, amplitude: 0.0, lattice, random: seed | 1 }
    }

    /// Goes over to the noise of `description`.
    pub fn describe(&mut self, description: &NoiseDescription) {
        self.wanted = description.amplitude();
        self.rotations = description.reflections.map(|sine| (sine, (1.0 - sine * sine).max(0.0).sqrt()));
    }

    /// Starts at once instead of fading to what was described last.
    pub fn restart(&mut self) {
        self.amplitude = self.wanted;
        self.lattice = [0.0; MAX_ORDER + 1];
    }

    /// Writes noise.
    pub fn fill(&mut self, out: &mut [f32]) {
        for sample in out {
            self.amplitude += (self.wanted - self.amplitude) * FOLLOW;
            let mut forward = self.amplitude * self.uniform();
            for stage in (0..MAX_ORDER).rev() {
                let ((sine, cosine), backward) = (self.rotations[stage], self.lattice[stage]);
                self.lattice[stage + 1] = cosine * backward + sine * forward;
                forward = cosine * forward - sine * backward;
            }
            self.lattice[0] = forward;
            *sample = forward;
        }
    }

    /// Uniform noise of variance 1 (xorshift: Marsaglia, 2003).
    fn uniform(&mut self) -> f32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        const SQRT_3: f32 = 1.732_050_8;
        (self.random as i32 as f32 / 2_147_483_648.0) * SQRT_3
    }
}
