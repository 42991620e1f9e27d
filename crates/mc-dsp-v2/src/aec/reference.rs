//! The far end as the filters see it: behind the delay, at the microphone's clock, one spectrum per partition.

use mc_simd::SimdProcessor;

use super::loudspeaker::Loudspeaker;
use super::resample::Resampler;
use super::spectra::Spectra;
use super::transform::Transform;

/// Most by which the clocks may differ, in parts per million.
const MOST_PPM: f64 = 500.0;

/// Far-end samples of the last second and a bit, and the spectra of the newest part behind the delay.
pub(super) struct Reference {
    simd: SimdProcessor,
    /// As they would be played, in 16 bits: a whole number of blocks, written round and round.
    samples: Box<[i16]>,
    next: usize,
    block: usize,
    /// Samples from the microphone's time back to that of the reference.
    delay: f64,
    /// By how much the delay grows with each sample.
    drift: f64,
    resampler: Resampler,
    loudspeaker: Loudspeaker,
    /// Samples around a delayed block, then the delayed samples that a spectrum is made of.
    around: Box<[f32]>,
    delayed: Box<[f32]>,
    partitions: usize,
    /// Of two partitions' length of samples each, one per block. Those that are whole partitions apart form a
    /// ring; there are as many rings as blocks in a partition.
    spectra: Spectra,
    /// Place of the newest spectrum in each ring.
    newest: Box<[usize]>,
    /// The ring of the newest spectrum of all.
    ring: usize,
    /// Energy of each spectrum, and of all.
    energies: Box<[f32]>,
    energy: f32,
}

impl Reference {
    /// Room for delays of up to `max_delay` blocks before `partitions` partitions of `stride` blocks.
    pub(super) fn new(block: usize, stride: usize, partitions: usize, max_delay: usize) -> Self {
        let spectra = stride * partitions;
        let around = block + Resampler::BEHIND + Resampler::AHEAD + 2;
        let samples = (max_delay + spectra + 2 * stride + around.div_ceil(block)) * block;
        Self {
            simd: SimdProcessor::new(),
            samples: vec![0; samples].into(),
            next: 0,
            block,
            delay: 0.0,
            drift: 0.0,
            resampler: Resampler::new(block),
            loudspeaker: Loudspeaker::new(stride * block),
            around: vec![0.0; around].into(),
            delayed: vec![0.0; 2 * stride * block].into(),
            partitions,
            spectra: Spectra::new(stride * block + 1, spectra),
            newest: vec![0; stride].into(),
            ring: 0,
            energies: vec![0.0; spectra].into(),
            energy: 0.0,
        }
    }

    fn stride(&self) -> usize {
        self.newest.len()
    }

    /// The delay in whole blocks.
    pub(super) fn delay(&self) -> usize {
        (self.delay / self.block as f64) as usize
    }

    /// By how much the echo gets later, in parts per million, as far as it is followed.
    pub(super) fn drift_ppm(&self) -> f32 {
        (1e6 * self.drift) as f32
    }

    /// Follows an echo that gets later by so many parts per million more than before.
    pub(super) fn add_drift(&mut self, ppm: f32) {
        self.drift = (1e6 * self.drift + f64::from(ppm)).clamp(-MOST_PPM, MOST_PPM) / 1e6;
    }

    /// Stores the next block of the far end. The spectra stay as they are until it is
    /// [`advance`](Self::advance)d to.
    pub(super) fn store(&mut self, block: &[f32]) {
        self.simd.f32_to_i16(block, &mut self.samples[self.next..self.next + self.block]);
        self.next = (self.next + self.block) % self.samples.len();
        // Between samples can be read only where some follow.
        if self.drift != 0.0 && self.delay >= (Resampler::AHEAD + 1) as f64 {
            let reach = self.samples.len() - self.delayed.len() - self.energies.len() * self.block;
            let latest = (reach - self.around.len()) as f64;
            let moved = self.delay + self.drift * self.block as f64;
            self.delay = moved.clamp((Resampler::AHEAD + 1) as f64, latest);
        }
    }

    /// Adds the spectrum that ends with the block that was stored last.
    pub(super) fn advance(&mut self, transform: &mut Transform) {
        self.ring = (self.ring + 1) % self.stride();
        let newest = &mut self.newest[self.ring];
        *newest = (*newest + self.partitions - 1) % self.partitions;
        self.read(0);
        self.transform_to(0, transform);
        self.energy = self.energies.iter().sum();
    }

    /// Looks `delay` blocks into the past from now on, as if it had always been so.
    pub(super) fn set_delay(&mut self, delay: usize, transform: &mut Transform) {
        self.delay = (delay * self.block) as f64;
        self.look_back(transform);
    }

    /// Makes all spectra anew from the samples, as if each had been [`advance`](Self::advance)d to.
    pub(super) fn look_back(&mut self, transform: &mut Transform) {
        for age in (0..self.energies.len() + 2 * self.stride() - 1).rev() {
            self.read(age);
            if age < self.energies.len() {
                self.transform_to(age, transform);
            }
        }
        self.energy = self.energies.iter().sum();
    }

