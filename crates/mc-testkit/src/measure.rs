//! Measures on audio. Powers are computed in `f64`, so that a minute of samples adds up.

/// Level of digital silence, in dBFS, and floor of every level here.
pub const SILENCE_DBFS: f32 = -100.0;
/// Ratios of powers are cut to ± this, in dB: more would say nothing about 16-bit audio.
pub const MAX_RATIO_DB: f32 = 100.0;

/// Sum of squares.
#[must_use]
pub fn energy(signal: &[f32]) -> f64 {
    signal.iter().map(|s| f64::from(*s) * f64::from(*s)).sum()
}

/// RMS level in dBFS, 0 for a full-scale square wave.
#[must_use]
pub fn rms_dbfs(signal: &[f32]) -> f32 {
    let mean = energy(signal) / signal.len().max(1) as f64;
    (10.0 * mean.log10() as f32).max(SILENCE_DBFS)
}

/// RMS level over those labelled frames only, in dBFS: the active speech level when `active` says where
/// there is speech. Each label covers `frame_samples`.
#[must_use]
pub fn active_dbfs(signal: &[f32], active: &[bool], frame_samples: usize) -> f32 {
    let speech = signal.chunks(frame_samples).zip(active).filter(|(_, a)| **a);
    let (sum, samples) = speech.fold((0.0, 0), |(e, n), (f, _)| (e + energy(f), n + f.len()));
    (10.0 * (sum / samples.max(1) as f64).log10() as f32).max(SILENCE_DBFS)
}

/// Largest magnitude.
#[must_use]
pub fn peak(signal: &[f32]) -> f32 {
    signal.iter().fold(0.0, |max, s| max.max(s.abs()))
}

/// Signal-to-noise ratio of `degraded` against `reference`, in dB: everything that differs is noise.
#[must_use]
pub fn snr_db(reference: &[f32], degraded: &[f32]) -> f32 {
    let noise: f64 =
        reference.iter().zip(degraded).map(|(r, d)| (f64::from(*d) - f64::from(*r)).powi(2)).sum();
    ratio_db(energy(reference), noise)
}

/// Signal-to-distortion ratio of the near end left in `output`, in dB: like [`snr_db`] after the best
/// constant gain, so that a mere change of level is no distortion.
#[must_use]
pub fn near_end_sdr_db(near_end: &[f32], output: &[f32]) -> f32 {
    let cross: f64 = near_end.iter().zip(output).map(|(n, o)| f64::from(*n) * f64::from(*o)).sum();
    let gain = cross / energy(near_end).max(f64::MIN_POSITIVE);
    let kept = gain * cross;
    ratio_db(kept, energy(output) - kept)
}

/// Echo return loss enhancement, in dB: power of the microphone over power of the output. It means
/// something only where there is echo and nothing else.
#[must_use]
pub fn erle_db(microphone: &[f32], output: &[f32]) -> f32 {
    ratio_db(energy(microphone), energy(output))
}

/// [`erle_db`] of each whole segment of `segment_samples`; `None` where the microphone is below
/// `floor_dbfs`.
#[must_use]
pub fn erle_per_segment(
    microphone: &[f32],
    output: &[f32],
    segment_samples: usize,
    floor_dbfs: f32,
) -> Vec<Option<f32>> {
    (microphone.chunks_exact(segment_samples).zip(output.chunks_exact(segment_samples)))
        .map(|(m, o)| (rms_dbfs(m) > floor_dbfs).then(|| erle_db(m, o)))
        .collect()
}

/// First sample from which a window of `window_samples` has at least `wanted_db` of ERLE, in steps of a
/// tenth of the window; `None` when no window has.
#[must_use]
pub fn convergence_samples(
    microphone: &[f32],
    output: &[f32],
    window_samples: usize,
    wanted_db: f32,
) -> Option<usize> {
    let last = microphone.len().min(output.len()).checked_sub(window_samples)?;
    (0..=last).step_by((window_samples / 10).max(1)).find(|&start| {
        let window = start..start + window_samples;
        energy(&microphone[window.clone()]) > 0.0
            && erle_db(&microphone[window.clone()], &output[window]) >= wanted_db
    })
}

/// Share of the near end's frames that come out more than `loss_db` lower than they were: words that were cut.
/// Frames below `floor_dbfs` do not count; 0 when none does.
#[must_use]
pub fn clipped_share(
    near_end: &[f32],
    output: &[f32],
    frame_samples: usize,
    floor_dbfs: f32,
    loss_db: f32,
) -> f32 {
    let frames = near_end.chunks_exact(frame_samples).zip(output.chunks_exact(frame_samples));
    let (clipped, all) = frames.filter(|(near, _)| rms_dbfs(near) > floor_dbfs).fold(
        (0.0, 0.0_f32),
        |(clipped, all), (near, out)| {
            (clipped + f32::from(u8::from(rms_dbfs(near) - rms_dbfs(out) > loss_db)), all + 1.0)
        },
    );
    clipped / all.max(1.0)
}

/// Area under the ROC curve of scores against labels: the chance that a frame of speech scores higher than
/// one without, equal scores counting half. 0.5 when either kind is missing.
#[must_use]
pub fn roc_area(labels: &[bool], scores: &[f32]) -> f32 {
    let mut ranked: Vec<(f32, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut area) = (0.0, 0.0);
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let speech = tied.iter().filter(|(_, label)| *label).count() as f64;
        let other = tied.len() as f64 - speech;
        area += speech * (below + other / 2.0);
        below += other;
    }
    let pairs = below * (ranked.len() as f64 - below);
    if pairs > 0.0 { (area / pairs) as f32 } else { 0.5 }
}

