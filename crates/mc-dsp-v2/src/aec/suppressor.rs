//! Lowers what echo is left, bin by bin, as far as the near end allows: by a learned mask or by rules.

use super::bands::Bands;
use super::config::Suppression;
use super::distortion::Distortion;
use super::features::{FEATURES, Features};
use super::mask::{LearnedMask, Mask};
use super::noise::{NoiseFloor, powers};
use super::observed::Observed;
use super::residual::ResidualEcho;
use super::rules::Rules;
use super::transform::{Bin, Transform};
use super::windows::Windows;

/// Length of the analysis window in blocks.
const WINDOW_BLOCKS: usize = 6;
/// A block is taken for echo when this much of the echo that is expected would explain it.
const ECHO_IS_HEARD: f32 = 3.0;
/// Far-end talk that passes before filters know a room: so long nothing but background noise is let through
/// while the far end talks, in milliseconds.
const UNKNOWN_ROOM_MS: f32 = 600.0;
/// Silence of the far end after which no room sounds on, and the near end passes untouched, in milliseconds.
const LONGEST_ECHO_MS: f32 = 600.0;

/// Blocks from one look at the background noise to the next while nothing is suppressed.
const RESTING_LOOKS: u32 = 4;

/// Removes residual echo from the error of the filters, two blocks late.
pub(super) struct Suppressor {
    windows: Windows,
    transform: Transform,
    bands: Bands,
    noise: NoiseFloor,
    residual: ResidualEcho,
    distortion: Distortion,
    method: Method,
    error: Signal,
    echo: Signal,
    distorted: Signal,
    gains: Box<[f32]>,
    tail: Box<[f32]>,
    block: usize,
    filter_scale: f32,
    noise_gain: f32,
    near_end: f32,
    /// Whether the last block may have been mostly echo.
    echo_is_left: bool,
    /// Deepest gain.
    floor: f32,
    /// Blocks of far-end talk until the room counts as known.
    unknown: u32,
    unknown_at_start: u32,
    /// Blocks since the far end was last heard, up to those that an echo may last.
    silent: u32,
    longest_echo: u32,
    /// Blocks since which all passes untouched; 0 while it does not.
    resting: u32,
}

/// What decides on the gains.
enum Method {
    Rules(Rules),
    Learned(Box<Learned>),
}

/// The mask and what it sees.
struct Learned {
    features: Features,
    seen: [f32; FEATURES],
    mask: LearnedMask,
    /// Whether the mask decides on this block: it does on every second one, for two.
    due: bool,
}

/// The newest samples of a signal, as many as the window is long, with spectrum and powers.
struct Signal {
    line: Box<[f32]>,
    spectrum: Box<[Bin]>,
    powers: Box<[f32]>,
}

/// What the filters tell about a block.
pub(super) struct FilterView<'a> {
    /// Expected power of the echo that they left, per bin.
    pub(super) misalignment: &'a [f32],
    /// Energy of the far end's spectra in their reach, and whether that is sound.
    pub(super) far_energy: f32,
    pub(super) far_active: bool,
    /// Samples of one of those spectra.
    pub(super) samples: usize,
}

impl Method {
    /// Whether the distortion of this block will be looked at.
    const fn sees_distortion(&self) -> bool {
        matches!(self, Self::Learned(learned) if learned.due)
    }

    fn clear(&mut self) {
        match self {
            Self::Rules(rules) => rules.clear(),
            Self::Learned(learned) => learned.clear(),
        }
    }
}

impl Signal {
    fn new(length: usize, bins: usize) -> Self {
        Self {
            line: vec![0.0; length].into(),
            spectrum: vec![[0.0; 2]; bins].into(),
            powers: vec![0.0; bins].into(),
        }
    }

    /// Makes room for a block and returns it.
    fn next(&mut self, block: usize) -> &mut [f32] {
        let history = self.line.len() - block;
        self.line.copy_within(block.., 0);
        &mut self.line[history..]
    }

    fn analyse(&mut self, windows: &Windows, transform: &mut Transform) {
        windows.analyse(&self.line, transform, &mut self.spectrum);
        powers(&self.spectrum, &mut self.powers);
    }

    fn heap_bytes(&self) -> usize {
        size_of_val(&*self.line) + size_of_val(&*self.spectrum) + size_of_val(&*self.powers)
    }

    fn clear(&mut self) {
        self.line.fill(0.0);
    }
}

impl Learned {
    fn new(bins: usize, block_ms: f32) -> Self {
        Self {
            features: Features::new(bins, block_ms),
            seen: [0.0; FEATURES],
            mask: LearnedMask::new(),
            due: true,
        }
    }

