//! How late the echo comes: the lag at which the phases of far end and near end agree.
//!
//! Generalised cross-correlation with phase transform (Knapp and Carter, "The generalized correlation method
//! for estimation of time delay", IEEE Trans. ASSP 24, 1976) at 4 kHz, in partitions: one smoothed cross-spectrum per
//! 32 ms of lag, so that a second of lags costs one short transform per frame and signal.

use std::sync::LazyLock;

use mc_simd::SimdProcessor;

use super::decimate::Decimator;
use super::transform::{Bin, Transform, power};

/// Length of a frame in samples at 4 kHz (64 ms) and steps between frames.
const FRAME: usize = 256;
const HOP: usize = FRAME / 2;
/// Bins that count: 300 to 1800 Hz.
const LOW: usize = 19;
const BINS: usize = 97;
/// Share of the past in the cross-spectra at each step (1 s).
const MEMORY: f32 = 0.968;
/// Energy of a windowed frame below which it says nothing: about -66 dBFS.
const SILENCE: f32 = 256.0 * 2.5e-7 * 0.375 * 128.0;
/// How far the peak must stand out of the correlation's RMS: at the first find, and later.
const FIRST_PEAK: f32 = 8.0;
const LATER_PEAK: f32 = 9.0;
/// Steps of 32 ms for which a lag must be found again, at first and later.
const FIRST_STEPS: u32 = 2;
const LATER_STEPS: u32 = 5;
/// Finds this near are the same lag, in samples at 4 kHz (2 ms).
const SAME: usize = 8;
/// Candidates are looked for in this many of the strongest partitions.
const SEARCHED: usize = 3;
/// Unit magnitude in the stored spectra.
const PHASE_SCALE: f32 = 127.0;

/// What frames are seen through.
static WINDOW: LazyLock<[f32; FRAME]> = LazyLock::new(|| {
    let mut window = apodize::hanning_iter(FRAME + 1).map(|w| w as f32);
    std::array::from_fn(|_| window.next().unwrap_or_default())
});

/// Estimates the delay of the echo behind the far end.
pub(super) struct DelayEstimator {
    simd: SimdProcessor,
    window: &'static [f32; FRAME],
    far: Stream,
    near: Stream,
    filled: usize,
    partitions: usize,
    /// Whitened spectra of the far end in 127ths, real and imaginary parts in turn, newest at `newest`: phases need
    /// no more.
    spectra: Box<[i8]>,
    newest: usize,
    /// The newest frames of the far end in which it was silent, up to all.
    silent_frames: usize,
    /// Steps until the signals are compared.
    until_compared: u32,
    /// Smoothed cross-spectra, real and imaginary parts in turn, in 16 bits: of whitened signals they are below 1.
    cross: Box<[i16]>,
    spectrum: Box<[Bin]>,
    energies: Box<[f32]>,
    candidate: usize,
    found: u32,
    hears_echo: bool,
    lag: Option<usize>,
}

/// One signal at 4 kHz.
struct Stream {
    decimator: Decimator,
    newest: Box<[f32]>,
}

impl Stream {
    fn new(block: usize, factor: usize) -> Self {
        Self { decimator: Decimator::new(block, factor, 6, 0.9), newest: vec![0.0; FRAME].into() }
    }

    fn push(&mut self, block: &[f32], low: usize) {
        self.newest.copy_within(low.., 0);
        self.decimator.process(block, &mut self.newest[FRAME - low..]);
    }

    /// Unit magnitude in the bins that count of the newest frame; zeros and `false` when there is no signal.
    fn whitened(
        &self,
        window: &[f32],
        transform: &mut Transform,
        spectrum: &mut [Bin],
        out: &mut [Bin; BINS],
    ) -> bool {
        transform.forward(spectrum, |time| {
            for ((time, sample), window) in time.iter_mut().zip(&self.newest).zip(window) {
                *time = sample * window;
            }
        });
        let band = &spectrum[LOW..LOW + BINS];
        let energy: f32 = band.iter().copied().map(power).sum();
        if energy < SILENCE {
            out.fill([0.0; 2]);
            return false;
        }
        for (out, bin) in out.iter_mut().zip(band) {
            let scale = 1.0 / (power(*bin) + 1e-12).sqrt();
            *out = [bin[0] * scale, bin[1] * scale];
        }
        true
    }

