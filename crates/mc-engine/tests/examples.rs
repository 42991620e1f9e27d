//! The examples do what they say.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use std::process::Command;

/// What an example prints. `cargo test` builds examples beside the tests.
fn run(example: &str) -> String {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let path = folder.join(example).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.exists(), "{} is missing: build it by `cargo test` without `--test`", path.display());
    let output = Command::new(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The number behind `label` in the line that has it.
fn figure(output: &str, label: &str) -> f32 {
    let after = output.split_once(label).unwrap().1;
    after.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn a_softphone_in_a_room_sends_no_echo() {
    let output = run("softphone");
    assert!(figure(&output, "echo at the microphone") > -35.0, "{output}");
    assert!(figure(&output, "echo that is heard") < -60.0, "{output}");
    assert!(output.contains("reports_received: 2") && output.contains("mos: Some(4."), "{output}");
}

#[test]
fn a_voice_agent_hears_the_caller_and_is_interrupted() {
    let output = run("voice_agent");
    let stops = output.lines().find(|line| line.contains("the answer stops")).unwrap();
    assert!((6_000.0..6_200.0).contains(&figure(stops, "")), "{output}");
    assert!(output.contains("10.0 s of audio at 16 kHz"), "{output}");
}

#[test]
fn a_conference_knows_who_speaks_and_nobody_hears_himself() {
    let output = run("conference");
    for (line, speaker) in [(2, 0), (5, 1), (9, 2)] {
        let line = output.lines().nth(line).unwrap();
        assert!(line.contains(&format!("speaker Some({speaker})")), "{output}");
        let heard: Vec<f32> =
            line.split_once("heard ").unwrap().1.split(' ').map(|s| s.parse().unwrap()).collect();
        for (party, peak) in heard.iter().enumerate() {
            assert!((*peak > 0.1) == (party != speaker), "{output}");
        }
    }
}

#[test]
fn a_relayed_leg_sends_every_packet() {
    let output = run("rtp_loop");
    assert!(output.contains("500 packets in, 500 out"), "{output}");
}
