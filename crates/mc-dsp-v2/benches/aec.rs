//! `cargo bench -p mc-dsp-v2 --bench aec`: what 10 ms of a call cost the echo canceller at each rate, and whether
//! they cost the same after an hour.
#![allow(clippy::unwrap_used, reason = "a benchmark stops where it fails")]
#![allow(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use mc_dsp::{EchoCanceller, SampleRate};
use mc_dsp_v2::{AdvancedAcousticEchoCanceller, AdvancedAecConfig};
use mc_testkit::scene::{self, EchoScene};

const HOUR_S: usize = 3_600;

/// A call that starts anew when it ends.
struct Call {
    aec: AdvancedAcousticEchoCanceller,
    scene: EchoScene,
    frame: usize,
    next: usize,
    near: Vec<f32>,
}

impl Call {
    fn new(rate: SampleRate) -> Self {
        Self::of(scene::double_talk(1, rate.hz()), rate)
    }

    fn of(scene: EchoScene, rate: SampleRate) -> Self {
        let frame = rate.samples_in_ms(10);
        Self {
            aec: AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), rate).unwrap(),
            scene,
            frame,
            next: 0,
            near: vec![0.0; frame],
        }
    }

    fn go_on(&mut self) {
        let part = self.next..self.next + self.frame;
        self.near.copy_from_slice(&self.scene.microphone[part.clone()]);
        self.aec.render(&self.scene.far_end[part.clone()]).unwrap();
        self.aec.process(&mut self.near).unwrap();
        self.next = if part.end + self.frame > self.scene.far_end.len() { 0 } else { part.end };
    }
}

fn frames(criterion: &mut Criterion) {
    for rate in SampleRate::ALL {
        let mut call = Call::new(rate);
        criterion
            .bench_function(&format!("aec/{} Hz, 10 ms", rate.hz()), |bench| bench.iter(|| call.go_on()));
    }
}

/// A call at 8 kHz in which both talk but nothing comes back, once that is known, and one whose far end is silent.
fn at_rest(criterion: &mut Criterion) {
    let mut headset = scene::double_talk(1, 8_000);
    headset.microphone = scene::near_end_only(2, 8_000).microphone;
    let silent = scene::near_end_only(2, 8_000);
    for (name, scene) in [("no echo", headset), ("silent far end", silent)] {
        let mut call = Call::of(scene, SampleRate::Hz8000);
        (0..2_000).for_each(|_| call.go_on());
        criterion.bench_function(&format!("aec/8000 Hz, 10 ms, {name}"), |bench| bench.iter(|| call.go_on()));
    }
}

/// The last minute of an hour at 8 kHz, whose talkers fall silent for minutes at a time.
fn after_an_hour(criterion: &mut Criterion) {
    let mut call = Call::new(SampleRate::Hz8000);
    let started = Instant::now();
    let mut slowest_minute = Duration::ZERO;
    for minute in 0..HOUR_S / 60 {
        let minute_started = Instant::now();
        if minute % 10 < 3 {
            call.scene.far_end.fill(0.0);
            call.scene.microphone.fill(0.0);
        } else if minute % 10 == 3 {
            call.scene = scene::double_talk(1, 8_000);
        }
        (0..6_000).for_each(|_| call.go_on());
        slowest_minute = slowest_minute.max(minute_started.elapsed());
    }
    println!("an hour in {:.1?}, its slowest minute in {slowest_minute:.2?}", started.elapsed());
    criterion.bench_function("aec/8000 Hz, 10 ms, after an hour", |bench| bench.iter(|| call.go_on()));
}

criterion_group!(benches, frames, at_rest, after_an_hour);
criterion_main!(benches);
