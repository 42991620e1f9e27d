//! Stage timing, sampling and the snapshot of a session.

use std::cell::Cell;

use mc_metrics::{Clock, MetricsCollector, NoClock, Sampler, Stage};

/// Goes 10 ns further at each look, and counts the looks.
#[derive(Default)]
struct StepClock {
    looks: Cell<u64>,
}

impl Clock for StepClock {
    fn now_ns(&self) -> u64 {
        self.looks.set(self.looks.get() + 1);
        self.looks.get() * 10
    }
}

fn one_packet(collector: &MetricsCollector, sampler: &mut Sampler, clock: &impl Clock) {
    let mut timer = sampler.start_timer(collector, clock);
    timer.lap(Stage::Decode);
    timer.lap(Stage::Encode);
    timer.finish();
}

#[test]
fn laps_are_the_time_since_the_last_lap_and_total_is_the_whole() {
    let collector = MetricsCollector::new(1);
    one_packet(&collector, &mut collector.sampler(), &StepClock::default());
    let metrics = collector.snapshot();
    assert_eq!(metrics.stage(Stage::Decode).max, 10);
    assert_eq!(metrics.stage(Stage::Encode).max, 10);
    assert_eq!(metrics.stage(Stage::Total).max, 20);
    assert_eq!(metrics.stage(Stage::EchoCancel).count, 0);
}

#[test]
fn a_packet_without_laps_is_timed_to_its_end() {
    let collector = MetricsCollector::new(1);
    collector.sampler().start_timer(&collector, &StepClock::default()).finish();
    assert_eq!(collector.snapshot().stage(Stage::Total).max, 10);
}

#[test]
fn one_packet_in_n_is_timed_and_the_others_never_look_at_the_clock() {
    for (sample_every, timed) in [(0, 0), (1, 100), (7, 15), (100, 1), (1000, 1)] {
        let collector = MetricsCollector::new(sample_every);
        let (clock, mut sampler) = (StepClock::default(), collector.sampler());
        for _ in 0..100 {
            one_packet(&collector, &mut sampler, &clock);
        }
        assert_eq!(collector.snapshot().stage(Stage::Total).count, timed, "1 in {sample_every}");
        assert_eq!(clock.looks.get(), timed * 3, "1 in {sample_every}");
    }
}

#[test]
fn stages_are_timed_once_there_is_room() {
    let collector = MetricsCollector::counting(1);
    let (clock, mut sampler) = (StepClock::default(), collector.sampler());
    one_packet(&collector, &mut sampler, &clock);
    assert_eq!((collector.snapshot().stage(Stage::Total).count, clock.looks.get()), (0, 0));
    for _ in 0..2 {
        collector.make_room();
        one_packet(&collector, &mut sampler, &clock);
    }
    assert_eq!(collector.snapshot().stage(Stage::Total).count, 2);
    assert!(std::mem::size_of::<MetricsCollector>() < 300);
}

#[test]
fn a_clock_that_stands_still_leaves_no_timings() {
    let collector = MetricsCollector::new(1);
    one_packet(&collector, &mut collector.sampler(), &NoClock);
    for stage in Stage::ALL {
        assert_eq!(collector.snapshot().stage(stage).count, 0);
    }
}

#[test]
fn merged_metrics_are_the_sum_of_the_sessions() {
    let (one, other) = (MetricsCollector::new(1), MetricsCollector::new(1));
    for (collector, n) in [(&one, 1), (&other, 10)] {
        for _ in 0..n {
            collector.count_passed(2);
            collector.count_received(20);
            collector.count_received(30);
            collector.count_sent(400);
            collector.count_dropped(5_000);
        }
        let counters =
            [&collector.copied_bytes, &collector.pool_hits, &collector.pool_misses, &collector.allocations];
        for (place, counter) in (1..).zip(counters) {
            counter.add(n * place);
        }
        collector.stage(Stage::Encode).unwrap().record(n);
    }
    let mut metrics = one.snapshot();
    metrics.merge(&other.snapshot());
    let sums = [
        metrics.packets_in,
        metrics.packets_out,
        metrics.bytes_in,
        metrics.bytes_out,
        metrics.dropped,
        metrics.copied_bytes,
        metrics.pool_hits,
        metrics.pool_misses,
        metrics.allocations,
    ];
    assert_eq!(sums, [4, 2, 5_052, 402, 1, 1, 2, 3, 4].map(|of_one| 11 * of_one));
    let encode = metrics.stage(Stage::Encode);
    assert_eq!((encode.count, encode.min, encode.max), (2, 1, 10));
}

#[test]
fn strategies_are_noted_once_per_operation_and_kept_apart_in_a_sum() {
    let chosen = |strategies: &[&'static str]| {
        let collector = MetricsCollector::new(0);
        strategies.iter().for_each(|strategy| collector.note_strategy("codec", strategy));
        collector.snapshot()
    };
    let mut metrics = chosen(&["scalar", "AVX2"]);
    metrics.merge(&chosen(&["AVX2"]));
    metrics.merge(&chosen(&["SSE2"]));
    let strategies: Vec<_> = metrics.strategies.iter().map(|c| (c.operation, c.strategy)).collect();
    assert_eq!(strategies, [("codec", "AVX2"), ("codec", "SSE2")]);
}

#[test]
fn every_stage_has_its_own_histogram_and_name() {
    let collector = MetricsCollector::new(1);
    for (value, stage) in (1..).zip(Stage::ALL) {
        collector.stage(stage).unwrap().record(value);
    }
    let metrics = collector.snapshot();
    for (value, stage) in (1..).zip(Stage::ALL) {
        assert_eq!(metrics.stage(stage).max, value, "{}", stage.name());
        assert_eq!(Stage::ALL.iter().filter(|other| other.name() == stage.name()).count(), 1);
    }
}
