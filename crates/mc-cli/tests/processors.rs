//! `mc aec`, `mc vad` and `mc agc` on files.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;

use common::{Folder, read_wav, refuse, run, speech, succeed};
use mc_testkit::measure::{erle_db, rms_dbfs};
use mc_testkit::room::Room;
use mc_testkit::signal::{apply_db, white_noise};

const RATES: [u32; 4] = [8_000, 16_000, 32_000, 48_000];
/// Lengths that are no whole number of 10 ms at any rate, and those around none and one.
const ODD_LENGTHS: [usize; 5] = [0, 1, 79, 481, 8_003];

#[test]
fn aec_lowers_the_echo_and_says_how_much() {
    let folder = Folder::new();
    let far = white_noise(1, -20.0, 80_000);
    let mic = Room::new(2, 8_000, 32.0, 10.0).echo_of(&far);
    folder.wav("far.wav", 8_000, &far);
    folder.wav("mic.wav", 8_000, &mic);
    succeed(
        folder.arguments(
            "aec --far @far.wav --mic @mic.wav --out @out.wav --stats @stats.json --plot @aec.png",
        ),
    );
    let (rate, out) = read_wav(&folder.path("out.wav"));
    assert_eq!((rate, out.len()), (8_000, mic.len()));
    assert!(erle_db(&mic[40_000..], &out[40_000..]) > 12.0);

    let stats: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path("stats.json")).unwrap()).unwrap();
    assert!(stats["erle_db"].as_f64().unwrap() > 12.0, "{stats}");
    assert!(stats["far_end_active_pct"].as_f64().unwrap() > 90.0, "{stats}");
    assert!(stats["state_bytes"].as_u64().unwrap() > 0, "{stats}");
    assert!(stats["linear_erle_db"].as_f64().unwrap() > 12.0, "{stats}");
    let delay_ms = stats["delay_ms"].as_f64().unwrap();
    assert!((0.0..=40.0).contains(&delay_ms), "{stats}");
    assert!(stats["converged_s"].as_f64().unwrap() < 5.0, "{stats}");
    assert!(fs::read(folder.path("aec.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn audio_keeps_its_rate_and_length() {
    for rate in RATES {
        for length in ODD_LENGTHS {
            let folder = Folder::new();
            let noise = white_noise(3, -20.0, length);
            folder.wav("mic.wav", rate, &noise);
            // A far end of another length: silent after its end, cut off after the microphone's.
            folder.wav("far.wav", rate, &white_noise(4, -20.0, 4_000));
            succeed(folder.arguments("aec --far @far.wav --mic @mic.wav --out @aec.wav"));
            succeed(folder.arguments("agc @mic.wav @agc.wav"));
            for name in ["aec.wav", "agc.wav"] {
                let (found, samples) = read_wav(&folder.path(name));
                assert_eq!((found, samples.len()), (rate, length), "{name}");
            }
        }
    }
}

#[test]
fn vad_writes_one_opinion_for_each_full_10_ms() {
    let folder = Folder::new();
    for rate in RATES {
        for length in ODD_LENGTHS {
            folder.wav("in.wav", rate, &white_noise(5, -30.0, length));
            succeed(folder.arguments("vad @in.wav --out @out.txt"));
            let opinions = fs::read_to_string(folder.path("out.txt")).unwrap();
            assert_eq!(opinions.lines().count(), length / (rate as usize / 100));
            for opinion in opinions.lines() {
                assert!((0.0..=1.0).contains(&opinion.parse::<f32>().unwrap()), "{opinion}");
            }
        }
    }
}

#[test]
fn vad_decides_for_speech_and_against_silence() {
    let folder = Folder::new();
    folder.wav("ada.wav", 8_000, &speech("ada.wav"));
    succeed(folder.arguments("vad @ada.wav --out @out.txt --decisions"));
    let decisions = fs::read_to_string(folder.path("out.txt")).unwrap();
    let decisions: Vec<u32> = decisions.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(decisions.len(), 2_000);
    assert!(decisions.iter().all(|decision| *decision < 2));
    let share =
        |from: usize, to: usize| f64::from(decisions[from..to].iter().sum::<u32>()) / (to - from) as f64;
    assert!(share(570, 910) > 0.8, "speech: {}", share(570, 910));
    assert!(share(0, 550) < 0.05, "silence: {}", share(0, 550));
}

#[test]
fn vad_sums_up_what_it_heard_and_draws_it() {
    let folder = Folder::new();
    folder.wav("ada.wav", 8_000, &speech("ada.wav"));
    for options in ["", " --version v1", " --classifier likelihood-ratio"] {
        let command = format!("vad @ada.wav --out @out.txt --stats @stats.json --plot @vad.png{options}");
        succeed(folder.arguments(&command));
        let stats: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.path("stats.json")).unwrap()).unwrap();
        let number = |name: &str| stats[name].as_f64().unwrap();
        assert_eq!(number("seconds"), 20.0, "{stats}");
        assert!((20.0..80.0).contains(&number("speech_pct")), "{stats}");
        assert!(number("speech_dbfs") > number("other_dbfs") + 6.0, "{stats}");
        assert!(number("segments") >= 2.0 && number("first_speech_s") > 0.0, "{stats}");
        assert!((0.0..1.0).contains(&number("mean_probability")), "{stats}");
        assert!(number("state_bytes") > 0.0, "{stats}");
        assert!(fs::read(folder.path("vad.png")).unwrap().starts_with(b"\x89PNG"));
    }
    refuse(
        folder.arguments("vad @ada.wav --out @out.txt --version v1 --classifier learned"),
        &["--classifier"],
    );
}