    /// The mask from this block on; `None` where the last one still holds.
    fn update(&mut self, seen: &Observed<'_>, residual: &[f32], bands: &Bands) -> Option<Mask> {
        self.features.update(seen);
        self.due = !self.due;
        if self.due {
            return None;
        }
        self.seen = self.features.extract(seen, residual, bands);
        Some(self.mask.step(&self.seen))
    }

    fn clear(&mut self) {
        self.features.clear();
        self.mask.clear();
        self.due = true;
    }
}

impl Suppressor {
    /// For blocks of `block` samples and filters of `filter_bins` bins; `None` where `suppression` is off.
    pub(super) fn new(
        suppression: Suppression,
        (block, filter_bins): (usize, usize),
        block_ms: f32,
        nyquist_hz: f64,
        floor_db: f32,
    ) -> Option<Self> {
        let length = WINDOW_BLOCKS * block;
        let windows = Windows::new(length, block);
        let transform = Transform::new(length);
        let bins = transform.bins();
        let method = match suppression {
            Suppression::Off => return None,
            Suppression::Rules => Method::Rules(Rules::new(bins, block_ms, floor_db)),
            Suppression::Learned => Method::Learned(Box::new(Learned::new(bins, block_ms))),
        };
        Some(Self {
            bands: Bands::new(bins, nyquist_hz),
            noise: NoiseFloor::new(bins, block_ms),
            residual: ResidualEcho::new(bins, filter_bins, block_ms),
            distortion: Distortion::new(block_ms),
            method,
            error: Signal::new(length, bins),
            echo: Signal::new(length, bins),
            // Only its powers are looked at: its spectrum makes room for the echo's.
            distorted: Signal { spectrum: Box::default(), ..Signal::new(length, bins) },
            gains: vec![1.0; bins].into(),
            tail: vec![0.0; block].into(),
            block,
            filter_scale: windows.energy(),
            noise_gain: windows.noise_gain(),
            near_end: 0.0,
            echo_is_left: false,
            floor: 10f32.powf(floor_db / 20.0),
            unknown: (UNKNOWN_ROOM_MS / block_ms) as u32,
            unknown_at_start: (UNKNOWN_ROOM_MS / block_ms) as u32,
            silent: (LONGEST_ECHO_MS / block_ms) as u32,
            longest_echo: (LONGEST_ECHO_MS / block_ms) as u32,
            resting: 0,
            windows,
            transform,
        })
    }

    /// Probability that the near end talked in the last block, 0 to 1.
    pub(super) const fn near_end(&self) -> f32 {
        self.near_end
    }

    /// Mean gain of the upper quarter of the spectrum in the last block.
    pub(super) fn upper_gain(&self) -> f32 {
        let upper = &self.gains[self.gains.len() * 3 / 4..];
        upper.iter().sum::<f32>() / upper.len() as f32
    }

    /// What the learned mask saw of the last block.
    pub(super) fn features(&self) -> Option<&[f32; FEATURES]> {
        match &self.method {
            Method::Rules(_) => None,
            Method::Learned(learned) => Some(&learned.seen),
        }
    }

    /// Replaces `block`, what the filters left of the near end, by the block before with less echo in it.
    /// `near` is what the filters got.
    pub(super) fn process(&mut self, block: &mut [f32], near: &[f32], filters: &FilterView<'_>) {
        self.take(block, near);
        self.noise.update(&self.error.powers, self.echo_is_left, 1);
        self.update_gains(filters);
        self.heed_far_end(filters.far_active);
        for (bin, gain) in self.error.spectrum.iter_mut().zip(&self.gains) {
            *bin = [bin[0] * gain, bin[1] * gain];
        }
        self.noise.fill_gaps(&mut self.error.spectrum, &self.gains, self.noise_gain);
        self.windows.synthesise(&self.error.spectrum, &mut self.transform, &mut self.tail, block);
    }

    /// Replaces `block` by the one before, as [`process`](Self::process) would if nothing had to be suppressed.
    pub(super) fn pass(&mut self, block: &mut [f32]) {
        let line = self.error.next(self.block);
        line.copy_from_slice(block);
        if self.resting == 0 {
            // What was suppressed last fades out into what passes.
            self.analyse_untouched();
            self.windows.synthesise(&self.error.spectrum, &mut self.transform, &mut self.tail, block);
        } else {
            let newest = self.error.line.len() - self.block;
            block.copy_from_slice(&self.error.line[newest - self.block..newest]);
        }
        self.resting += 1;
        if self.resting == RESTING_LOOKS + 1 {
            self.resting = 1;
            self.error.analyse(&self.windows, &mut self.transform);
            self.noise.update(&self.error.powers, false, RESTING_LOOKS);
        }
    }

