//! What `mc` says about itself and about wrong use.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::process::Stdio;

use common::{Folder, mc, refuse, run, succeed};

#[test]
fn help_and_version_are_answers() {
    let help = succeed(["--help"]);
    for command in ["demo", "relay", "process", "aec", "vad", "agc", "g711", "bench"] {
        assert!(help.contains(command), "{help}");
        assert!(succeed([command, "--help"]).contains("Usage"));
    }
    assert!(succeed(["--version"]).starts_with("mc "));
}

#[test]
fn wrong_arguments_are_one_line_and_status_2() {
    refuse(["sing"], &["mc: ", "sing"]);
    refuse(["aec"], &["--far", "--mic", "--out"]);
    refuse(["vad", "in.wav", "--out", "out.txt", "--version", "v3"], &["v3", "v1", "v2"]);
    refuse(["agc", "in.wav", "out.wav", "--version", "v3"], &["v3", "v1", "v2"]);
    refuse(["agc", "in.wav", "out.wav", "--repeat", "0"], &["--repeat", "0"]);
    refuse(["agc", "in.wav", "out.wav", "--target-dbfs", "loud"], &["loud"]);
    refuse(["g711", "encode", "in", "out"], &["--law"]);
    refuse(["g711", "encode", "--law", "b", "in", "out"], &["b", "mu"]);
}

#[test]
fn no_command_at_all_shows_the_commands() {
    let output = run::<&str>([]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--help"));
}

/// `mc … | head` closes the pipe early; that is no failure, and no reason to panic.
#[test]
fn a_closed_standard_output_is_no_failure() {
    let folder = Folder::new();
    let input = folder.wav("in.wav", 8_000, &[0.1; 800]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = mc()
        .arg("agc")
        .args([&input, &folder.path("out.wav")])
        .args(["--repeat", "1"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
