//! The packet path against the naive way with three vectors:
//! `cargo bench -p mc-benches --bench whole_path`.
#![allow(missing_docs, reason = "Criterion's macros make public items")]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use mc_benches::input::{FRAMES, packets};
use mc_benches::run::Run;
use mc_benches::{kernels, naive};
use mc_engine::Law;

fn transcode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("PCMU to PCMA, 20 ms");
    group.bench_function("three vectors", |bencher| {
        bencher.iter_custom(|operations| {
            let packets = packets(1).unwrap_or_default();
            let start = Instant::now();
            for operation in 0..operations {
                let packet = black_box(&packets[operation as usize % FRAMES]);
                drop(black_box(naive::relay(packet, 0.99, Law::Mu, Law::A)));
            }
            start.elapsed()
        });
    });
    group.bench_function("in one buffer", |bencher| {
        bencher.iter_custom(|operations| {
            let mut run = Run::new(operations, None);
            let digest = kernels::named("path/gain").and_then(|kernel| (kernel.measure)(&mut run));
            assert!(digest.is_ok(), "{digest:?}");
            run.elapsed()
        });
    });
    group.finish();
}

criterion_group!(benches, transcode);
criterion_main!(benches);
