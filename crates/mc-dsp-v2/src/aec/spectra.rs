//! Many spectra of one length in the layout that mc-simd multiplies: real parts, then imaginary parts, spectrum
//! after spectrum.

use std::ops::Range;

/// Spectra of one length.
pub(super) struct Spectra {
    values: Box<[f32]>,
    bins: usize,
}

impl Spectra {
    /// `count` spectra of zeros.
    pub(super) fn new(bins: usize, count: usize) -> Self {
        Self { values: vec![0.0; 2 * bins * count].into(), bins }
    }

    /// How many spectra there are.
    pub(super) fn count(&self) -> usize {
        self.values.len() / (2 * self.bins)
    }

    fn places(&self, range: Range<usize>) -> Range<usize> {
        2 * self.bins * range.start..2 * self.bins * range.end
    }

    /// The spectra of `range`.
    pub(super) fn part(&self, range: Range<usize>) -> &[f32] {
        &self.values[self.places(range)]
    }

    /// See [`part`](Self::part).
    pub(super) fn part_mut(&mut self, range: Range<usize>) -> &mut [f32] {
        let places = self.places(range);
        &mut self.values[places]
    }

    /// All of them.
    pub(super) fn all(&self) -> &[f32] {
        &self.values
    }

    /// See [`all`](Self::all).
    pub(super) fn all_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Moves all spectra towards the first by `count`, towards the last when negative; zeros take the places
    /// that become free.
    pub(super) fn shift(&mut self, count: isize) {
        let moved = (2 * self.bins * count.unsigned_abs()).min(self.values.len());
        let kept = self.values.len() - moved;
        if count >= 0 {
            self.values.copy_within(moved.., 0);
            self.values[kept..].fill(0.0);
        } else {
            self.values.copy_within(..kept, moved);
            self.values[..moved].fill(0.0);
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.values)
    }
}

/// Squared magnitudes of one spectrum.
pub(super) fn powers(spectrum: &[f32]) -> impl Iterator<Item = f32> + '_ {
    let (re, im) = spectrum.split_at(spectrum.len() / 2);
    re.iter().zip(im).map(|(re, im)| re * re + im * im)
}
