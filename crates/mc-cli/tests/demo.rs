//! `mc demo`: a short call, judged by its report. Nothing here depends on how fast the machine is.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;

use common::{Folder, read_wav, refuse, run, succeed};

#[test]
fn a_short_call_loses_nothing_allocates_nothing_and_lowers_the_echo() {
    let folder = Folder::new();
    let output = run(folder.arguments("demo --seconds 3 --json @report.json --out @files"));
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path("report.json")).unwrap()).unwrap();

    assert_eq!(report["packets_sent"], 300, "{report}");
    assert_eq!(report["packets_lost"], 0, "{report}");
    assert_eq!(report["dropped"], 0, "{report}");
    assert_eq!(report["allocations_per_packet"], 0.0, "{report}");
    assert_eq!(report["copied_bytes_per_packet"], 0.0, "{report}");
    for key in ["latency_p50_us", "latency_p99_us"] {
        assert!(report[key].as_f64().unwrap() > 0.0, "{key} in {report}");
    }
    for stage in ["decode", "echo_cancel", "gain_control", "voice_detect", "encode", "total"] {
        assert!(report["stages_ns"][stage]["p50"].as_u64().unwrap() > 0, "{stage} in {report}");
    }
    // Ben talks alone in the first three seconds, and the canceller starts from nothing.
    assert!(report["erle_db"].as_f64().unwrap() > 6.0, "{report}");
    assert!(!report["speech_segments"]["ben"].as_array().unwrap().is_empty(), "{report}");
    assert!(report["levels"]["ben"]["after_dbfs"].is_f64(), "{report}");
    for words in ["300 sent, 300 received, 0 lost", "ERLE", "echo_cancel", "call.png"] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

#[test]
fn files_hold_the_whole_call_and_a_quiet_demo_says_nothing() {
    let folder = Folder::new();
    assert_eq!(succeed(folder.arguments("demo --seconds 1 --quiet --out @a/new/folder")), "");
    for name in ["ada-before.wav", "ada-after.wav", "ben-before.wav", "ben-after.wav"] {
        let (rate, samples) = read_wav(&folder.path("a/new/folder").join(name));
        assert_eq!((rate, samples.len()), (8_000, 8_000), "{name}");
        assert!(samples.iter().any(|sample| *sample != 0.0), "{name} is silent");
    }
    let picture = fs::read(folder.path("a/new/folder/call.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 50_000, "{} bytes", picture.len());
}

/// Threads and sockets take part in the call, but do not change what is heard.
#[test]
fn every_call_sounds_the_same() {
    let folder = Folder::new();
    for name in ["one", "two"] {
        succeed(folder.arguments(&format!("demo --seconds 2 --quiet --out @{name}")));
    }
    for name in ["ada-before.wav", "ada-after.wav", "ben-before.wav", "ben-after.wav"] {
        let [one, two] = ["one", "two"].map(|call| fs::read(folder.path(call).join(name)).unwrap());
        assert!(one == two, "{name} differs");
    }
}

#[test]
fn what_cannot_be_done_is_said_before_the_call() {
    let folder = Folder::new();
    folder.bytes("file", b"");
    refuse(folder.arguments("demo --seconds 0"), &["--seconds", "0"]);
    refuse(folder.arguments("demo --seconds 100000"), &["--seconds", "100000"]);
    refuse(folder.arguments("demo --json @no/report.json"), &["no/report.json"]);
    refuse(folder.arguments("demo --out @file/folder"), &["file/folder"]);
}
