//! One thread writes, others read at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use mc_metrics::{MetricsCollector, Stage};

const WRITES: u64 = 50_000;
const READERS: usize = 2;

#[test]
fn readers_see_counts_that_never_fall_and_end_complete() {
    let collector = MetricsCollector::new(1);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                let (mut packets, mut timed) = (0, 0);
                while !done.load(Ordering::Acquire) {
                    let snapshot = collector.snapshot();
                    let total = snapshot.stage(Stage::Total);
                    assert!(snapshot.packets_in >= packets, "{} after {packets}", snapshot.packets_in);
                    assert!(total.count >= timed, "{} after {timed}", total.count);
                    if total.count > 0 {
                        // Each counted value was written to the ends before it was counted.
                        assert_eq!(total.min, 1);
                        assert!(total.max >= total.count);
                    }
                    (packets, timed) = (snapshot.packets_in, total.count);
                }
            });
        }
        for value in 1..=WRITES {
            collector.packets_in.add(1);
            collector.stage(Stage::Total).record(value);
        }
        done.store(true, Ordering::Release);
    });
    let snapshot = collector.snapshot();
    assert_eq!(snapshot.packets_in, WRITES);
    assert_eq!(snapshot.stage(Stage::Total).count, WRITES);
    assert_eq!(snapshot.stage(Stage::Total).max, WRITES);
}