    /// Goes on after [`pass`](Self::pass), with what was learnt about what the filters leave, or without where the
    /// echo is `another` one. The room is not taken for unknown then: who talked so far is not silenced.
    pub(super) fn resume(&mut self, another: bool) {
        self.analyse_untouched();
        // The block itself has passed already: only what overlaps with the next one is needed.
        let passed = &mut self.distorted.line[..self.block];
        self.windows.synthesise(&self.error.spectrum, &mut self.transform, &mut self.tail, passed);
        self.resting = 0;
        self.echo.clear();
        self.distorted.clear();
        self.distortion.clear();
        if another {
            self.residual.clear();
        }
        // What the mask remembers is of a time long gone.
        self.method.clear();
    }

    fn analyse_untouched(&mut self) {
        self.gains.fill(1.0);
        self.echo_is_left = false;
        self.error.analyse(&self.windows, &mut self.transform);
    }

    /// Nothing passes while the room is unknown, everything when there can be no echo.
    fn heed_far_end(&mut self, active: bool) {
        if active {
            self.silent = 0;
            if self.unknown > 0 {
                self.unknown -= 1;
                self.gains.fill(self.floor);
            }
        } else if self.silent < self.longest_echo {
            self.silent += 1;
        } else {
            self.gains.fill(1.0);
        }
    }

    fn take(&mut self, error: &[f32], near: &[f32]) {
        self.error.next(self.block).copy_from_slice(error);
        let echo = self.echo.next(self.block);
        for ((echo, near), error) in echo.iter_mut().zip(near).zip(error) {
            *echo = near - error;
        }
        self.distortion.process(echo, self.distorted.next(self.block));
        if self.method.sees_distortion() {
            let spectrum = &mut self.echo.spectrum;
            self.windows.analyse(&self.distorted.line, &mut self.transform, spectrum);
            powers(spectrum, &mut self.distorted.powers);
        }
        self.error.analyse(&self.windows, &mut self.transform);
        self.echo.analyse(&self.windows, &mut self.transform);
    }

    fn update_gains(&mut self, filters: &FilterView<'_>) {
        let seen = Observed {
            error_spectrum: &self.error.spectrum,
            error: &self.error.powers,
            echo_spectrum: &self.echo.spectrum,
            echo: &self.echo.powers,
            distortion: &self.distorted.powers,
            noise: self.noise.powers(),
            misalignment: filters.misalignment,
            far_energy: filters.far_energy,
            filter_scale: self.filter_scale / filters.samples as f32,
        };
        let residual = self.residual.estimate(&seen, &self.bands);
        let (left, heard) = (residual.iter().sum::<f32>(), seen.error.iter().sum::<f32>());
        self.echo_is_left = ECHO_IS_HEARD * left > heard;
        match &mut self.method {
            Method::Rules(rules) => self.near_end = rules.update(&seen, residual, &mut self.gains),
            Method::Learned(learned) => {
                if let Some(mask) = learned.update(&seen, residual, &self.bands) {
                    self.near_end = mask.near_end;
                    let (gains, floor) = (&mut self.gains, self.floor);
                    self.bands.spread(&mask.gains, |bin, gain| gains[bin] = gain.max(floor));
                }
            }
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let signals: usize =
            [&self.error, &self.echo, &self.distorted].iter().map(|signal| signal.heap_bytes()).sum();
        let method = match &self.method {
            Method::Rules(rules) => rules.heap_bytes(),
            Method::Learned(learned) => {
                size_of::<Learned>() + learned.features.heap_bytes() + learned.mask.heap_bytes()
            }
        };
        let parts = self.windows.heap_bytes() + self.transform.heap_bytes() + self.bands.heap_bytes();
        let trackers = self.noise.heap_bytes() + self.residual.heap_bytes();
        signals + method + parts + trackers + size_of_val(&*self.gains) + size_of_val(&*self.tail)
    }

    /// Memory of the constant tables in bytes.
    pub(super) fn model_bytes(&self) -> usize {
        let weights = match self.method {
            Method::Rules(_) => 0,
            Method::Learned(_) => LearnedMask::model_bytes(),
        };
        weights + self.transform.table_bytes()
    }

    pub(super) fn clear(&mut self) {
        for signal in [&mut self.error, &mut self.echo, &mut self.distorted] {
            signal.clear();
        }
        self.tail.fill(0.0);
        self.gains.fill(1.0);
        self.near_end = 0.0;
        self.echo_is_left = false;
        self.unknown = self.unknown_at_start;
        self.silent = self.longest_echo;
        self.resting = 0;
        self.distortion.clear();
        self.noise.clear();
        self.residual.clear();
        self.method.clear();
    }
}
