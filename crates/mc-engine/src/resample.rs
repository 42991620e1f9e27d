//! From one sample rate to another.

use std::f64::consts::PI;

use mc_dsp::SampleRate;
use mc_simd::SimdProcessor;

/// Input samples that one output sample is made from, for each time that the rate falls by.
const TAPS: usize = 32;
/// Where the pass band ends, as a share of the lower rate's half.
const PASS: f64 = 0.92;
/// Shape of the Kaiser window: about 80 dB of stop band.
const BETA: f64 = 8.0;

/// Changes the rate of a stream of f32 samples: a windowed sinc, in one phase per output sample that differs
/// (Crochiere and Rabiner 1983, polyphase structures). Nothing is allocated after construction.
///
/// Frames of whole milliseconds give frames of as many; [`latency_ms`](Self::latency_ms) is what is added to the
/// delay. Frames must not exceed the length given to [`new`](Self::new).
///
/// ```
/// use mc_engine::{Resampler, SampleRate};
///
/// let mut to_wideband = Resampler::new(SampleRate::Hz8000, SampleRate::Hz16000, 160);
/// let (narrow, mut wide) = ([0.0; 160], [0.0; 320]); // 20 ms each
/// assert_eq!(to_wideband.process(&narrow, &mut wide), 320);
/// ```
#[derive(Clone, Debug)]
pub struct Resampler {
    up: usize,
    down: usize,
    /// Samples per output sample.
    taps: usize,
    /// `taps` weights for each of `up` phases, the oldest sample's first.
    phases: Box<[f32]>,
    /// The last `taps - 1` samples, then the frame.
    window: Box<[f32]>,
    /// Position of the next output sample behind the frame's beginning, in steps of 1 / `up` samples.
    position: usize,
    rate_in: SampleRate,
    simd: SimdProcessor,
}

impl Resampler {
    /// From `from` to `to`, in frames of up to `longest` input samples.
    #[must_use]
    pub fn new(from: SampleRate, to: SampleRate, longest: usize) -> Self {
        let divisor = greatest_common_divisor(from.hz(), to.hz());
        let (up, down) = ((to.hz() / divisor) as usize, (from.hz() / divisor) as usize);
        let taps = TAPS * down.div_ceil(up);
        Self {
            up,
            down,
            taps,
            phases: phases(up, down, taps),
            window: vec![0.0; taps - 1 + longest].into(),
            position: 0,
            rate_in: from,
            simd: SimdProcessor::new(),
        }
    }

    /// Half the filter's length, in milliseconds.
    #[must_use]
    pub fn latency_ms(&self) -> f32 {
        self.rate_in.ms_of(self.taps / 2)
    }

    /// Resamples `input` to the front of `output` and returns how many samples that gave. What exceeds the length
    /// given to [`new`](Self::new), or does not fit `output`, is left out.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let past = self.taps - 1;
        let taken = input.len().min(self.window.len() - past);
        self.window[past..past + taken].copy_from_slice(&input[..taken]);
        let mut written = 0;
        let mut position = self.position;
        while position < taken * self.up {
            let (first, phase) = (position / self.up, position % self.up);
            if let Some(sample) = output.get_mut(written) {
                let weights = &self.phases[phase * self.taps..(phase + 1) * self.taps];
                *sample = self.simd.dot(weights, &self.window[first..first + self.taps]);
                written += 1;
            }
            position += self.down;
        }
        self.position = position - taken * self.up;
        self.window.copy_within(taken..taken + past, 0);
        written
    }

    /// Back to the state after construction.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
        self.position = 0;
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
    let cutoff = PASS * 0.5 / up.max(down) as f64;
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

#[cfg(test)]
mod tests {
    use mc_testkit::measure::rms_dbfs;
    use mc_testkit::signal::sine;

    use super::*;

    fn resampled(from: SampleRate, to: SampleRate, input: &[f32]) -> Vec<f32> {
        let (frame, out) = (from.samples_in_ms(10), to.samples_in_ms(10));
        let mut resampler = Resampler::new(from, to, frame);
        let mut output = Vec::new();
        for chunk in input.chunks_exact(frame) {
            let mut room = vec![0.0; out + 1];
            assert_eq!(resampler.process(chunk, &mut room), out);
            output.extend(&room[..out]);
        }
        output
    }

    #[test]
    fn a_tone_keeps_level_and_pitch_at_every_pair_of_rates() {
        for from in SampleRate::ALL {
            for to in SampleRate::ALL {
                let output = resampled(from, to, &sine(from.hz(), 1_000.0, 0.5, from.samples_in_ms(1_000)));
                // The same tone at the new rate, as late as the filter makes it.
                let late = to.samples_in_ms(50)..to.samples_in_ms(950);
                let energy: f32 = output[late.clone()].iter().map(|s| s * s).sum();
                let step = std::f32::consts::TAU * 1_000.0 / to.hz() as f32;
                let (mut i, mut q) = (0.0f32, 0.0f32);
                for (n, sample) in output[late].iter().enumerate() {
                    i += sample * (step * n as f32).cos();
                    q += sample * (step * n as f32).sin();
                }
                let samples = to.samples_in_ms(900) as f32;
                let of_tone = 2.0 * (i * i + q * q) / samples;
                assert!((of_tone / energy - 1.0).abs() < 1e-3, "{from:?} to {to:?}");
                assert!(
                    (rms_dbfs(&output[to.samples_in_ms(50)..]) + 9.03).abs() < 0.05,
                    "{from:?} to {to:?}"
                );
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_left_out() {
        for (from, to, hz) in [
            (SampleRate::Hz16000, SampleRate::Hz8000, 5_000.0),
            (SampleRate::Hz48000, SampleRate::Hz16000, 11_000.0),
            (SampleRate::Hz48000, SampleRate::Hz32000, 18_000.0),
        ] {
            let output = resampled(from, to, &sine(from.hz(), hz, 0.5, from.samples_in_ms(500)));
            assert!(rms_dbfs(&output[to.samples_in_ms(50)..]) < -70.0, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn the_cut_into_frames_changes_nothing() {
        let input = sine(8_000, 700.0, 0.5, 800);
        let mut whole = vec![0.0; 1_600];
        Resampler::new(SampleRate::Hz8000, SampleRate::Hz16000, 800).process(&input, &mut whole);
        assert_eq!(whole, resampled(SampleRate::Hz8000, SampleRate::Hz16000, &input));
    }
}
