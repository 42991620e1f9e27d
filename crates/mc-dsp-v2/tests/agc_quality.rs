//! What the gain control makes of speech, noise, claps and alternating talkers.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use mc_dsp::{GainControl, GainReport, Processor, SampleRate};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
use mc_testkit::measure::{active_dbfs, peak};
use mc_testkit::scene;
use mc_testkit::signal::{Talker, add, apply_db, white_noise};

const RATE: SampleRate = SampleRate::Hz8000;
const FRAME: usize = 80;

/// The output, aligned with the input, and what was reported of each 10 ms.
fn level(signal: &[f32]) -> (Vec<f32>, Vec<GainReport>) {
    level_with(AdvancedAgcConfig::default(), signal)
}

fn level_with(config: AdvancedAgcConfig, signal: &[f32]) -> (Vec<f32>, Vec<GainReport>) {
    let mut agc = AdvancedAutomaticGainControl::new(config, RATE).unwrap();
    let mut out = signal.to_vec();
    let reports = out.chunks_exact_mut(FRAME).map(|frame| agc.process(frame, None).unwrap()).collect();
    out.drain(..agc.latency_samples());
    (out, reports)
}

#[test]
fn speech_of_any_level_comes_to_the_target() {
    for seed in 1..=3 {
        let mut least_and_most = [f32::INFINITY, f32::NEG_INFINITY];
        for dbfs in [-45.0, -35.0, -25.0, -15.0, -6.0] {
            let scene = scene::levels(seed, RATE.hz(), dbfs);
            let (out, _) = level(&scene.samples);
            let settled = active_dbfs(&out[1_000 * FRAME..], &scene.speech[1_000..1_990], FRAME);
            // Labels call more of a made-up talker's gaps speech than P.56 does.
            assert!((settled + 18.0).abs() < 3.8, "{settled} dBFS from {dbfs}, seed {seed}");
            assert!(peak(&out) <= mc_dsp::db_to_gain(-1.0));
            if dbfs < -6.0 {
                least_and_most = [least_and_most[0].min(settled), least_and_most[1].max(settled)];
            }
        }
        let [least, most] = least_and_most;
        assert!(most - least < 0.2, "{least} to {most} dBFS, seed {seed}");
    }
}

#[test]
fn the_gain_rests_in_pauses_and_noise_alone_is_not_lifted() {
    let mut signal = scene::levels(1, RATE.hz(), -35.0).samples;
    signal.extend(white_noise(2, -60.0, 10 * 8_000));
    let (_, reports) = level(&signal);
    let (speech, pause) = reports.split_at(2_000);
    let before = speech[1_999].gain_db;
    assert!(before > 15.0);
    let gate_db = AdvancedAgcConfig::default().gate_db;
    assert!(pause.iter().all(|report| (-gate_db - 0.1..0.1).contains(&(report.gain_db - before))));
    for dbfs in [-70.0, -50.0, -30.0] {
        let (_, reports) = level(&white_noise(3, dbfs, 10 * 8_000));
        assert!(reports.iter().all(|report| report.gain_db.abs() < 0.1));
    }
}

#[test]
fn a_clap_does_not_pull_the_gain_down() {
    let signal = scene::levels(1, RATE.hz(), -38.0).samples;
    let mut clap = white_noise(5, -3.0, 160);
    for (n, sample) in (0u8..).zip(&mut clap) {
        *sample *= (-f32::from(n) / 40.0).exp();
    }
    let quiet = level(&signal).1;
    // In words and between them.
    for at in (1_200..1_600).step_by(57) {
        let mut signal = signal.clone();
        add(&mut signal[at * FRAME..][..160], &clap);
        let clapped = level(&signal).1;
        for (block, (quiet, clapped)) in quiet.iter().zip(&clapped).enumerate().skip(at + 7).take(100) {
            let dip = quiet.gain_db - clapped.gain_db;
            assert!(dip < 0.8, "{dip} dB in block {block} after a clap in {at}");
        }
    }
}

#[test]
fn two_talkers_are_brought_together() {
    let turn = 4 * 8_000;
    let (loud, faint) = (Talker::new(7, 8_000).say(48.0, -16.0), Talker::new(8, 8_000).say(48.0, -36.0));
    let (mut signal, mut active) = (Vec::new(), Vec::new());
    for n in 0..12 {
        let talker = if n % 2 == 0 { &loud } else { &faint };
        signal.extend_from_slice(&talker.samples[n * turn..(n + 1) * turn]);
        active.extend_from_slice(&talker.active[n * 400..(n + 1) * 400]);
    }
    add(&mut signal, &white_noise(9, -75.0, 12 * turn));
    let mut out = level(&signal).0;
    out.resize(signal.len(), 0.0);
    let mean_of = |first: usize| {
        let levels = (4 + first..12).step_by(2).map(|n| {
            let (from, to) = (n * 400 + 150, (n + 1) * 400);
            active_dbfs(&out[from * FRAME..to * FRAME], &active[from..to], FRAME)
        });
        levels.sum::<f32>() / 4.0
    };
    let difference = mean_of(0) - mean_of(1);
    assert!(difference.abs() < 1.0, "{difference} dB left of 20");
}

#[test]
fn a_muffled_voice_becomes_brighter_and_a_usual_one_stays() {
    let scene = scene::levels(2, RATE.hz(), -28.0);
    let mut muffled = scene.samples.clone();
    // Two first-order low-passes at 700 Hz.
    for _ in 0..2 {
        let mut state = 0.0;
        for sample in &mut muffled {
            state += 0.42 * (*sample - state);
            *sample = state;
        }
    }
    apply_db(&mut muffled, 4.0);
    // Level of what twice the difference leaves, against that of all: the treble.
    let brightness = |signal: &[f32]| {
        let settled = &signal[80_000..150_000];
        let treble: Vec<f32> = settled.windows(3).map(|three| three[2] - 2.0 * three[1] + three[0]).collect();
        mc_dsp::rms_dbfs(&treble) - mc_dsp::rms_dbfs(settled)
    };
    let corrected = |signal: &[f32]| {
        let untouched = level_with(AdvancedAgcConfig::default().with_tilt(3, 0.0), signal).0;
        brightness(&level(signal).0) - brightness(&untouched)
    };
    let brighter = corrected(&muffled);
    assert!(brighter > 2.2, "{brighter} dB");
    let usual = corrected(&scene.samples);
    assert!(usual.abs() < 0.05, "{usual} dB");
}

#[test]
fn the_gate_closes_in_pauses_where_it_is_asked_for() {
    let config = AdvancedAgcConfig::default().with_gate_db(12.0);
    let mut agc = AdvancedAutomaticGainControl::new(config, RATE).unwrap();
    let mut signal = scene::levels(1, RATE.hz(), -35.0).samples;
    signal.extend(white_noise(2, -70.0, 5 * 8_000));
    let gains: Vec<f32> =
        signal.chunks_exact_mut(FRAME).map(|frame| agc.process(frame, None).unwrap().gain_db).collect();
    let open = gains[..2_000].iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert!((open - gains[2_450] - 12.0).abs() < 2.6, "{open} and {}", gains[2_450]);
}
