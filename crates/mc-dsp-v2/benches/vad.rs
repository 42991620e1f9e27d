//! What the voice detector costs for 10 ms at each rate, with either classifier.
#![allow(clippy::unwrap_used, reason = "a benchmark stops where it fails")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mc_dsp::{SampleRate, VoiceDetector};
use mc_dsp_v2::{AdvancedVadConfig, AdvancedVoiceActivityDetector, VadClassifier};
use mc_testkit::scene;

fn voice_detector(criterion: &mut Criterion) {
    for (name, classifier) in
        [("learned", VadClassifier::Learned), ("likelihood_ratio", VadClassifier::LikelihoodRatio)]
    {
        let mut group = criterion.benchmark_group(format!("vad-v2/{name}"));
        for rate in SampleRate::ALL {
            let scene = scene::speech_in_noise(1, rate.hz(), 15.0);
            let config = AdvancedVadConfig::default().with_classifier(classifier);
            let mut detector = AdvancedVoiceActivityDetector::new(config, rate).unwrap();
            let mut frames = scene.samples.chunks_exact(rate.samples_in_ms(10)).cycle();
            group.bench_function(BenchmarkId::from_parameter(rate.hz()), |bencher| {
                bencher.iter(|| frames.next().map(|frame| detector.process(frame)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, voice_detector);
criterion_main!(benches);
