//! One thread writes, others read at the same time.

use mc_metrics::{MetricsCollector, Stage};

const READERS: usize = 2;
/// Snapshots that differ from the one before: those that were taken while the writer was at work.
const CHANGES: usize = 500;

/// Takes snapshots while the counts rise; each must be whole and none below the one before.
fn read(collector: &MetricsCollector) {
    let (mut packets, mut timed, mut changes) = (0, 0, 0);
    while changes < CHANGES {
        let snapshot = collector.snapshot();
        let total = snapshot.stage(Stage::Total);
        assert!(snapshot.packets_in >= packets, "{} after {packets}", snapshot.packets_in);
        assert!(total.count >= timed, "{} after {timed}", total.count);
        if total.count > 0 {
            // The values are 1, 2, 3…, and each is within the ends before it is counted.
            assert_eq!(total.min, 1);
            assert!(total.max >= total.count);
        }
        changes += usize::from(snapshot.packets_in != packets);
        (packets, timed) = (snapshot.packets_in, total.count);
    }
}

#[test]
fn readers_see_counts_that_never_fall_and_end_complete() {
    let collector = MetricsCollector::new(1);
    let mut written = 0;
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read(&collector))).collect();
        while !readers.iter().all(|reader| reader.is_finished()) {
            written += 1;
            collector.count_passed(172);
            collector.stage(Stage::Total).unwrap().record(written);
        }
    });
    let snapshot = collector.snapshot();
    assert_eq!(snapshot.packets_in, written);
    let total = snapshot.stage(Stage::Total);
    assert_eq!((total.count, total.max), (written, written));
}
