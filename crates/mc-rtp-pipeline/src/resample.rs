//! From one sample rate to another.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use mc_dsp::{ConfigError, SampleRate};
use mc_simd::SimdProcessor;

/// Length of the filter in samples of the lower rate: with the window below, what lies between pass band and stop band
/// is 540 Hz of 8 kHz wide.
const TAPS: usize = 64;

/// Middle between pass band and stop band, as a share of the lower rate's half: 3.7 kHz of 8.
const CUTOFF: f64 = 0.925;

/// Shape of the Kaiser window: 70 dB of stop band (Kaiser, 1974).
const BETA: f64 = 6.8;

/// Samples that are taken in at a time.
const STRETCH: usize = 480;

/// Rates that can be asked for, in Hz.
const RATES: RangeInclusive<u32> = 4_000..=192_000;

/// Most weights of a filter.
const MOST_WEIGHTS: usize = 1 << 16;

/// Changes the rate of a stream of f32 samples: a windowed sinc, in one phase per output sample that differs
/// (Crochiere and Rabiner 1983, polyphase structures). Nothing is allocated after construction.
///
/// It passes 85 % of what the lower rate can carry (3.4 kHz of 8 kHz) within 0.05 dB, and nothing that it cannot: aliases
/// and images are 70 dB down. It delays by 32 samples of the lower rate, not at all where both rates are the same.
/// Frames of whole milliseconds give frames of as many.
///
/// ```
/// use mc_dsp::SampleRate;
/// use mc_rtp_pipeline::Resampler;
///
/// let mut to_wideband = Resampler::new(SampleRate::Hz8000, SampleRate::Hz16000);
/// let (narrow, mut wide) = ([0.0; 160], [0.0; 320]); // 20 ms each
/// assert_eq!(to_wideband.process(&narrow, &mut wide), 320);
/// ```
#[derive(Clone, Debug)]
pub struct Resampler {
    up: usize,
    down: usize,
    /// Input samples that an output sample is made from.
    taps: usize,
    /// `taps` weights for each of `up` phases, the oldest sample's first.
    phases: Box<[f32]>,
    /// The last `taps - 1` samples, then a stretch of new ones.
    window: Box<[f32]>,
    /// Position of the next output sample behind the stretch's beginning, in steps of 1 / `up` samples.
    position: usize,
    hz_in: u32,
    simd: SimdProcessor,
}

impl Resampler {
    /// From `from` to `to`.
    #[must_use]
    pub fn new(from: SampleRate, to: SampleRate) -> Self {
        Self::in_ratio(from.hz(), Ratio::of(from.hz(), to.hz()))
    }

    /// From `from_hz` to `to_hz`, of which one may be no rate of telephony: 44,100 Hz, for instance.
    ///
    /// # Errors
    /// [`ConfigError`] naming a rate that is not 4,000 to 192,000, and `from_hz` for two whose ratio is of numbers so
    /// large that the filter would take more than 256 KiB.
    pub fn between(from_hz: u32, to_hz: u32) -> Result<Self, ConfigError> {
        for (name, hz) in [("from_hz", from_hz), ("to_hz", to_hz)] {
            if !RATES.contains(&hz) {
                return Err(ConfigError::new(name, hz, "4,000 to 192,000"));
            }
        }
        let ratio = Ratio::of(from_hz, to_hz);
        if ratio.up * ratio.taps > MOST_WEIGHTS {
            return Err(ConfigError::new("from_hz", from_hz, "a rate in a simple ratio to the other"));
        }
        Ok(Self::in_ratio(from_hz, ratio))
    }

    fn in_ratio(from_hz: u32, Ratio { up, down, taps }: Ratio) -> Self {
        Self {
            up,
            down,
            taps,
            phases: if up == down { Box::new([1.0]) } else { phases(up, down, taps) },
            window: vec![0.0; taps - 1 + STRETCH].into(),
            position: 0,
            hz_in: from_hz,
            simd: SimdProcessor::new(),
        }
    }

    /// By how much the audio is delayed, in milliseconds.
    #[must_use]
    pub fn latency_ms(&self) -> f32 {
        (self.taps / 2) as f32 * 1e3 / self.hz_in as f32
    }

    /// Resamples `input` to the front of `output` and returns how many samples that gave. What does not fit `output`
    /// is left out.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let mut made = 0;
        for stretch in input.chunks(STRETCH) {
            made += self.process_stretch(stretch, output.get_mut(made..).unwrap_or_default());
        }
        made
    }

    fn process_stretch(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let (past, taken) = (self.taps - 1, input.len());
        self.window[past..past + taken].copy_from_slice(input);
        let mut made = 0;
        let mut position = self.position;
        while position < taken * self.up {
            let (first, phase) = (position / self.up, position % self.up);
            if let Some(sample) = output.get_mut(made) {
                let weights = &self.phases[phase * self.taps..(phase + 1) * self.taps];
                *sample = self.simd.dot(weights, &self.window[first..first + self.taps]);
                made += 1;
            }
            position += self.down;
        }
        self.position = position - taken * self.up;
        self.window.copy_within(taken..taken + past, 0);
        made
    }

    /// Back to the state after construction.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
        self.position = 0;
    }
}

/// Two rates as the smallest numbers, and how many samples an output sample is made from.
struct Ratio {
    up: usize,
    down: usize,
    taps: usize,
}

impl Ratio {
    fn of(from_hz: u32, to_hz: u32) -> Self {
        let divisor = greatest_common_divisor(from_hz, to_hz);
        let (up, down) = ((to_hz / divisor) as usize, (from_hz / divisor) as usize);
        // Where nothing changes, the sample itself is all that it takes.
        let taps = if up == down { 1 } else { (TAPS * down).div_ceil(up).max(TAPS) };
        Self { up, down, taps }
    }
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn phases(up: usize, down: usize, taps: usize) -> Box<[f32]> {
    let length = (taps * up) as f64;
    // In cycles per sample of the common rate.
    let cutoff = CUTOFF * 0.5 / up.max(down) as f64;
    let weight = |n: usize| {
        let t = n as f64 - length / 2.0;
        let sinc = if t == 0.0 { 2.0 * cutoff } else { (2.0 * PI * cutoff * t).sin() / (PI * t) };
        let edge = 2.0 * t / length;
        sinc * bessel_i0(BETA * (1.0 - edge * edge).max(0.0).sqrt()) / bessel_i0(BETA) * up as f64
    };
    // Output sample `phase / up` behind input sample 0 weighs input sample `-k` by the filter at `k * up + phase`.
    let weights = (0..up).flat_map(|phase| (0..taps).rev().map(move |k| weight(k * up + phase) as f32));
    weights.collect()
}

/// Modified Bessel function of the first kind and order 0, by its series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    (1..40).fold(1.0, |sum, k| {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum + term
    })
}
