//! What measuring costs: a counter, a histogram, and a packet that is timed or not.

use criterion::{Criterion, criterion_group, criterion_main};
use mc_metrics::{Clock, Counter, Histogram, MetricsCollector, Stage};
use std::hint::black_box;
use std::time::Instant;

struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now_ns(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}

fn record(c: &mut Criterion) {
    let counter = Counter::new();
    c.bench_function("counter_add", |b| b.iter(|| counter.add(black_box(1))));
    let histogram = Histogram::new();
    c.bench_function("histogram_record", |b| b.iter(|| histogram.record(black_box(12_345))));
    let clock = MonotonicClock(Instant::now());
    for sample_every in [1, 16] {
        let collector = MetricsCollector::new(sample_every);
        let mut sampler = collector.sampler();
        c.bench_function(&format!("packet_of_5_stages_1_in_{sample_every}"), |b| {
            b.iter(|| {
                let mut timer = sampler.start_timer(&collector, &clock);
                for stage in &Stage::ALL[..5] {
                    timer.lap(*stage);
                }
                timer.finish();
            });
        });
    }
    c.bench_function("histogram_snapshot", |b| b.iter(|| black_box(histogram.snapshot())));
}

criterion_group!(benches, record);
criterion_main!(benches);
