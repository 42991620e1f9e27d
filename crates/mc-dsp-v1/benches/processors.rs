//! Cost of each processor per 10 ms of audio, on double talk.
#![allow(missing_docs, reason = "Criterion's macros make public functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops where it fails")]

use criterion::{Criterion, criterion_group, criterion_main};
use mc_dsp::{EchoCanceller, GainControl, SampleRate, VoiceDetector};
use mc_dsp_v1::{
    AcousticEchoCanceller, AecConfig, AgcConfig, AutomaticGainControl, VadConfig, VoiceActivityDetector,
};
use mc_testkit::scene;

fn processors(criterion: &mut Criterion) {
    for rate in SampleRate::ALL {
        let scene = scene::double_talk(1, rate.hz());
        let samples = rate.samples_in_ms(10);
        let mut frame = vec![0.0; samples];
        let name = |what: &str| format!("{what}_10ms/{}", rate.hz());
        // Endless 10 ms frames of the scene: (far end, near end).
        let signal =
            || scene.far_end.chunks_exact(samples).zip(scene.microphone.chunks_exact(samples)).cycle();

        let mut aec = AcousticEchoCanceller::new(AecConfig::default(), rate).unwrap();
        let mut frames = signal();
        criterion.bench_function(&name("aec"), |bencher| {
            bencher.iter(|| {
                let (far, near) = frames.next().unwrap();
                frame.copy_from_slice(near);
                aec.render(far).unwrap();
                aec.process(&mut frame).unwrap()
            });
        });

        let mut agc = AutomaticGainControl::new(AgcConfig::default(), rate).unwrap();
        let mut frames = signal();
        criterion.bench_function(&name("agc"), |bencher| {
            bencher.iter(|| {
                frame.copy_from_slice(frames.next().unwrap().1);
                agc.process(&mut frame, None).unwrap()
            });
        });

        let mut vad = VoiceActivityDetector::new(VadConfig::default(), rate).unwrap();
        let mut frames = signal();
        criterion.bench_function(&name("vad"), |bencher| {
            bencher.iter(|| vad.process(frames.next().unwrap().1).unwrap());
        });
    }
}

criterion_group!(benches, processors);
criterion_main!(benches);
