//! A 20 ms packet through each codec function.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mc_g711::{G711, Law};
use std::hint::black_box;

const PACKET: usize = 160;

fn packet(c: &mut Criterion) {
    let samples: Vec<i16> = (0..PACKET).map(|n| (12_000.0 * (n as f32 * 0.3).sin()) as i16).collect();
    let floats: Vec<f32> = samples.iter().map(|&sample| f32::from(sample) / 32768.0).collect();
    for law in [Law::Mu, Law::A] {
        let g711 = G711::new(law);
        let mut codes = [0; PACKET];
        let mut decoded = [0; PACKET];
        let mut decoded_floats = [0.0; PACKET];
        let mut group = c.benchmark_group(format!("{law:?}"));
        group.throughput(Throughput::Elements(PACKET as u64));
        group
            .bench_function("encode", |b| b.iter(|| g711.encode(black_box(&samples), black_box(&mut codes))));
        group.bench_function("encode_f32", |b| {
            b.iter(|| g711.encode_f32(black_box(&floats), black_box(&mut codes)));
        });
        group
            .bench_function("decode", |b| b.iter(|| g711.decode(black_box(&codes), black_box(&mut decoded))));
        group.bench_function("decode_f32", |b| {
            b.iter(|| g711.decode_f32(black_box(&codes), black_box(&mut decoded_floats)));
        });
    }
}

criterion_group!(benches, packet);
criterion_main!(benches);
