//! Every kernel at every level of this CPU, for frames of 160 and 960 samples, or half as many complex numbers.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mc_simd::{Dither, SimdProcessor};

const TAPS: usize = 32;

fn kernels(criterion: &mut Criterion) {
    for len in [160, 960] {
        let samples: Vec<i16> = (0..len).map(|n| ((n * 7_919) % 20_000) as i16 - 10_000).collect();
        let mut frame = vec![0.0; len];
        SimdProcessor::new().i16_to_f32(&samples, &mut frame);
        let other = frame.clone();
        let history: Vec<f32> = other.iter().chain(&other[..TAPS]).copied().collect();
        let mut dither = Dither::new(1);
        let mut integers = samples.clone();
        let mut floats = frame.clone();

        let mut group = criterion.benchmark_group(format!("{len} samples"));
        group.throughput(Throughput::Elements(len as u64));
        for level in SimdProcessor::available_levels() {
            let Ok(simd) = SimdProcessor::with_level(level) else { continue };
            let mut bench = |kernel: &str, run: &mut dyn FnMut()| {
                group.bench_function(BenchmarkId::new(kernel, level), |bencher| bencher.iter(&mut *run));
            };
            bench("gain", &mut || simd.apply_gain(black_box(&mut frame), black_box(-1.0)));
            bench("gain_q12", &mut || simd.apply_gain_q12(black_box(&mut integers), black_box(-4_096)));
            bench("mix", &mut || _ = simd.mix_into(black_box(&mut floats), black_box(&other)));
            bench("mix_energy", &mut || {
                _ = black_box(simd.mix_energy(black_box(&mut floats), black_box(&other)));
            });
            bench("mix_minus", &mut || {
                simd.mix_minus(
                    black_box(&frame),
                    black_box(&other),
                    black_box(&frame),
                    black_box(&mut floats),
                );
            });
            bench("crossfade", &mut || _ = simd.crossfade(black_box(&mut floats), black_box(&other)));
            bench("energy", &mut || _ = black_box(simd.energy(black_box(&other))));
            bench("peak", &mut || _ = black_box(simd.peak(black_box(&other))));
            bench("dot", &mut || _ = black_box(simd.dot(black_box(&frame), black_box(&other))));
            bench("complex_mul_add", &mut || {
                let sums = black_box(&mut floats).as_chunks_mut().0;
                simd.complex_mul_add(sums, black_box(&frame).as_chunks().0, black_box(&other).as_chunks().0);
            });
            bench("fir of 32 taps", &mut || {
                simd.fir(black_box(&other[..TAPS]), black_box(&history), black_box(&mut floats));
            });
            bench("i16_to_f32", &mut || _ = simd.i16_to_f32(black_box(&samples), black_box(&mut floats)));
            bench("f32_to_i16", &mut || _ = simd.f32_to_i16(black_box(&other), black_box(&mut integers)));
            bench("f32_to_i16_dithered", &mut || {
                simd.f32_to_i16_dithered(black_box(&other), black_box(&mut integers), &mut dither);
            });
        }
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