    fn clear(&mut self) {
        self.decimator.clear();
        self.newest.fill(0.0);
    }

    fn heap_bytes(&self) -> usize {
        self.decimator.heap_bytes() + size_of_val(&*self.newest)
    }
}

impl DelayEstimator {
    /// Rate that it works at.
    pub(super) const RATE_HZ: usize = 4_000;
    /// Samples that it transforms.
    pub(super) const FRAME: usize = FRAME;

    /// For blocks of `block` samples at `rate_hz`, a multiple of 4 kHz, and delays up to `max_ms`.
    pub(super) fn new(rate_hz: usize, block: usize, max_ms: usize) -> Self {
        let factor = rate_hz / Self::RATE_HZ;
        let partitions = (max_ms * Self::RATE_HZ / 1_000).div_ceil(HOP) + 1;
        Self {
            simd: SimdProcessor::new(),
            spectrum: vec![[0.0; 2]; FRAME / 2 + 1].into(),
            window: &WINDOW,
            far: Stream::new(block, factor),
            near: Stream::new(block, factor),
            filled: 0,
            partitions,
            spectra: vec![0; 2 * BINS * partitions].into(),
            newest: 0,
            silent_frames: partitions,
            until_compared: 0,
            cross: vec![0; 2 * BINS * partitions].into(),
            energies: vec![0.0; partitions].into(),
            candidate: 0,
            found: 0,
            hears_echo: false,
            lag: None,
        }
    }

    /// Takes a block of both signals, and a transform of [`FRAME`](Self::FRAME) samples to work with; the delay in
    /// seconds when one has just been confirmed. The signals are compared in one of `pace` steps of 32 ms.
    pub(super) fn process(
        &mut self,
        far: &[f32],
        near: &[f32],
        factor: usize,
        pace: u32,
        transform: &mut Transform,
    ) -> Option<f32> {
        self.hears_echo = false;
        let low = far.len() / factor;
        self.far.push(far, low);
        self.near.push(near, low);
        self.filled += low;
        if self.filled < HOP {
            return None;
        }
        self.filled -= HOP;
        self.store_far(transform);
        self.until_compared = self.until_compared.saturating_sub(1);
        if self.until_compared > 0 {
            return None;
        }
        self.until_compared = pace;
        if !self.compare(pace, transform) {
            return None;
        }
        self.search(transform);
        self.hears_echo = self.found >= FIRST_STEPS;
        self.confirm().map(|lag| lag as f32 / Self::RATE_HZ as f32)
    }

    /// Whether the last block ended a comparison that, not for the first time, found the signals to agree at this lag.
    pub(super) const fn hears_echo(&self) -> bool {
        self.hears_echo
    }

    /// Begins the search anew where it is, because there was no echo: what is found next is a first find.
    pub(super) const fn forget_lag(&mut self) {
        (self.lag, self.found) = (None, 0);
    }

    /// The delay in seconds, once it has been found.
    pub(super) fn delay_s(&self) -> Option<f32> {
        self.lag.map(|lag| lag as f32 / Self::RATE_HZ as f32)
    }

    /// Adds the far end's newest frame to those that are compared with.
    fn store_far(&mut self, transform: &mut Transform) {
        self.newest = (self.newest + self.partitions - 1) % self.partitions;
        let mut whitened_frame = [[0.0; 2]; BINS];
        let sounds = self.far.whitened(self.window, transform, &mut self.spectrum, &mut whitened_frame);
        self.silent_frames = if sounds { 0 } else { (self.silent_frames + 1).min(self.partitions) };
        let stored = &mut self.spectra[2 * BINS * self.newest..][..2 * BINS];
        for (stored, part) in stored.iter_mut().zip(whitened_frame.as_flattened()) {
            *stored = (part * PHASE_SCALE).round_ties_even() as i8;
        }
    }

