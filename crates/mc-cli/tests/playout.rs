//! `mc playout` on files.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fmt::Write;
use std::fs;

use common::{Folder, read_wav, refuse, speech, succeed};
use serde_json::Value;

/// A trace of `packets` packets of 20 ms, of which each `every`th never comes.
fn trace(packets: usize, every: usize) -> String {
    let mut text = String::new();
    for packet in (0..packets).filter(|packet| packet % every != every - 1) {
        writeln!(text, "{packet} {:.3}", packet as f64 * 20.0 + (packet % 4) as f64 * 0.7).unwrap();
    }
    text
}

fn figures(folder: &Folder) -> Value {
    serde_json::from_slice(&fs::read(folder.path("stats.json")).unwrap()).unwrap()
}

#[test]
fn a_recording_with_losses_is_played_whole() {
    let folder = Folder::new();
    let talk = speech("ada.wav");
    folder.wav("in.wav", 8_000, &talk);
    folder.bytes("trace.txt", trace(talk.len() / 160, 20).as_bytes());
    succeed(folder.arguments("playout --trace @trace.txt --law a --stats @stats.json @in.wav @out.wav"));

    let (rate, out) = read_wav(&folder.path("out.wav"));
    let added_ms = (out.len() as f64 - talk.len() as f64) / 8.0;
    assert!(rate == 8_000 && (0.0..100.0).contains(&added_ms), "{added_ms} ms longer");
    let figures = figures(&folder);
    let lost = talk.len() / 160 / 20;
    // Nobody misses what comes after the last packet that arrived.
    let counted = figures["lost"].as_u64().unwrap() as usize;
    assert!(counted == lost || counted == lost - 1, "{figures}");
    assert_eq!(figures["late"], 0);
    assert_eq!(figures["allocs_per_packet"], 0.0);
    assert!(figures["concealed_ms"].as_f64().unwrap() >= 20.0 * (lost - 1) as f64, "{figures}");
    assert!(figures["us_per_20ms"].as_f64().unwrap() > 0.0);
    let delay = figures["delay_ms"]["mean"].as_f64().unwrap();
    assert!((20.0..60.0).contains(&delay), "{figures}");
}

#[test]
fn a_fixed_delay_is_kept() {
    let folder = Folder::new();
    let talk = speech("ben.wav");
    folder.wav("in.wav", 8_000, &talk);
    folder.bytes("trace.txt", trace(talk.len() / 160, usize::MAX).as_bytes());
    succeed(folder.arguments(
        "playout --trace @trace.txt --law mu --ptime 20 --fixed-ms 120 @in.wav @out.wav --stats @stats.json",
    ));
    let figures = figures(&folder);
    assert_eq!(figures["target_ms"]["max"], 120.0);
    assert!((figures["delay_ms"]["mean"].as_f64().unwrap() - 120.0).abs() < 3.0, "{figures}");
    assert_eq!(figures["time_scaled_ms"], 0.0);

    let (_, out) = read_wav(&folder.path("out.wav"));
    assert!(out[..950].iter().all(|&sample| sample == 0.0));
    assert!(out.len() >= talk.len() + 960 - 160 && out.len() <= talk.len() + 1_120, "{}", out.len());
}

#[test]
fn a_trace_that_makes_no_sense_is_refused_by_its_line() {
    let folder = Folder::new();
    folder.wav("in.wav", 8_000, &[0.1; 1_600]);
    folder.wav("wide.wav", 16_000, &[0.1; 1_600]);
    folder.bytes("good.txt", b"0 0\n1 20\n");
    refuse(
        folder.arguments("playout --trace @good.txt @wide.wav @out.wav"),
        &["wide.wav", "16000 Hz", "8000 Hz"],
    );
    for (bytes, words) in [
        (&b"0 0\n1 x\n"[..], ["line 2", "SEQUENCE"]),
        (b"0 0\n1 -20\n", ["line 2", "SEQUENCE"]),
        (b"0 0\n\n10 20\n", ["line 3", "0 to 9"]),
        (b"1 20\n0 0\n", ["line 2", "earlier"]),
    ] {
        folder.bytes("trace.txt", bytes);
        refuse(folder.arguments("playout --trace @trace.txt @in.wav @out.wav"), &words);
    }
}
