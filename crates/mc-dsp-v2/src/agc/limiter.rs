//! The true-peak limiter: sees a peak coming and is there when it arrives.

use mc_dsp::{PeakLimiter, SampleRate, db_to_gain};

use super::true_peak::{REACH, TruePeak};

/// Longest look-ahead in steps of 1 ms, and the steps over which a peak is remembered.
const MOST_STEPS: usize = 10;
const REMEMBERED: usize = MOST_STEPS + 2;

/// Delays the audio by the look-ahead. Every millisecond it takes the true peak of the newest audio; from then on the
/// gain falls on a straight line that ends, when that audio leaves, where the peak just fits. Behind it stands a
/// limiter without delay for what the line leaves: nothing, unless there is too little look-ahead for a line.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    ceiling: f32,
    true_peak: TruePeak,
    last: PeakLimiter,
    /// Samples of one step.
    step: usize,
    /// Whole steps between the end of a step and the moment when its first point leaves; `None` when that has left
    /// by then.
    lead: Option<usize>,
    /// The look-ahead: a ring.
    delay: Box<[f32]>,
    oldest: usize,
    /// The newest step, before it [`REACH`] samples on each side that interpolation needs.
    newest: Box<[f32]>,
    filled: usize,
    /// Most gain that the peak of each of the last steps bears, newest first.
    bearable: [f32; REMEMBERED],
    gain: f32,
    slope: f32,
}

impl Limiter {
    /// What interpolation underestimates at most, and quantisation to 16 bits may add, in dB.
    const MARGIN_DB: f32 = 0.5;
    /// Share of the way back to 1 that the gain goes in a step: a time constant of 60 ms.
    const RECOVERY: f32 = 1.0 / 60.0;

    /// A limiter to true peaks of `ceiling_dbfs` that delays by `look_ahead_ms` (0 to 10).
    pub(super) fn new(ceiling_dbfs: f32, look_ahead_ms: f32, rate: SampleRate) -> Self {
        let step = rate.samples_in_ms(1);
        let delay = (look_ahead_ms * step as f32).round() as usize;
        let ceiling = db_to_gain(ceiling_dbfs);
        Self {
            ceiling: ceiling * db_to_gain(-Self::MARGIN_DB),
            true_peak: TruePeak::new(),
            last: PeakLimiter::new(ceiling, rate),
            step,
            lead: (delay.saturating_sub(REACH) / step).checked_sub(1),
            delay: vec![0.0; delay].into(),
            oldest: 0,
            newest: vec![0.0; step + 2 * REACH].into(),
            filled: 0,
            bearable: [1.0; REMEMBERED],
            gain: 1.0,
            slope: 0.0,
        }
    }

    /// Takes a sample and returns the one that leaves.
    #[inline]
    pub(super) fn run(&mut self, sample: f32) -> f32 {
        self.newest[2 * REACH + self.filled] = sample;
        self.filled += 1;
        if self.filled == self.step {
            self.end_step();
        }
        let ring = self.delay.len();
        let leaving = match self.delay.get_mut(self.oldest) {
            Some(slot) => std::mem::replace(slot, sample),
            None => sample,
        };
        self.oldest = if self.oldest + 1 < ring { self.oldest + 1 } else { 0 };
        self.gain += self.slope;
        self.last.run(leaving * self.gain)
    }

    /// Present gain, 0 to 1.
    pub(super) fn gain(&self) -> f32 {
        self.gain * self.last.gain()
    }

    fn end_step(&mut self) {
        let peak = self.true_peak.of(&self.newest, self.ceiling);
        self.newest.copy_within(self.step.., 0);
        self.filled = 0;
        self.bearable.copy_within(..REMEMBERED - 1, 1);
        self.bearable[0] = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };

        // Too little look-ahead: the last limiter does it all.
        let Some(lead) = self.lead else { return };
        let mut next = self.gain + Self::RECOVERY * (1.0 - self.gain);
        // A step's last point leaves less than two steps after its first.
        for (age, &bearable) in self.bearable.iter().enumerate().take(lead + 2) {
            let steps_left = lead.saturating_sub(age);
            if steps_left == 0 {
                self.gain = self.gain.min(bearable);
            }
            next = next.min(self.gain + (bearable - self.gain) / steps_left.max(1) as f32);
        }
        self.slope = (next - self.gain) / self.step as f32;
    }

    pub(super) fn reset(&mut self, rate: SampleRate) {
        self.last = PeakLimiter::new(self.last.ceiling(), rate);
        self.delay.fill(0.0);
        self.newest.fill(0.0);
        (self.oldest, self.filled) = (0, 0);
        self.bearable = [1.0; REMEMBERED];
        (self.gain, self.slope) = (1.0, 0.0);
    }

    /// Delay in samples.
    pub(super) const fn delay(&self) -> usize {
        self.delay.len()
    }

    /// Memory on the heap in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.delay) + size_of_val(&*self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::{amplitude, white_noise};

    fn limited(signal: &[f32], look_ahead_ms: f32, rate: SampleRate) -> Vec<f32> {
        let mut limiter = Limiter::new(-1.0, look_ahead_ms, rate);
        signal.iter().map(|sample| limiter.run(*sample)).collect()
    }

    /// Noise whose loudness jumps up and down by 40 dB.
    fn bursts(rate: SampleRate) -> Vec<f32> {
        let mut signal = white_noise(1, 0.0, rate.samples_in_ms(1_000));
        for (index, part) in signal.chunks_mut(rate.samples_in_ms(37)).enumerate() {
            let gain = if index % 3 == 0 { 1.0 } else { 0.01 };
            part.iter_mut().for_each(|sample| *sample *= gain);
        }
        signal
    }

    #[test]
    fn no_sample_exceeds_the_ceiling_whatever_the_look_ahead() {
        for rate in SampleRate::ALL {
            for look_ahead_ms in [0.0, 0.5, 1.0, 2.5, 5.0, 9.3, 10.0] {
                let limited = limited(&bursts(rate), look_ahead_ms, rate);
                let largest = mc_testkit::measure::peak(&limited);
                assert!(largest <= amplitude(-1.0), "{largest} with {look_ahead_ms} ms at {rate:?}");
            }
        }
    }

    #[test]
    fn true_peaks_stay_below_the_ceiling_with_look_ahead() {
        for rate in SampleRate::ALL {
            for look_ahead_ms in [2.5, 5.0, 10.0] {
                let limited = limited(&bursts(rate), look_ahead_ms, rate);
                let largest = TruePeak::new().of(&limited, 0.0);
                assert!(largest <= amplitude(-1.0), "{largest} with {look_ahead_ms} ms at {rate:?}");
            }
        }
    }

    #[test]
    fn what_fits_passes_unchanged_after_the_look_ahead() {
        for rate in SampleRate::ALL {
            let signal = white_noise(1, -20.0, 4_000);
            let delay = rate.samples_in_ms(5);
            let limited = limited(&signal, 5.0, rate);
            assert_eq!(limited[delay..], signal[..4_000 - delay]);
            assert_eq!(limited[..delay], vec![0.0; delay]);
        }
    }

    #[test]
    fn with_look_ahead_the_gain_is_there_before_the_peak() {
        let rate = SampleRate::Hz16000;
        let mut signal = vec![0.25; 3_200];
        signal[1_600..].fill(2.0);
        let limited = limited(&signal, 5.0, rate);
        // The step leaves at 1680; before it the line goes down, without a jump larger than its slope.
        assert!(limited[1_679] < 0.15);
        assert!(limited[1_620..1_680].windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.01));
    }
}