/// Shares of labelled frames: (speech decided as speech, other frames decided as speech), each 0 to 1.
#[must_use]
pub fn detection_rates(labels: &[bool], decisions: &[bool]) -> (f32, f32) {
    let rate = |wanted: bool| {
        let of = labels.iter().filter(|l| **l == wanted).count().max(1);
        let hit = labels.iter().zip(decisions).filter(|(l, d)| **l == wanted && **d).count();
        hit as f32 / of as f32
    };
    (rate(true), rate(false))
}

fn ratio_db(wanted: f64, unwanted: f64) -> f32 {
    let limit = f64::from(MAX_RATIO_DB);
    if wanted <= 0.0 && unwanted <= 0.0 {
        return 0.0;
    }
    (10.0 * (wanted / unwanted.max(0.0)).log10()).clamp(-limit, limit) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{add, sine, white_noise};

    #[test]
    fn ratios_are_those_of_the_powers() {
        let signal = sine(8_000, 440.0, 0.5, 8_000);
        let mut noisy = signal.clone();
        add(&mut noisy, &white_noise(1, -29.03, 8_000));
        // The sine is at -9.03 dBFS.
        assert!((snr_db(&signal, &noisy) - 20.0).abs() < 0.3);
        assert!((erle_db(&signal, &signal.iter().map(|s| s / 10.0).collect::<Vec<_>>()) - 20.0).abs() < 0.01);
    }

    #[test]
    fn a_change_of_level_is_no_distortion_but_noise_is() {
        let near = sine(8_000, 440.0, 0.5, 8_000);
        let louder: Vec<f32> = near.iter().map(|s| s * 1.5).collect();
        assert!(near_end_sdr_db(&near, &louder) > 80.0);
        let mut noisy = louder;
        add(&mut noisy, &white_noise(1, -25.51, 8_000));
        assert!((near_end_sdr_db(&near, &noisy) - 20.0).abs() < 0.3, "{}", near_end_sdr_db(&near, &noisy));
    }

    #[test]
    fn degenerate_signals_have_finite_measures() {
        let (none, zeros, ones): (&[f32], _, _) = (&[], [0.0; 80], [1.0; 80]);
        for (a, b) in [(none, none), (&zeros, &zeros), (&zeros, &ones), (&ones, &zeros)] {
            for db in
                [snr_db(a, b), near_end_sdr_db(a, b), erle_db(a, b), rms_dbfs(a), active_dbfs(a, &[], 8)]
            {
                assert!(db.is_finite(), "{db}");
            }
        }
        assert_eq!(erle_db(&ones, &zeros), MAX_RATIO_DB);
        assert_eq!(rms_dbfs(&zeros), SILENCE_DBFS);
    }

    #[test]
    fn segments_and_convergence_see_when_the_echo_went() {
        let microphone = white_noise(1, -20.0, 8_000);
        let mut output = microphone.clone();
        for sample in &mut output[4_000..] {
            *sample *= 0.01;
        }
        let erle = erle_per_segment(&microphone, &output, 2_000, -60.0);
        assert_eq!(erle.len(), 4);
        assert!(erle[1].unwrap().abs() < 0.01 && (erle[2].unwrap() - 40.0).abs() < 0.01);
        assert_eq!(erle_per_segment(&[0.0; 10], &[0.0; 10], 10, -60.0), [None]);
        assert_eq!(convergence_samples(&microphone, &output, 1_000, 20.0), Some(4_000));
        assert_eq!(convergence_samples(&microphone, &output, 1_000, 50.0), None);
        assert_eq!(convergence_samples(&[], &[], 1_000, 50.0), None);
    }

    #[test]
    fn cut_frames_are_counted_among_those_that_are_loud_enough() {
        let near = [[0.1; 80], [0.1; 80], [0.0; 80], [0.1; 80]].concat();
        let out = [[0.1; 80], [0.04; 80], [0.0; 80], [0.06; 80]].concat();
        assert!((clipped_share(&near, &out, 80, -50.0, 6.0) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(clipped_share(&[0.0; 80], &[0.0; 80], 80, -50.0, 6.0), 0.0);
    }

    #[test]
    fn active_level_counts_labelled_frames_only() {
        let signal = [0.1, -0.1, 0.9, 0.9, 0.1, 0.1];
        assert!((active_dbfs(&signal, &[true, false, true], 2) + 20.0).abs() < 1e-4);
    }

    #[test]
    fn roc_area_is_the_chance_of_the_right_order() {
        let labels = [true, true, false, false];
        assert_eq!(roc_area(&labels, &[0.9, 0.8, 0.2, 0.1]), 1.0);
        assert_eq!(roc_area(&labels, &[0.1, 0.2, 0.8, 0.9]), 0.0);
        assert_eq!(roc_area(&labels, &[0.5; 4]), 0.5);
        assert_eq!(roc_area(&labels, &[0.9, 0.3, 0.5, 0.1]), 0.75);
        assert_eq!(roc_area(&[true], &[0.3]), 0.5);
    }

    #[test]
    fn detection_rates_are_of_each_kind() {
        let labels = [true, true, true, true, false, false];
        assert_eq!(detection_rates(&labels, &[true, true, true, false, true, false]), (0.75, 0.5));
        assert_eq!(detection_rates(&[], &[]), (0.0, 0.0));
    }
}