#[test]
fn agc_brings_quiet_speech_to_the_target() {
    let folder = Folder::new();
    let mut quiet = speech("ben.wav");
    apply_db(&mut quiet, -15.0);
    folder.wav("quiet.wav", 8_000, &quiet);
    let level = |target: &str| {
        succeed(folder.arguments(&format!("agc @quiet.wav @out.wav --target-dbfs {target}")));
        rms_dbfs(&read_wav(&folder.path("out.wav")).1[80_000..])
    };
    let (low, high) = (level("-30"), level("-18"));
    assert!(high > rms_dbfs(&quiet[80_000..]) + 6.0, "{high}");
    assert!(high > low + 6.0, "{low} {high}");
}

#[test]
fn agc_sums_up_and_draws_what_it_did() {
    let folder = Folder::new();
    folder.wav("in.wav", 8_000, &speech("ben.wav"));
    for version in ["v1", "v2"] {
        let words = format!("agc @in.wav @out.wav --version {version} --stats @stats.json --plot @agc.png");
        succeed(folder.arguments(&words));
        let text = fs::read_to_string(folder.path("stats.json")).unwrap();
        let stats: serde_json::Value = serde_json::from_str(&text).unwrap();
        let change = stats["output_dbfs"].as_f64().unwrap() - stats["input_dbfs"].as_f64().unwrap();
        assert!((change - stats["gain_db"].as_f64().unwrap()).abs() < 3.0, "{text}");
        assert_eq!(stats["speech_pct"].is_number(), version == "v2", "{text}");
        assert!(fs::read(folder.path("agc.png")).unwrap().starts_with(b"\x89PNG"));
    }
}

#[test]
fn repeat_prints_the_cost_as_one_json_line() {
    let folder = Folder::new();
    folder.wav("in.wav", 16_000, &white_noise(6, -30.0, 16_000));
    for words in [
        "aec --far @in.wav --mic @in.wav --out @out.wav --repeat 3",
        "vad @in.wav --out @out.txt --repeat 3",
        "agc @in.wav @out.wav --repeat 3",
    ] {
        let printed = succeed(folder.arguments(words));
        assert_eq!(printed.lines().count(), 1, "{printed}");
        let cost: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert!(cost["us_per_10ms"].as_f64().unwrap() >= 0.0, "{printed}");
        assert!(cost["state_bytes"].as_u64().unwrap() > 0, "{printed}");
        assert!(cost["latency_samples"].is_u64(), "{printed}");
    }
}

#[test]
fn a_repeated_run_writes_what_a_single_one_writes() {
    let folder = Folder::new();
    folder.wav("in.wav", 8_000, &speech("ben.wav")[..24_003]);
    succeed(folder.arguments("agc @in.wav @once.wav"));
    succeed(folder.arguments("agc @in.wav @often.wav --repeat 3"));
    assert_eq!(read_wav(&folder.path("once.wav")), read_wav(&folder.path("often.wav")));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = Folder::new();
    folder.wav("8.wav", 8_000, &[0.0; 80]);
    folder.wav("16.wav", 16_000, &[0.0; 80]);
    folder.wav("44.wav", 44_100, &[0.0; 80]);
    folder.bytes("text.wav", b"this is no audio at all");
    let whole = fs::read(folder.path("8.wav")).unwrap();
    folder.bytes("cut.wav", &whole[..whole.len() - 7]);
    let refused = |words: &str, reasons: &[&str]| refuse(folder.arguments(words), reasons);

    refused("vad @none.wav --out @out.txt", &["none.wav", "No such file"]);
    refused("vad @44.wav --out @out.txt", &["44.wav", "44100", "8000, 16000, 32000 or 48000"]);
    refused("agc @text.wav @out.wav", &["text.wav"]);
    refused("agc @cut.wav @out.wav", &["cut.wav"]);
    refused("agc @8.wav @no/folder/out.wav", &["no/folder/out.wav"]);
    refused("agc @8.wav @out.wav --target-dbfs 40", &["target_dbfs", "40"]);
    refused("aec --far @16.wav --mic @8.wav --out @out.wav", &["16.wav", "16000 Hz", "8000 Hz"]);
    assert!(!folder.path("out.wav").exists() && !folder.path("out.txt").exists());
}

#[test]
fn stereo_and_other_sample_formats_are_refused() {
    let folder = Folder::new();
    for (channels, bits, format) in [
        (2, 16, hound::SampleFormat::Int),
        (1, 8, hound::SampleFormat::Int),
        (1, 24, hound::SampleFormat::Int),
        (1, 32, hound::SampleFormat::Float),
    ] {
        let spec =
            hound::WavSpec { channels, sample_rate: 8_000, bits_per_sample: bits, sample_format: format };
        hound::WavWriter::create(folder.path("odd.wav"), spec).unwrap().finalize().unwrap();
        refuse(folder.arguments("vad @odd.wav --out @out.txt"), &["odd.wav", "mono 16-bit"]);
    }
    let output = run(["vad"]);
    assert_eq!(output.status.code(), Some(2));
}
