//! Cost of the gain control per 10 ms of speech, at each rate and with each number of bands.
#![allow(missing_docs, reason = "Criterion's macros make public functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops where it fails")]

use criterion::{Criterion, criterion_group, criterion_main};
use mc_dsp::{GainControl, SampleRate};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
use mc_testkit::scene;

fn gain_control(criterion: &mut Criterion) {
    for rate in SampleRate::ALL {
        let samples = rate.samples_in_ms(10);
        let scene = scene::levels(1, rate.hz(), -26.0);
        let mut frame = vec![0.0; samples];
        for bands in 1..=4 {
            let config = AdvancedAgcConfig::default().with_tilt(bands, 4.0);
            let mut agc = AdvancedAutomaticGainControl::new(config, rate).unwrap();
            let mut frames = scene.samples.chunks_exact(samples).cycle();
            criterion.bench_function(&format!("agc_10ms/{}/{bands}_bands", rate.hz()), |bencher| {
                bencher.iter(|| {
                    frame.copy_from_slice(frames.next().unwrap());
                    agc.process(&mut frame, None).unwrap()
                });
            });
        }
    }
}

criterion_group!(benches, gain_control);
criterion_main!(benches);
