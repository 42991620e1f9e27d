//! A buffer got, touched and returned: pools, the allocator and a queue of boxes side by side.

mod contest;

use contest::Timer;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};

struct Group<'a>(BenchmarkGroup<'a, WallTime>);

impl Timer for Group<'_> {
    fn time(&mut self, name: &'static str, mut turn: impl FnMut()) {
        self.0.bench_function(name, |bencher| bencher.iter(&mut turn));
    }
}

fn get_touch_return(criterion: &mut Criterion) {
    for bytes in [320, 1920] {
        contest::contest(bytes, &mut Group(criterion.benchmark_group(format!("{bytes} B"))));
    }
}

criterion_group!(benches, get_touch_return);
criterion_main!(benches);
