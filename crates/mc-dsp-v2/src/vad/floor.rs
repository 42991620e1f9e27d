//! Noise floor per band: the minimum of smoothed energy over the last seconds.

use super::bands::BANDS;

/// Frames of 10 ms per block, and blocks remembered: the floor looks back over 3.2 s.
const BLOCK_FRAMES: u32 = 40;
const BLOCKS: usize = 8;
/// Weight of a new frame in the smoothed energy.
const SMOOTHING: f32 = 0.2;
/// Frames until the analysis window is full of audio.
const WARM_UP_FRAMES: u32 = 3;

/// Minimum statistics on log energies (R. Martin, IEEE Trans. Speech Audio Processing 9(5), 2001, reduced
/// to the sliding minimum).
pub(crate) struct Floor {
    smoothed: [f32; BANDS],
    current: [f32; BANDS],
    blocks: [[f32; BANDS]; BLOCKS],
    /// The lowest of the blocks.
    past: [f32; BANDS],
    frame: u32,
    block: usize,
    warm_up: u32,
}

impl Floor {
    pub(crate) const fn new() -> Self {
        Self {
            smoothed: [0.0; BANDS],
            current: [f32::MAX; BANDS],
            blocks: [[f32::MAX; BANDS]; BLOCKS],
            past: [f32::MAX; BANDS],
            frame: 0,
            block: 0,
            warm_up: WARM_UP_FRAMES,
        }
    }

    /// Takes a frame's log energies and returns the floor.
    pub(crate) fn track(&mut self, energy: &[f32; BANDS]) -> [f32; BANDS] {
        if self.warm_up > 0 {
            self.warm_up -= 1;
            self.smoothed = *energy;
            return *energy;
        }
        for ((smoothed, lowest), energy) in self.smoothed.iter_mut().zip(&mut self.current).zip(energy) {
            *smoothed += SMOOTHING * (energy - *smoothed);
            *lowest = lowest.min(*smoothed);
        }
        let floor = std::array::from_fn(|band| self.current[band].min(self.past[band]));
        self.frame += 1;
        if self.frame == BLOCK_FRAMES {
            self.blocks[self.block] = self.current;
            self.past = self.blocks.iter().fold([f32::MAX; BANDS], |lowest, block| {
                std::array::from_fn(|band| lowest[band].min(block[band]))
            });
            self.current = self.smoothed;
            self.block = (self.block + 1) % BLOCKS;
            self.frame = 0;
        }
        floor
    }
}
