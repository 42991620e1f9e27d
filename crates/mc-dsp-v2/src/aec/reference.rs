//! The far end as the filters see it: delayed by whole blocks, one spectrum per partition.

use super::spectra::{Spectra, powers};
use super::transform::Transform;

/// Far-end samples of the last second and a bit, and the spectra of the newest part behind the delay.
pub(super) struct Reference {
    /// A whole number of blocks, written round and round.
    samples: Box<[f32]>,
    next: usize,
    block: usize,
    delay: usize,
    partitions: usize,
    /// Of two partitions' length of samples each, one per block. Those that are whole partitions apart form a
    /// ring; there are as many rings as blocks in a partition.
    spectra: Spectra,
    /// Place of the newest spectrum in each ring.
    newest: Box<[usize]>,
    /// The ring of the newest spectrum of all.
    ring: usize,
    /// Energy of each spectrum.
    energies: Box<[f32]>,
}

impl Reference {
    /// Room for delays of up to `max_delay` blocks before `partitions` partitions of `stride` blocks.
    pub(super) fn new(block: usize, stride: usize, partitions: usize, max_delay: usize) -> Self {
        let spectra = stride * partitions;
        let samples = (max_delay + spectra + 2 * stride) * block;
        Self {
            samples: vec![0.0; samples].into(),
            next: 0,
            block,
            delay: 0,
            partitions,
            spectra: Spectra::new(stride * block + 1, spectra),
            newest: vec![0; stride].into(),
            ring: 0,
            energies: vec![0.0; spectra].into(),
        }
    }

    fn stride(&self) -> usize {
        self.newest.len()
    }

    /// The delay in blocks.
    pub(super) const fn delay(&self) -> usize {
        self.delay
    }

    /// Takes the next block of the far end.
    pub(super) fn push(&mut self, block: &[f32], transform: &mut Transform) {
        self.samples[self.next..self.next + self.block].copy_from_slice(block);
        self.next = (self.next + self.block) % self.samples.len();
        self.ring = (self.ring + 1) % self.stride();
        let newest = &mut self.newest[self.ring];
        *newest = (*newest + self.partitions - 1) % self.partitions;
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
        let back = (self.delay + age + 2 * self.stride()) * self.block;
        let start = (self.next + length - back) % length;
        let ring = (self.ring + self.stride() - age % self.stride()) % self.stride();
        let place = (self.newest[ring] + age / self.stride()) % self.partitions;
        let slot = ring * self.partitions + place;
        let samples = &self.samples;
        let spectrum = self.spectra.part_mut(slot..slot + 1);
        transform.forward_planes(spectrum, |time| {
            let (straight, wrapped) = time.split_at_mut(time.len().min(length - start));
            straight.copy_from_slice(&samples[start..start + straight.len()]);
            wrapped.copy_from_slice(&samples[..wrapped.len()]);
        });
        self.energies[slot] = powers(spectrum).sum();
    }

    /// The partitions' spectra, newest first, in two parts, each with the partition that it begins with.
    pub(super) fn spectra(&self) -> [(usize, &[f32]); 2] {
        let (first, newest) = (self.ring * self.partitions, self.newest[self.ring]);
        let older = self.spectra.part(first..first + newest);
        [(0, self.spectra.part(first + newest..first + self.partitions)), (self.partitions - newest, older)]
    }

    /// Energy of the spectra in reach of the filters; 0 when the far end was silent for as long.
    pub(super) fn energy(&self) -> f32 {
        self.energies.iter().sum()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let rings = size_of_val(&*self.newest) + size_of_val(&*self.energies);
        size_of_val(&*self.samples) + self.spectra.heap_bytes() + rings
    }

    pub(super) fn clear(&mut self) {
        self.samples.fill(0.0);
        self.spectra.all_mut().fill(0.0);
        self.energies.fill(0.0);
        self.newest.fill(0);
        (self.next, self.ring, self.delay) = (0, 0, 0);
    }
}
