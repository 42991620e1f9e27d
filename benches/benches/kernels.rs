//! Wall-clock times of every watched kernel: `cargo bench -p mc-benches --bench kernels`.
#![allow(missing_docs, reason = "Criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mc_benches::kernels;
use mc_benches::run::Run;

fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernels");
    group.throughput(Throughput::Elements(1));
    for kernel in kernels::all() {
        group.bench_function(kernel.name, |bencher| {
            bencher.iter_custom(|operations| {
                let mut run = Run::new(operations, None);
                let digest = (kernel.measure)(&mut run);
                assert!(digest.is_ok(), "{}: {digest:?}", kernel.name);
                run.elapsed()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, all);
criterion_main!(benches);
