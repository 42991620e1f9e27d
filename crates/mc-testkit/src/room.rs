//! Synthetic echo paths.

use crate::rng::Rng;
use crate::signal::{amplitude, apply_db};

/// A path from loudspeaker to microphone: a direct sound, then noise that decays exponentially (Polack's
/// model of late reverberation, 1988). Linear and constant in time.
#[derive(Clone, Debug)]
pub struct Room {
    impulse_response: Vec<f32>,
}

impl Room {
    /// A room whose response lasts `length_ms` and has decayed by 40 dB at its end. The direct sound
    /// arrives after 1 to 3 ms and carries about half of the energy. White noise leaves it
    /// `return_loss_db` lower than it entered.
    #[must_use]
    pub fn new(seed: u64, rate_hz: u32, length_ms: f32, return_loss_db: f32) -> Self {
        let mut rng = Rng::new(seed ^ 0x726F_6F6D);
        let rate = f64::from(rate_hz);
        let taps = ((f64::from(length_ms) / 1_000.0 * rate) as usize).max(1);
        let direct = ((rng.uniform(0.001..0.003) * rate) as usize).min(taps - 1);
        let mut impulse_response = vec![0.0; taps];
        let decay_per_tap = -40.0 / (taps - direct) as f32;
        for (n, tap) in impulse_response[direct..].iter_mut().enumerate() {
            *tap = rng.gaussian() as f32 * amplitude(decay_per_tap * n as f32);
        }
        let reflected: f32 = impulse_response.iter().map(|h| h * h).sum();
        impulse_response[direct] += reflected.sqrt();
        let energy: f32 = impulse_response.iter().map(|h| h * h).sum();
        apply_db(&mut impulse_response, -return_loss_db - 10.0 * energy.log10());
        Self { impulse_response }
    }

    /// The impulse response, one tap per sample.
    #[must_use]
    pub fn impulse_response(&self) -> &[f32] {
        &self.impulse_response
    }

    /// What the microphone hears of `far_end`: as many samples, the tail beyond them left out.
    #[must_use]
    pub fn echo_of(&self, far_end: &[f32]) -> Vec<f32> {
        let mut echo = vec![0.0; far_end.len()];
        // One pass per tap: contiguous in both slices, so the compiler vectorises it.
        for (delay, tap) in self.impulse_response.iter().enumerate().take(far_end.len()) {
            for (out, sample) in echo[delay..].iter_mut().zip(far_end) {
                *out += tap * sample;
            }
        }
        echo
    }
}

/// `signal` later by `samples`, at the same length: zeros first, the end cut off.
#[must_use]
pub fn delayed(signal: &[f32], samples: usize) -> Vec<f32> {
    let zeros = std::iter::repeat_n(0.0, samples);
    zeros.chain(signal.iter().copied()).take(signal.len()).collect()
}

/// `signal` as a clock records it that runs slower than the player's by `ppm` parts per million: it gets later
/// by as many microseconds each second when positive. Read between its samples by a sinc under a Hann window.
#[must_use]
pub fn drifting(signal: &[f32], ppm: f64) -> Vec<f32> {
    const ZEROS: isize = 16;
    let weight = |distance: f64| {
        let angle = std::f64::consts::PI * distance;
        let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
        sinc * (0.5 + 0.5 * (angle / ZEROS as f64).cos())
    };
    let read = |place: f64| {
        let whole = place.floor() as isize;
        let near = (1 - ZEROS..=ZEROS).map(|n| whole + n).filter(|n| (0..signal.len() as isize).contains(n));
        near.map(|n| weight(n as f64 - place) * f64::from(signal[n as usize])).sum::<f64>() as f32
    };
    (0..signal.len()).map(|n| read(n as f64 * (1.0 - ppm * 1e-6))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::rms_dbfs;
    use crate::signal::white_noise;

    #[test]
    fn an_impulse_comes_back_as_the_response() {
        let room = Room::new(1, 8_000, 32.0, 6.0);
        let mut impulse = vec![0.0; 400];
        impulse[3] = 1.0;
        let echo = room.echo_of(&impulse);
        assert_eq!(room.impulse_response().len(), 256);
        assert_eq!(&echo[3..259], room.impulse_response());
        assert!(echo[..3].iter().chain(&echo[259..]).all(|s| *s == 0.0));
    }

    #[test]
    fn white_noise_loses_the_return_loss() {
        for seed in 0..5 {
            let noise = white_noise(seed, -20.0, 16_000);
            let echo = Room::new(seed, 16_000, 32.0, 9.0).echo_of(&noise);
            assert!((rms_dbfs(&noise) - rms_dbfs(&echo) - 9.0).abs() < 0.5, "seed {seed}");
        }
    }

    #[test]
    fn a_drifting_wave_gets_later_in_proportion() {
        let wave = |n: f64| (0.3 * n).sin() as f32;
        let signal: Vec<f32> = (0..20_000).map(|n| wave(f64::from(n))).collect();
        for ppm in [0.0, 200.0, -200.0] {
            let later = drifting(&signal, ppm);
            for n in [100, 5_000, 15_001] {
                let expected = wave(n as f64 * (1.0 - ppm * 1e-6));
                assert!((later[n] - expected).abs() < 1e-3, "{} {expected} {n} {ppm}", later[n]);
            }
        }
    }

    #[test]
    fn a_delay_keeps_the_length() {
        assert_eq!(delayed(&[1.0, 2.0, 3.0], 1), [0.0, 1.0, 2.0]);
        assert_eq!(delayed(&[1.0, 2.0], 5), [0.0, 0.0]);
        assert!(delayed(&[], 2).is_empty());
    }
}