    /// Appends to the delayed samples the block that ended `age` blocks ago.
    fn read(&mut self, age: usize) {
        self.delayed.copy_within(self.block.., 0);
        let start = self.delayed.len() - self.block;
        let followed = self.delay >= (Resampler::AHEAD + 1) as f64;
        let drift = if followed { self.drift * self.block as f64 } else { 0.0 };
        let end = (self.delay - age as f64 * drift).max(0.0);
        // Counted from a whole delay that is not below either end's.
        let whole = end.max(end - drift).ceil();
        let length = self.samples.len();
        let back = (age + 1) * self.block + whole as usize + Resampler::BEHIND;
        let first = (self.next + 2 * length - back) % length;
        let straight = self.around.len().min(length - first);
        self.simd.i16_to_f32(&self.samples[first..first + straight], &mut self.around);
        self.simd.i16_to_f32(&self.samples, &mut self.around[straight..]);
        let places = (whole - (end - drift), whole - end);
        if places == (0.0, 0.0) {
            let block = &self.around[Resampler::BEHIND..Resampler::BEHIND + self.block];
            self.delayed[start..].copy_from_slice(block);
        } else {
            self.resampler.process(&self.around, places, &mut self.delayed[start..]);
        }
        self.loudspeaker.play(&mut self.delayed[start..]);
    }

    /// The loudspeaker, to be taught.
    pub(super) fn loudspeaker(&mut self) -> &mut Loudspeaker {
        &mut self.loudspeaker
    }

    /// Makes the delayed samples the spectrum of `age` blocks ago.
    fn transform_to(&mut self, age: usize, transform: &mut Transform) {
        let ring = (self.ring + self.stride() - age % self.stride()) % self.stride();
        let place = (self.newest[ring] + age / self.stride()) % self.partitions;
        let slot = ring * self.partitions + place;
        let spectrum = self.spectra.part_mut(slot..slot + 1);
        transform.forward_planes(spectrum, |time| time.copy_from_slice(&self.delayed));
        self.energies[slot] = self.simd.energy(spectrum);
    }

    /// The partitions' spectra, newest first, in two parts, each with the partition that it begins with.
    pub(super) fn spectra(&self) -> [(usize, &[f32]); 2] {
        let (first, newest) = (self.ring * self.partitions, self.newest[self.ring]);
        let older = self.spectra.part(first..first + newest);
        [(0, self.spectra.part(first + newest..first + self.partitions)), (self.partitions - newest, older)]
    }

    /// Mean square of the far end in reach of the filters.
    pub(super) fn power(&self) -> f32 {
        // By Parseval, of spectra with half of their bins, of twice a partition's samples each.
        2.0 * self.energy / (self.energies.len() * self.delayed.len() * self.delayed.len()) as f32
    }

    /// Energy of the spectra in reach of the filters; 0 when the far end was silent for as long.
    pub(super) const fn energy(&self) -> f32 {
        self.energy
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let samples = size_of_val(&*self.samples) + size_of_val(&*self.around) + size_of_val(&*self.delayed);
        let rings = size_of_val(&*self.newest) + size_of_val(&*self.energies);
        samples
            + rings
            + self.spectra.heap_bytes()
            + self.resampler.heap_bytes()
            + self.loudspeaker.heap_bytes()
    }

    pub(super) fn clear(&mut self) {
        self.samples.fill(0);
        self.loudspeaker.clear();
        self.delayed.fill(0.0);
        self.spectra.all_mut().fill(0.0);
        self.energies.fill(0.0);
        self.energy = 0.0;
        self.newest.fill(0);
        (self.next, self.ring) = (0, 0);
        (self.delay, self.drift) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::white_noise;

    const BLOCK: usize = 32;

    #[test]
    fn looking_back_shows_what_advancing_would_have_shown() {
        let mut transform = Transform::new(4 * BLOCK);
        let reference = || Reference::new(BLOCK, 2, 5, 30);
        let (mut steady, mut rested) = (reference(), reference());
        for one in [&mut steady, &mut rested] {
            one.set_delay(7, &mut transform);
        }
        for (n, block) in white_noise(1, -20.0, 100 * BLOCK).chunks_exact(BLOCK).enumerate() {
            steady.store(block);
            steady.advance(&mut transform);
            rested.store(block);
            if n < 20 {
                rested.advance(&mut transform);
            }
        }
        rested.look_back(&mut transform);
        let newest_first = |reference: &Reference| -> Vec<f32> {
            reference.spectra().iter().flat_map(|(_, spectra)| spectra.iter().copied()).collect()
        };
        let (steady_spectra, rested_spectra) = (newest_first(&steady), newest_first(&rested));
        assert!(steady_spectra.iter().any(|value| value.abs() > 0.1));
        assert!(steady_spectra.iter().zip(&rested_spectra).all(|(a, b)| (a - b).abs() < 1e-4));
        assert!((steady.power() / rested.power() - 1.0).abs() < 1e-4, "{}", rested.power());
        // The noise's mean square, from spectra that overlap.
        assert!((steady.power() - 0.01).abs() < 0.002, "{}", steady.power());
    }
}
