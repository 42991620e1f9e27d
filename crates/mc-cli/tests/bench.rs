//! `mc bench`: what is measured, never how long it took.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;

use common::{Folder, refuse, succeed};
use mc_g711::{G711, Law};
use mc_simd::{SelectionPlan, SimdProcessor};
use serde_json::Value;

#[test]
fn every_operation_is_timed_at_every_level() {
    let folder = Folder::new();
    let text = succeed(folder.arguments("bench --seconds 0.01 --json @bench.json"));
    let report: Value = serde_json::from_slice(&fs::read(folder.path("bench.json")).unwrap()).unwrap();

    let levels = |group: &str, operation: &str| -> Vec<Option<String>> {
        let timings = report["timings"].as_array().unwrap().iter();
        let of_operation = timings.filter(|row| row["group"] == group && row["operation"] == operation);
        of_operation.map(|row| row["level"].as_str().map(str::to_owned)).collect()
    };
    let codec: Vec<_> = mc_g711::SimdLevel::available().map(|level| Some(level.name().to_owned())).collect();
    for operation in ["encode mu-law", "decode mu-law", "encode A-law", "decode A-law"] {
        assert_eq!(levels("G.711", operation), codec, "{operation}");
    }
    let samples: Vec<_> =
        SimdProcessor::available_levels().map(|level| Some(level.name().to_owned())).collect();
    for operation in ["gain", "energy", "mix", "dot product", "i16 to f32", "f32 to i16"] {
        assert_eq!(levels("Samples", operation), samples, "{operation}");
    }
    for operation in ["LocalAudioFrame", "PooledAudioFrame"] {
        assert_eq!(levels("Pool: get and return", operation), [None]);
    }
    for operation in ["PCMU to PCMA", "with all processors (v1)"] {
        assert_eq!(levels("RTP in to RTP out", operation), [None]);
    }

    for row in report["timings"].as_array().unwrap() {
        let [min, median, p90] = ["min_ns", "median_ns", "p90_ns"].map(|key| row[key].as_f64().unwrap());
        assert!(0.0 < min && min <= median && median <= p90, "{row}");
        assert!(row["rounds"].as_u64().unwrap() > 0, "{row}");
        assert!(text.contains(row["operation"].as_str().unwrap()), "{row} is not in {text}");
        assert!(text.contains(row["level"].as_str().unwrap_or_default()), "{row} is not in {text}");
    }
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
}

#[test]
fn the_levels_in_use_are_named_and_the_plan_can_be_read_back() {
    let folder = Folder::new();
    let text = succeed(folder.arguments("bench --seconds 0.01 --json @bench.json"));
    let report: Value = serde_json::from_slice(&fs::read(folder.path("bench.json")).unwrap()).unwrap();
    assert_eq!(report["levels"]["g711"], G711::new(Law::Mu).level().name());
    assert_eq!(report["levels"]["samples"], SimdProcessor::new().level().name());

    let printed = report["plan"].as_str().unwrap();
    let plan: SelectionPlan = printed.parse().unwrap();
    assert_eq!(plan.level(), SimdProcessor::new().level());
    assert!(text.contains(printed), "{text}");
}

#[test]
fn what_cannot_be_done_is_said_before_measuring() {
    let folder = Folder::new();
    refuse(["bench", "--seconds", "0"], &["--seconds", "0.01", "600"]);
    refuse(["bench", "--seconds", "nan"], &["--seconds", "nan"]);
    refuse(["bench", "--seconds", "601"], &["--seconds", "601"]);
    refuse(folder.arguments("bench --json @no/bench.json"), &["no/bench.json"]);
}
