//! Figures over repeated measurements.

use mc_metrics::{BenchmarkResults, SampleError};
use proptest::prelude::*;

#[test]
fn figures_of_one_to_a_hundred() {
    let samples: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    let results = BenchmarkResults::from_samples(&samples).unwrap();
    assert_eq!((results.runs, results.min, results.max), (100, 1.0, 100.0));
    assert_eq!((results.median, results.p90, results.p99), (50.0, 90.0, 99.0));
    assert_eq!(results.mean, 50.5);
}

#[test]
fn the_ratio_is_of_medians_and_none_to_zero() {
    let of = |samples: &[f64]| BenchmarkResults::from_samples(samples).unwrap();
    assert_eq!(of(&[1.0, 6.0, 100.0]).ratio_to(&of(&[3.0])), Some(2.0));
    assert_eq!(of(&[1.0]).ratio_to(&of(&[0.0])), None);
}

#[test]
fn samples_that_cannot_be_summed_up_are_named() {
    assert_eq!(BenchmarkResults::from_samples(&[]), Err(SampleError::Empty));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = BenchmarkResults::from_samples(&[1.0, bad]).unwrap_err();
        assert_eq!(error, SampleError::NotFinite { index: 1 });
        assert_eq!(error.to_string(), "sample 1 is not finite");
    }
}

proptest! {
    #[test]
    fn figures_are_in_order_and_quantiles_are_samples(
        samples in prop::collection::vec(-1e9f64..1e9, 1..200)
    ) {
        let results = BenchmarkResults::from_samples(&samples).unwrap();
        let ordered = [results.min, results.median, results.p90, results.p99, results.max];
        prop_assert!(ordered.is_sorted());
        for figure in ordered {
            prop_assert!(samples.contains(&figure));
        }
        prop_assert!(results.min - 1e-3 <= results.mean && results.mean <= results.max + 1e-3);
    }
}
