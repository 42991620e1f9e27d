//! Recordings as samples, and how two of them differ.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;

/// Longest time by which received audio may begin late, in samples: 1 s.
const LONGEST_SHIFT: usize = 8_000;

/// Reads any audio file that ffmpeg reads, as 8 kHz mono.
pub(super) fn read(file: &Path) -> Outcome<Vec<i16>> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-ar", "8000", "-ac", "1", "-f", "s16le", "-"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("ffmpeg: {error}"))?;
    if !output.status.success() {
        return Err(format!("{}: {}", file.display(), String::from_utf8_lossy(&output.stderr).trim_end()));
    }
    let (pairs, _) = output.stdout.as_chunks();
    Ok(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
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
    fn differences_have_the_size_they_have() {
        let sent = [1_000_i16; 100];
        let one_off = Difference::between(&sent, &[1_001; 100]);
        assert!((one_off.snr_db - 60.0).abs() < 1e-9 && (one_off.rms - 1.0).abs() < 1e-9);
        let half_missing = Difference::between(&sent, &sent[..50]);
        assert!((half_missing.snr_db - 3.01).abs() < 0.01);
    }
}
