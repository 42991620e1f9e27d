//! What the echo canceller must remove, measured on its output.

use mc_dsp::{EchoCanceller, SampleRate};
use mc_dsp_v1::{AcousticEchoCanceller, AecConfig};
use mc_testkit::measure::erle_db;
use mc_testkit::scene::{self, EchoScene};

/// The rates that a test of many seconds is affordable at.
const RATES: [SampleRate; 2] = [SampleRate::Hz8000, SampleRate::Hz16000];
const SEEDS: [u64; 3] = [1, 2, 3];

fn cancel(scene: &EchoScene) -> Vec<f32> {
    let rate = SampleRate::try_from(scene.rate_hz).unwrap();
    let mut aec = AcousticEchoCanceller::new(AecConfig::default(), rate).unwrap();
    let frame = rate.samples_in_ms(10);
    let mut out = scene.microphone.clone();
    for (far, near) in scene.far_end.chunks_exact(frame).zip(out.chunks_exact_mut(frame)) {
        aec.render(far).unwrap();
        aec.process(near).unwrap();
    }
    out
}

fn seconds(scene: &EchoScene, seconds: usize) -> usize {
    seconds * scene.rate_hz as usize
}

fn each_scene(make: impl Fn(u64, u32) -> EchoScene, check: impl Fn(&EchoScene, &[f32], &str)) {
    for rate in RATES {
        for seed in SEEDS {
            let scene = make(seed, rate.hz());
            check(&scene, &cancel(&scene), &format!("seed {seed} at {} Hz", rate.hz()));
        }
    }
}

#[test]
fn speech_in_a_room_of_32_ms_loses_12_db_after_5_s() {
    each_scene(scene::single_talk, |scene, out, name| {
        let from = seconds(scene, 5);
        let erle = erle_db(&scene.microphone[from..], &out[from..]);
        assert!(erle >= 12.0, "{erle} dB, {name}");
    });
}

#[test]
fn white_noise_in_a_room_of_32_ms_loses_20_db_after_5_s() {
    each_scene(scene::noise_far_end, |scene, out, name| {
        let from = seconds(scene, 5);
        let erle = erle_db(&scene.microphone[from..], &out[from..]);
        assert!(erle >= 20.0, "{erle} dB, {name}");
    });
}

#[test]
fn the_near_end_alone_is_left_as_it_is() {
    each_scene(scene::near_end_only, |scene, out, name| {
        assert!(scene.microphone == out, "{name}");
    });
}