    /// Adds the newest frames to the cross-spectra, if both signals are there, for `pace` steps at once.
    fn compare(&mut self, pace: u32, transform: &mut Transform) -> bool {
        if self.silent_frames == self.partitions {
            return false;
        }
        let mut near = [[0.0; 2]; BINS];
        if !self.near.whitened(self.window, transform, &mut self.spectrum, &mut near) {
            return false;
        }
        let memory = MEMORY.powi(pace as i32);
        self.simd.apply_gain(near.as_flattened_mut(), (1.0 - memory) / PHASE_SCALE);
        let (wrapped, first) = self.spectra.split_at(2 * BINS * self.newest);
        let spectra = first.chunks_exact(2 * BINS).chain(wrapped.chunks_exact(2 * BINS));
        let stored = self.cross.chunks_exact_mut(2 * BINS);
        let (mut far, mut cross) = ([[0.0; 2]; BINS], [[0.0; 2]; BINS]);
        for ((stored, spectrum), energy) in stored.zip(spectra).zip(&mut self.energies) {
            for (part, stored) in far.as_flattened_mut().iter_mut().zip(spectrum) {
                *part = f32::from(*stored);
            }
            self.simd.i16_to_f32(stored, cross.as_flattened_mut());
            self.simd.apply_gain(cross.as_flattened_mut(), memory);
            self.simd.complex_conj_mul_add(&mut cross, &far, &near);
            *energy = self.simd.energy(cross.as_flattened());
            self.simd.f32_to_i16(cross.as_flattened(), stored);
        }
        true
    }

    /// Finds the strongest lag and compares it with the last one.
    fn search(&mut self, transform: &mut Transform) {
        let mut best = (0.0, 0);
        let mut searched = [usize::MAX; SEARCHED];
        for n in 0..SEARCHED {
            let strongest = (0..self.partitions)
                .filter(|p| !searched.contains(p))
                .max_by(|a, b| self.energies[*a].total_cmp(&self.energies[*b]));
            let Some(partition) = strongest else { break };
            searched[n] = partition;
            let cross = &self.cross[2 * BINS * partition..][..2 * BINS];
            self.spectrum.fill([0.0; 2]);
            self.simd.i16_to_f32(cross, self.spectrum[LOW..LOW + BINS].as_flattened_mut());
            let correlation = transform.inverse(&self.spectrum);
            // Lags of half a hop around the partition's own belong to it.
            for offset in 0..HOP {
                let lag = (partition * HOP + offset).checked_sub(HOP / 2);
                let value = correlation[(offset + FRAME - HOP / 2) % FRAME].abs();
                if let Some(lag) = lag.filter(|_| value > best.0) {
                    best = (value, lag);
                }
            }
        }
        // By Parseval: the mean square of a partition's correlation.
        let mean = 2.0 * self.energies.iter().sum::<f32>() / self.partitions as f32 / (FRAME * FRAME) as f32;
        let (peak, lag) = best;
        let prominence = peak / (mean.sqrt() + 1e-12);
        let needed = if self.lag.is_none() { FIRST_PEAK } else { LATER_PEAK };
        if prominence < needed {
            self.found = 0;
        } else if lag.abs_diff(self.candidate) <= SAME {
            self.found += 1;
        } else {
            self.found = 1;
        }
        self.candidate = lag;
    }

    fn confirm(&mut self) -> Option<usize> {
        let needed = if self.lag.is_none() { FIRST_STEPS } else { LATER_STEPS };
        if self.found < needed {
            return None;
        }
        self.lag = Some(self.candidate);
        self.lag
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let spectra = size_of_val(&*self.spectra) + size_of_val(&*self.cross) + size_of_val(&*self.spectrum);
        let own = spectra + size_of_val(&*self.energies);
        own + self.far.heap_bytes() + self.near.heap_bytes()
    }

    pub(super) fn clear(&mut self) {
        self.far.clear();
        self.near.clear();
        self.spectra.fill(0);
        self.cross.fill(0);
        self.energies.fill(0.0);
        (self.filled, self.newest, self.candidate, self.found) = (0, 0, 0, 0);
        (self.silent_frames, self.until_compared) = (self.partitions, 0);
        (self.hears_echo, self.lag) = (false, None);
    }
}
