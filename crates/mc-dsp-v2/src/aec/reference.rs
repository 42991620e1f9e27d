//! The far end as the filters see it: delayed by whole blocks, one spectrum per partition.

use super::transform::{Bin, Transform, power};

/// Far-end samples of the last second and a bit, and the spectra of the newest part behind the delay.
pub(super) struct Reference {
    /// A whole number of blocks, written round and round.
    samples: Box<[f32]>,
    next: usize,
    block: usize,
    delay: usize,
    /// Blocks from one partition to the next.
    stride: usize,
    bins: usize,
    /// Of two partitions' length of samples each, one per block.
    spectra: Box<[Bin]>,
    newest: usize,
    energies: Box<[f32]>,
}

impl Reference {
    /// Room for delays of up to `max_delay` blocks before `partitions` partitions of `stride` blocks.
    pub(super) fn new(block: usize, stride: usize, partitions: usize, max_delay: usize) -> Self {
        let spectra = stride * partitions;
        let samples = (max_delay + spectra + 2 * stride) * block;
        let bins = stride * block + 1;
        Self {
            samples: vec![0.0; samples].into(),
            next: 0,
            block,
            delay: 0,
            stride,
            bins,
            spectra: vec![[0.0; 2]; bins * spectra].into(),
            newest: 0,
            energies: vec![0.0; spectra].into(),
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
        let spectra = self.energies.len();
        self.newest = (self.newest + spectra - 1) % spectra;
        self.transform_at(0, transform);
    }

    /// Looks `delay` blocks further into the past from now on, as if it had always been so.
    pub(super) fn set_delay(&mut self, delay: usize, transform: &mut Transform) {
        self.delay = delay;
        for age in 0..self.energies.len() {
            self.transform_at(age, transform);
        }
    }

    /// Transforms the two partitions' samples that end `age` blocks before the newest behind the delay.
    fn transform_at(&mut self, age: usize, transform: &mut Transform) {
        let length = self.samples.len();
        let back = (self.delay + age + 2 * self.stride) * self.block;
        let start = (self.next + length - back) % length;
        let slot = (self.newest + age) % self.energies.len();
        let spectrum = &mut self.spectra[slot * self.bins..(slot + 1) * self.bins];
        let samples = &self.samples;
        transform.forward(spectrum, |time| {
            let (straight, wrapped) = time.split_at_mut(time.len().min(length - start));
            straight.copy_from_slice(&samples[start..start + straight.len()]);
            wrapped.copy_from_slice(&samples[..wrapped.len()]);
        });
        self.energies[slot] = spectrum.iter().copied().map(power).sum();
    }

    /// The partitions' spectra, newest first.
    pub(super) fn spectra(&self) -> impl Iterator<Item = &[Bin]> {
        let slots = self.energies.len();
        (0..slots).step_by(self.stride).map(move |age| {
            let slot = (self.newest + age) % slots;
            &self.spectra[slot * self.bins..(slot + 1) * self.bins]
        })
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
