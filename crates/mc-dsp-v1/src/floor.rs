//! The level of the background noise.

/// The lowest level of the last seconds, after light smoothing. A one-number version of Martin's "Noise
/// Power Spectral Density Estimation Based on Optimal Smoothing and Minimum Statistics", IEEE Trans. Speech
/// and Audio Processing 9 (2001): speech pauses often enough for its minimum to be the noise.
#[derive(Clone, Debug)]
pub(crate) struct NoiseFloor {
    smooth_db: f32,
    /// Minima of finished parts of the window, oldest overwritten first.
    parts_db: [f32; Self::PARTS],
    part: usize,
    blocks: u32,
}

impl NoiseFloor {
    /// The window: 8 parts of 250 ms.
    const PARTS: usize = 8;
    const PART_BLOCKS: u32 = 25;
    const SMOOTHING: f32 = 0.3;
    /// Mean of noise above its smoothed minimum over the window, in dB.
    const BIAS_DB: f32 = 1.5;

    pub(crate) const fn new() -> Self {
        Self { smooth_db: f32::NAN, parts_db: [f32::INFINITY; Self::PARTS], part: 0, blocks: 0 }
    }

    /// Takes the level of a block of 10 ms and returns that of the noise, both in dBFS.
    pub(crate) fn follow(&mut self, dbfs: f32) -> f32 {
        if self.smooth_db.is_nan() {
            self.smooth_db = dbfs;
        }
        self.smooth_db += Self::SMOOTHING * (dbfs - self.smooth_db);
        if self.blocks == Self::PART_BLOCKS {
            self.blocks = 0;
            self.part = (self.part + 1) % Self::PARTS;
            self.parts_db[self.part] = f32::INFINITY;
        }
        self.blocks += 1;
        self.parts_db[self.part] = self.parts_db[self.part].min(self.smooth_db);
        self.parts_db.iter().copied().fold(f32::INFINITY, f32::min) + Self::BIAS_DB
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_do_not_lift_the_floor_and_a_lasting_change_does() {
        let mut floor = NoiseFloor::new();
        for block in 0..1_000 {
            let level = if block % 50 < 40 { -20.0 } else { -60.0 };
            if block > 50 {
                assert!((floor.follow(level) + 60.0).abs() < 4.0);
            } else {
                floor.follow(level);
            }
        }
        (0..210).for_each(|_| _ = floor.follow(-40.0));
        assert!((floor.follow(-40.0) + 40.0).abs() < 2.0);
    }
}
