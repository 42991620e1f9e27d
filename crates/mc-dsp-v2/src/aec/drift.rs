//! How fast the echo's delay moves: the clocks of loudspeaker and microphone differ by some parts per million.
//!
//! A path that only moves in time turns the phases of a model in proportion to frequency. Twice a second the
//! phases of the quick model are compared with those before; when several such steps agree, they are drift.

use super::paths::Shape;
use super::spectra::Spectra;

/// Partitions that are compared, from the one before the strongest on.
const COMPARED: usize = 4;
/// Time from one look to the next, in milliseconds, and share of it in which the model must have learnt.
const STEP_MS: f32 = 500.0;
const LEARNING_SHARE: f32 = 0.6;
/// Frequencies that count, in Hz.
const BAND_HZ: (f32, f32) = (300.0, 3_400.0);
/// Correlation of both looks, after the shift between them is undone, from which they show the same path.
const SAME_PATH: f32 = 0.5;
/// Steps that are remembered, and how many must agree.
const REMEMBERED: usize = 8;
const AGREEING: usize = 4;
/// How many standard errors the mean step must be from 0.
const SIGNIFICANT: f32 = 3.0;
/// Least drift that is corrected, in parts per million: at first, and where there is drift already.
const LEAST_PPM: (f32, f32) = (12.0, 3.0);

/// Watches the model of the echo path for a steady movement in time.
pub(super) struct DriftTracker {
    /// The partitions at the last look.
    before: Spectra,
    first: usize,
    looked: bool,
    elapsed: usize,
    learning: usize,
    step_blocks: usize,
    block_us: f32,
    /// Bins that count.
    band: (usize, usize),
    /// Shift in microseconds that turns bin 1 by a radian.
    us_per_radian: f32,
    /// Steps in parts per million.
    steps: [f32; REMEMBERED],
    count: usize,
    found: bool,
}

impl DriftTracker {
    /// For a model of that shape, to be looked at after every block.
    pub(super) fn new(shape: &Shape) -> Self {
        let Shape { block_ms, stride, partitions, .. } = *shape;
        let bin_hz = 500.0 / (stride as f32 * block_ms);
        Self {
            before: Spectra::new(shape.length() + 1, COMPARED.min(partitions)),
            first: 0,
            looked: false,
            elapsed: 0,
            learning: 0,
            step_blocks: (STEP_MS / block_ms) as usize,
            block_us: 1_000.0 * block_ms,
            band: ((BAND_HZ.0 / bin_hz) as usize, (BAND_HZ.1 / bin_hz) as usize),
            us_per_radian: 1e6 / (std::f32::consts::TAU * bin_hz),
            steps: [0.0; REMEMBERED],
            count: 0,
            found: false,
        }
    }

    /// Takes the model's `weights` after a block, from which it learnt or not. Parts per million by which the
    /// echo is found to get later, beyond what is corrected already.
    pub(super) fn observe(&mut self, weights: &Spectra, learnt: bool) -> Option<f32> {
        self.elapsed += 1;
        self.learning += usize::from(learnt);
        if self.looked && self.elapsed < self.step_blocks {
            return None;
        }
        if self.looked && self.learning as f32 >= LEARNING_SHARE * self.elapsed as f32 {
            match self.shift_us(weights) {
                Some(shift) => self.remember(1e6 * shift / (self.elapsed as f32 * self.block_us)),
                None => self.count = 0,
            }
        }
        self.look(weights);
        self.conclude()
    }

    fn look(&mut self, weights: &Spectra) {
        let energy =
            |partition: usize| weights.part(partition..partition + 1).iter().map(|w| w * w).sum::<f32>();
        let last = weights.count() - self.before.count();
        let strongest = (0..weights.count()).max_by(|a, b| energy(*a).total_cmp(&energy(*b))).unwrap_or(0);
        self.first = strongest.saturating_sub(1).min(last);
        let part = weights.part(self.first..self.first + self.before.count());
        self.before.all_mut().copy_from_slice(part);
        (self.looked, self.elapsed, self.learning) = (true, 0, 0);
    }

    /// By how much the path is later than at the last look; `None` when it is another one.
    fn shift_us(&self, weights: &Spectra) -> Option<f32> {
        let now = weights.part(self.first..self.first + self.before.count());
        let (mut slope, mut leverage) = (0.0, 0.0);
        for bin in self.band.0..self.band.1 {
            let [re, im] = self.cross(now, bin);
            let (weight, frequency) = (re.hypot(im), bin as f32);
            slope -= weight * frequency * im.atan2(re);
            leverage += weight * frequency * frequency;
        }
        let radians = slope / (leverage + f32::MIN_POSITIVE);
        let mut alike = 0.0;
        for bin in self.band.0..self.band.1 {
            let [re, im] = self.cross(now, bin);
            let (sin, cos) = (radians * bin as f32).sin_cos();
            alike += re * cos - im * sin;
        }
        let energy = |spectra: &[f32]| -> f32 {
            let bins = spectra.len() / (2 * self.before.count());
            let planes = spectra.chunks_exact(bins);
            planes.flat_map(|plane| &plane[self.band.0..self.band.1]).map(|part| part * part).sum()
        };
        let most = (energy(now) * energy(self.before.all())).sqrt();
        (alike > SAME_PATH * most).then_some(radians * self.us_per_radian)
    }

    /// Cross-spectrum of the present and the last look in one bin, summed over the partitions.
    fn cross(&self, now: &[f32], bin: usize) -> [f32; 2] {
        let bins = now.len() / (2 * self.before.count());
        let mut sum = [0.0; 2];
        for (now, before) in now.chunks_exact(2 * bins).zip(self.before.all().chunks_exact(2 * bins)) {
            let (a, b) = ([now[bin], now[bins + bin]], [before[bin], before[bins + bin]]);
            sum[0] += a[0] * b[0] + a[1] * b[1];
            sum[1] += a[1] * b[0] - a[0] * b[1];
        }
        sum
    }

    fn remember(&mut self, ppm: f32) {
        self.steps.rotate_right(1);
        self.steps[0] = ppm;
        self.count = (self.count + 1).min(REMEMBERED);
    }

    fn conclude(&mut self) -> Option<f32> {
        if self.count < AGREEING {
            return None;
        }
        let steps = &self.steps[..self.count];
        let count = self.count as f32;
        let mean = steps.iter().sum::<f32>() / count;
        let variance = steps.iter().map(|step| (step - mean) * (step - mean)).sum::<f32>() / (count - 1.0);
        let least = if self.found { LEAST_PPM.1 } else { LEAST_PPM.0 };
        if mean.abs() < least || mean.abs() < SIGNIFICANT * (variance / count).sqrt() {
            return None;
        }
        self.found = true;
        self.restart();
        Some(mean)
    }

    /// Looks afresh, because the model or its place in time was changed from outside.
    pub(super) fn restart(&mut self) {
        (self.looked, self.count) = (false, 0);
    }

    pub(super) fn clear(&mut self) {
        self.restart();
        self.found = false;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.before.heap_bytes()
    }
}
