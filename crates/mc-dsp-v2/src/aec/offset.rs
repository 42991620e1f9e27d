//! A microphone's constant offset, kept away from the filters: where a block ends it would smear over all
//! frequencies.

/// Share of a block in the mean, once enough have come, and how many blocks of no offset it starts with.
const SMOOTHING: f32 = 0.001;
const START: f32 = 50.0;

/// Takes the mean out of each block and puts it back when the block comes out.
pub(super) struct Offset {
    mean: f32,
    blocks: f32,
    /// What was taken out of the last blocks, newest first: the output is late.
    late: [f32; 2],
}

impl Offset {
    pub(super) const fn new() -> Self {
        Self { mean: 0.0, blocks: START, late: [0.0; 2] }
    }

    /// Takes the mean of the past out of a block.
    pub(super) fn take(&mut self, block: &mut [f32]) {
        self.blocks += 1.0;
        let present = block.iter().sum::<f32>() / block.len() as f32;
        self.mean += (present - self.mean) * SMOOTHING.max(1.0 / self.blocks);
        block.iter_mut().for_each(|sample| *sample -= self.mean);
        self.late = [self.mean, self.late[0]];
    }

    /// Puts back what was taken out `blocks` ago, 0 or 1.
    pub(super) fn put_back(&self, block: &mut [f32], blocks: usize) {
        block.iter_mut().for_each(|sample| *sample += self.late[blocks]);
    }
}
