//! The last far-end samples, always in one piece.

/// A window of the last `taps` samples, oldest first. The window slides through a buffer a quarter longer and jumps
/// back to its start when it reaches the end, so that filters run over one contiguous slice.
#[derive(Clone, Debug)]
pub(super) struct History {
    buffer: Box<[f32]>,
    taps: usize,
    end: usize,
    /// In `f64`: added to and subtracted from for ever.
    energy: f64,
}

impl History {
    pub(super) fn new(taps: usize) -> Self {
        Self { buffer: vec![0.0; taps + taps.div_ceil(4)].into(), taps, end: taps, energy: 0.0 }
    }

    pub(super) fn push(&mut self, sample: f32) {
        if self.end == self.buffer.len() {
            self.buffer.copy_within(self.end - self.taps.., 0);
            self.end = self.taps;
        }
        let oldest = f64::from(self.buffer[self.end - self.taps]);
        self.buffer[self.end] = sample;
        self.end += 1;
        self.energy = (self.energy + f64::from(sample) * f64::from(sample) - oldest * oldest).max(0.0);
    }

    pub(super) fn window(&self) -> &[f32] {
        &self.buffer[self.end - self.taps..self.end]
    }

    /// Sum of squares over the window.
    pub(super) const fn energy(&self) -> f32 {
        self.energy as f32
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.buffer)
    }

    pub(super) fn clear(&mut self) {
        self.buffer.fill(0.0);
        self.end = self.taps;
        self.energy = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_last_samples_and_their_energy() {
        let mut history = History::new(4);
        let signal: Vec<f32> = (1u8..=30).map(f32::from).collect();
        for (n, sample) in signal.iter().enumerate() {
            history.push(*sample);
            if n >= 3 {
                let expected = &signal[n - 3..=n];
                assert_eq!(history.window(), expected);
                assert_eq!(history.energy(), expected.iter().map(|s| s * s).sum::<f32>());
            }
        }
        history.clear();
        assert_eq!((history.window(), history.energy()), ([0.0; 4].as_slice(), 0.0));
    }
}
