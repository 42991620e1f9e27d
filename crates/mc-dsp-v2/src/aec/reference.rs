//! The far end as the filters see it: delayed by whole blocks, one spectrum per partition.

use super::transform::{Bin, Transform, power};

/// Far-end samples of the last second and a bit, and the spectra of the newest part behind the delay.
pub(super) struct Reference {
    /// A whole number of blocks, written round and round.
    samples: Box<[f32]>,
    next: usize,
    block: usize,
    delay: usize,
    bins: usize,
    spectra: Box<[Bin]>,
    newest: usize,
    energies: Box<[f32]>,
}

impl Reference {
    /// Room for delays of up to `max_delay` blocks before `partitions` partitions.
    pub(super) fn new(block: usize, bins: usize, partitions: usize, max_delay: usize) -> Self {
        let samples = (max_delay + partitions + 2) * block;
        Self {
            samples: vec![0.0; samples].into(),
            next: 0,
            block,
            delay: 0,
            bins,
            spectra: vec![[0.0; 2]; bins * partitions].into(),
            newest: 0,
            energies: vec![0.0; partitions].into(),
        }
    }

    /// The delay in blocks.
    pub(super) const fn delay(&self) -> usize {
        self.delay
    }

    /// Takes the next block of the far end.
    pub(super) fn push(&mut self, block: &[f32], transform: &mut Transform) {
        self.samples[self.next..self.next + self.block].copy_from_slice(block);
        self.next = (self.next + self.block) % self.samples.len();
        let partitions = self.energies.len();
        self.newest = (self.newest + partitions - 1) % partitions;
        self.transform_partition(0, transform);
    }

    /// Looks `delay` blocks further into the past from now on, as if it had always been so.
    pub(super) fn set_delay(&mut self, delay: usize, transform: &mut Transform) {
        self.delay = delay;
        for age in 0..self.energies.len() {
            self.transform_partition(age, transform);
        }
    }

    /// Transforms the two blocks that end `age` blocks before the newest one behind the delay.
    fn transform_partition(&mut self, age: usize, transform: &mut Transform) {
        let length = self.samples.len();
        let back = (self.delay + age + 2) * self.block;
        let older = (self.next + length - back % length) % length;
        let newer = (older + self.block) % length;
        let slot = (self.newest + age) % self.energies.len();
        let spectrum = &mut self.spectra[slot * self.bins..(slot + 1) * self.bins];
        let (samples, block) = (&self.samples, self.block);
        transform.forward(spectrum, |time| {
            time[..block].copy_from_slice(&samples[older..older + block]);
            time[block..].copy_from_slice(&samples[newer..newer + block]);
        });
        self.energies[slot] = spectrum.iter().copied().map(power).sum();
    }

    /// The partitions' spectra, newest first.
    pub(super) fn spectra(&self) -> impl Iterator<Item = &[Bin]> {
        let (wrapped, first) = self.spectra.split_at(self.newest * self.bins);
        first.chunks_exact(self.bins).chain(wrapped.chunks_exact(self.bins))
    }

    /// Energy of the spectra in reach of the filters; 0 when the far end was silent for as long.
    pub(super) fn energy(&self) -> f32 {
        self.energies.iter().sum()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.samples) + size_of_val(&*self.spectra) + size_of_val(&*self.energies)
    }

    pub(super) fn clear(&mut self) {
        self.samples.fill(0.0);
        self.spectra.fill([0.0; 2]);
        self.energies.fill(0.0);
        (self.next, self.newest, self.delay) = (0, 0, 0);
    }
}
