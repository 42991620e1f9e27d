//! The histogram against the sorted list of its values.

use mc_metrics::{Histogram, HistogramSnapshot, TimeHistogram};
use proptest::prelude::*;

fn histogram_of(values: &[u64]) -> HistogramSnapshot {
    let histogram = Histogram::new();
    for &value in values {
        histogram.record(value);
    }
    histogram.snapshot()
}

fn times_of(values: &[u64]) -> HistogramSnapshot {
    let histogram = TimeHistogram::new();
    for &value in values {
        histogram.record(value);
    }
    histogram.snapshot()
}

/// Values of every magnitude, small sums so that the mean is exact.
fn values() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec((any::<u64>(), 8u32..64).prop_map(|(value, shift)| value >> shift), 1..300)
}

proptest! {
    #[test]
    fn quantiles_are_within_a_sixteenth(values in values(), q in 0.0f64..=1.0) {
        let snapshot = histogram_of(&values);
        let mut sorted = values.clone();
        sorted.sort_unstable();
        for (found, q) in [(snapshot.quantile(q), q), (snapshot.p50, 0.5), (snapshot.p99, 0.99)] {
            let rank = ((q * sorted.len() as f64).ceil() as usize).max(1);
            let exact = sorted[rank - 1];
            prop_assert!(found.abs_diff(exact) <= exact / 16, "q {q}: {found} for {exact}");
        }
    }

    #[test]
    fn count_ends_and_mean_are_exact(values in values()) {
        let snapshot = histogram_of(&values);
        prop_assert_eq!(snapshot.count, values.len() as u64);
        prop_assert_eq!(Some(snapshot.min), values.iter().copied().min());
        prop_assert_eq!(Some(snapshot.max), values.iter().copied().max());
        prop_assert_eq!(snapshot.mean, values.iter().sum::<u64>() as f64 / values.len() as f64);
    }

    #[test]
    fn values_are_counted_up_to_a_bound(values in values(), bound: u64, shift in 0u32..64) {
        let bound = bound >> shift;
        let snapshot = histogram_of(&values);
        let count = |limit: u64| values.iter().filter(|&&value| value <= limit).count() as u64;
        let slack = bound / 15 + 1;
        let counted = snapshot.at_most(bound);
        prop_assert!((count(bound.saturating_sub(slack))..=count(bound.saturating_add(slack))).contains(&counted));
        prop_assert_eq!(snapshot.at_most(u64::MAX), snapshot.count);
    }

    #[test]
    fn times_within_a_second_are_as_in_any_histogram(values in prop::collection::vec(16u64..1 << 30, 1..300)) {
        prop_assert_eq!(times_of(&values), histogram_of(&values));
    }

    #[test]
    fn times_beyond_its_range_leave_all_but_quantiles_exact(values in values()) {
        let (times, whole) = (times_of(&values), histogram_of(&values));
        prop_assert_eq!((times.count, times.min, times.max), (whole.count, whole.min, whole.max));
        prop_assert_eq!((times.mean, times.sum()), (whole.mean, whole.sum()));
        for (found, true_one) in [(times.p50, whole.p50), (times.p99, whole.p99)] {
            prop_assert!((times.min..=times.max).contains(&found));
            prop_assert!(found == true_one || !(16..1 << 30).contains(&true_one));
        }
    }

    #[test]
    fn merging_is_recording_everything_in_one(left in values(), right in values()) {
        let mut merged = histogram_of(&left);
        merged.merge(&histogram_of(&right));
        prop_assert_eq!(merged, histogram_of(&[left.clone(), right].concat()));
        let within = |value: &u64| (16..1 << 30).contains(value);
        let left: Vec<_> = left.into_iter().filter(within).collect();
        let mut merged = histogram_of(&left);
        merged.merge(&times_of(&left));
        prop_assert_eq!(merged, histogram_of(&[left.clone(), left].concat()));
    }
}

#[test]
fn a_histogram_of_times_is_small() {
    assert!(size_of::<TimeHistogram>() < 900);
}

#[test]
fn nothing_recorded_is_all_zero_and_merges_as_nothing() {
    let empty = Histogram::new().snapshot();
    assert_eq!(empty, HistogramSnapshot::default());
    assert_eq!(empty.quantile(0.5), 0);
    let mut some = histogram_of(&[7, 9]);
    some.merge(&empty);
    assert_eq!(some, histogram_of(&[7, 9]));
    let mut none = empty;
    none.merge(&some);
    assert_eq!(none, some);
}

#[test]
fn a_sum_past_the_end_saturates_and_the_rest_stays_right() {
    let snapshot = histogram_of(&[u64::MAX, u64::MAX, 1]);
    assert_eq!((snapshot.count, snapshot.min, snapshot.max), (3, 1, u64::MAX));
    assert!(snapshot.quantile(1.0) >= u64::MAX / 16 * 15);
}
