//! How loud the sum may become.

use mc_dsp::SampleRate;
use mc_simd::SimdProcessor;

use super::frame::Frame;

/// Up to here nothing is done.
const KNEE: f32 = 0.5;
/// How fast the gain falls, in milliseconds.
const ATTACK_MS: u32 = 2;
/// How fast it comes back: the share of the way to 1 in a millisecond.
const RELEASE_PER_MS: f32 = 0.004;

/// A soft limiter whose gain follows the peaks of the sum of all voices. Everybody hears the same gain, so it is
/// found once in a tick, whatever the number of listeners.
#[derive(Debug)]
pub(super) struct SumLimiter {
    /// One for each sample of the tick.
    gains: Frame,
    gain: f32,
    /// Whether they are all the same.
    is_steady: bool,
    attack: usize,
    release: f32,
}

impl SumLimiter {
    pub(super) fn new(rate: SampleRate, samples: usize) -> Self {
        let release = 1.0 - (1.0 - RELEASE_PER_MS).powf(rate.ms_of(samples));
        let attack = rate.samples_in_ms(ATTACK_MS).min(samples);
        Self { gains: Frame::filled(1.0, samples), gain: 1.0, is_steady: true, attack, release }
    }

    /// The gains for a tick in which `sum` is to be heard, one for each of its samples.
    pub(super) fn gains(&mut self, sum: &[f32], simd: &SimdProcessor) -> &[f32] {
        let peak = simd.peak(sum);
        let wanted = if peak > KNEE { soft(peak) / peak } else { 1.0 };
        let before = self.gain;
        self.gain = if wanted < before { wanted } else { before + (wanted - before) * self.release };
        if self.gain > 0.999 {
            self.gain = 1.0;
        }
        if before == 1.0 && self.gain == 1.0 && self.is_steady {
            return &self.gains;
        }
        self.is_steady = before == self.gain;
        // Down at once, up over the whole tick.
        let glide = if self.gain < before { self.attack } else { self.gains.len() };
        let (gliding, steady) = self.gains.split_at_mut(glide);
        let step = (self.gain - before) / glide as f32;
        for (n, gain) in gliding.iter_mut().enumerate() {
            *gain = before + step * (n + 1) as f32;
        }
        steady.fill(self.gain);
        &self.gains
    }
}

/// A magnitude above the knee, bent so that it never reaches 1.
fn soft(magnitude: f32) -> f32 {
    let room = 1.0 - KNEE;
    KNEE + room * ((magnitude - KNEE) / room).tanh()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_sums_pass_and_loud_ones_stay_below_full_scale() {
        let simd = SimdProcessor::new();
        let mut limiter = SumLimiter::new(SampleRate::Hz8000, 160);
        assert_eq!(limiter.gains(&[0.4; 160], &simd), [1.0; 160]);
        for peak in [0.6, 1.0, 4.0, 60.0] {
            let gains = limiter.gains(&[peak; 160], &simd);
            let after = gains[ATTACK_MS as usize * 8 - 1..].iter().map(|gain| gain * peak);
            assert!(after.into_iter().all(|sample| sample <= 1.0), "{peak}");
        }
        let ticks = (0..200).find(|_| limiter.gains(&[0.1; 160], &simd) == [1.0; 160]).unwrap();
        assert!((10..150).contains(&ticks), "{ticks}");
    }
}
