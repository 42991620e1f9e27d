//! The audio around the present: what was just played, and what waits to be played.

/// A line of samples, in one piece, so that analysis can look across the present. It moves in its memory only
/// when it reaches the end of it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    samples: Box<[f32]>,
    /// Samples kept of what was played.
    history: usize,
    /// Where what waits starts and ends.
    head: usize,
    end: usize,
}

impl Line {
    /// A line that remembers `history` samples, silence at first, and has room for `waiting`.
    pub(crate) fn new(history: usize, waiting: usize) -> Self {
        // Twice what is needed: moving then costs less than one copy of each sample.
        let samples = vec![0.0; 2 * (history + waiting)].into();
        Self { samples, history, head: history, end: history }
    }

    /// How many samples wait to be played.
    pub(crate) const fn waiting_len(&self) -> usize {
        self.end - self.head
    }

    /// What waits to be played.
    pub(crate) fn waiting(&self) -> &[f32] {
        &self.samples[self.head..self.end]
    }

    /// Everything up to the last sample that is known: history, and what waits.
    pub(crate) fn known(&self) -> &[f32] {
        &self.samples[self.head - self.history..self.end]
    }

    /// Room for `count` samples more behind what waits, with whatever it holds; `None` when there is none.
    pub(crate) fn extend(&mut self, count: usize) -> Option<&mut [f32]> {
        if self.end + count > self.samples.len() {
            let start = self.head - self.history;
            if self.end - start + count > self.samples.len() {
                return None;
            }
            self.samples.copy_within(start..self.end, 0);
            self.head -= start;
            self.end -= start;
        }
        let start = self.end;
        self.end += count;
        Some(&mut self.samples[start..self.end])
    }

    /// The last `count` samples with what is known before them.
    pub(crate) fn split_end(&mut self, count: usize) -> (&[f32], &mut [f32]) {
        let start = self.head - self.history;
        let (before, last) = self.samples[start..self.end].split_at_mut(self.end - start - count);
        (before, last)
    }

    /// What waits, with `more` samples of room behind it, to be changed; see [`set_waiting_len`](Self::set_waiting_len).
    pub(crate) fn waiting_mut(&mut self, more: usize) -> Option<&mut [f32]> {
        let waiting = self.waiting_len();
        self.extend(more)?;
        self.end -= more;
        self.samples.get_mut(self.head..self.head + waiting + more)
    }

    /// Says how many samples wait after they have been changed.
    pub(crate) fn set_waiting_len(&mut self, count: usize) {
        self.end = (self.head + count).min(self.samples.len());
    }

    /// Plays as many samples as `out` holds; where none wait, silence.
    pub(crate) fn play(&mut self, out: &mut [f32]) {
        let count = out.len().min(self.waiting_len());
        let (played, missing) = out.split_at_mut(count);
        played.copy_from_slice(&self.samples[self.head..self.head + count]);
        missing.fill(0.0);
        self.head += count;
    }
}
