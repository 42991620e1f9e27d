//! Recordings as samples, and how two of them differ.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;

/// Longest time by which received audio may begin late, in samples: 1 s.
const LONGEST_SHIFT: usize = 8_000;

/// Where recordings begin and end, in samples: not quite together.
const EDGE: usize = 2_000;

/// Full scale of 16-bit samples.
const FULL_SCALE: f64 = 32_768.0;

/// Reads any audio file that ffmpeg reads, as 8 kHz mono.
pub(super) fn read(file: &Path) -> Outcome<Vec<i16>> {
    read_through(file, "anull")
}

/// Reads one channel of it.
pub(super) fn read_channel(file: &Path, channel: usize) -> Outcome<Vec<i16>> {
    read_through(file, &format!("pan=mono|c0=c{channel}"))
}

fn read_through(file: &Path, filter: &str) -> Outcome<Vec<i16>> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-af", filter, "-ar", "8000", "-ac", "1", "-f", "s16le", "-"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("ffmpeg: {error}"))?;
    if !output.status.success() {
        return Err(format!("{}: {}", file.display(), String::from_utf8_lossy(&output.stderr).trim_end()));
    }
    let (pairs, _) = output.stdout.as_chunks();
    Ok(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

/// What lies between a quarter of a second at either end, up to the last `seconds` of it.
pub(super) fn last(samples: &[i16], seconds: usize) -> &[i16] {
    let end = samples.len().saturating_sub(EDGE);
    &samples[end.saturating_sub(8_000 * seconds).max(EDGE.min(end))..end]
}

/// Mean power, in dB against full scale.
pub(super) fn decibels(samples: &[i16]) -> f64 {
    10.0 * mean_power(samples).log10()
}

/// Power of a tone within, in dB against full scale.
pub(super) fn tone_db(samples: &[i16], hz: u32) -> f64 {
    10.0 * tone_power(samples, hz).log10()
}

/// Power of a tone over that of everything else, in dB.
pub(super) fn purity_db(samples: &[i16], hz: u32) -> f64 {
    let tone = tone_power(samples, hz);
    10.0 * (tone / (mean_power(samples) - tone).max(f64::MIN_POSITIVE)).log10()
}

fn mean_power(samples: &[i16]) -> f64 {
    let energy: f64 = samples.iter().map(|sample| (f64::from(*sample) / FULL_SCALE).powi(2)).sum();
    energy / samples.len().max(1) as f64
}

/// By its correlation with the tone, over a whole number of periods of 8 kHz: a tenth of a second holds one of each
/// multiple of 10 Hz.
fn tone_power(samples: &[i16], hz: u32) -> f64 {
    let samples = &samples[..samples.len() / 800 * 800];
    let step = std::f64::consts::TAU * f64::from(hz) / 8_000.0;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (step * n as f64).sin_cos();
        re += f64::from(*sample) / FULL_SCALE * cos;
        im += f64::from(*sample) / FULL_SCALE * sin;
    }
    2.0 * (re * re + im * im) / (samples.len().max(1) as f64).powi(2)
}

/// How much one recording differs from another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    /// Power of the recording over power of the difference, in dB; infinite if there is none.
    pub(super) snr_db: f64,
    /// Root of the mean squared difference, in steps of 16-bit samples.
    pub(super) rms: f64,
}

impl Difference {
    /// Over the whole of `sent`: where `received` ends early, silence was received.
    pub(super) fn between(sent: &[i16], received: &[i16]) -> Self {
        let received = received.iter().copied().chain(std::iter::repeat(0));
        let power = |sum: f64| sum / sent.len().max(1) as f64;
        let signal = power(sent.iter().map(|s| f64::from(*s).powi(2)).sum());
        let noise =
            power(sent.iter().zip(received).map(|(s, r)| (f64::from(r) - f64::from(*s)).powi(2)).sum());
        Self { snr_db: 10.0 * (signal / noise).log10(), rms: noise.sqrt() }
    }
}

/// By how many samples `received` begins later than `sent`: the shift with the least difference, up to a
/// second. A part of the samples decides: enough to tell shifts apart, few enough to try them all.
pub(super) fn shift(sent: &[i16], received: &[i16]) -> usize {
    let difference = |shift: &usize| -> i64 {
        let pairs = sent.iter().zip(shifted(received, *shift));
        pairs.step_by(17).map(|(s, r)| (i64::from(*s) - i64::from(*r)).pow(2)).sum()
    };
    let last = LONGEST_SHIFT.min(received.len().saturating_sub(sent.len()));
    (0..=last).min_by_key(difference).unwrap_or(0)
}

/// What follows the first `shift` samples.
pub(super) fn shifted(samples: &[i16], shift: usize) -> &[i16] {
    samples.get(shift..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(samples: usize) -> Vec<i16> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as i16
        };
        (0..samples).map(|_| next()).collect()
    }

    #[test]
    fn the_shift_is_found() {
        let sent = noise(4_000);
        let received: Vec<i16> = [vec![0; 321], sent.clone()].concat();
        assert_eq!(shift(&sent, &received), 321);
        assert_eq!(shift(&sent, &sent), 0);
        assert!(Difference::between(&sent, shifted(&received, 321)).snr_db.is_infinite());
    }

    #[test]
    fn a_tone_is_told_from_all_else() {
        let wave =
            |hz: f64, peak: f64| move |n: i32| peak * (std::f64::consts::TAU * hz * f64::from(n) / 8e3).sin();
        let (tone, other) = (wave(440.0, 16_384.0), wave(1_000.0, 1_638.4));
        let both: Vec<i16> = (0..8_100).map(|n| (tone(n) + other(n)) as i16).collect();
        assert!((tone_db(&both, 440) + 9.03).abs() < 0.01 && (tone_db(&both, 1_000) + 29.03).abs() < 0.05);
        assert!((purity_db(&both, 440) - 20.0).abs() < 0.1, "{}", purity_db(&both, 440));
        assert!((decibels(&both) + 8.99).abs() < 0.01);
    }

    #[test]
    fn differences_have_the_size_they_have() {
        let sent = [1_000_i16; 100];
        let one_off = Difference::between(&sent, &[1_001; 100]);
        assert!((one_off.snr_db - 60.0).abs() < 1e-9 && (one_off.rms - 1.0).abs() < 1e-9);
        let half_missing = Difference::between(&sent, &sent[..50]);
        assert!((half_missing.snr_db - 3.01).abs() < 0.01);
    }
}
