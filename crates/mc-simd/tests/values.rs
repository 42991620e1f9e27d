//! Every level against the naive loops for arbitrary values, and for the values at the edges.

mod common;

use common::{every_way, way};
use mc_simd::{SimdLevel, SimdProcessor};
use proptest::prelude::*;

/// All 65,536 samples.
fn every_sample() -> Vec<i16> {
    (i16::MIN..=i16::MAX).collect()
}

#[test]
fn every_sample_becomes_its_fraction_and_comes_back() {
    let samples = every_sample();
    for simd in every_way() {
        let mut floats = vec![0.0; samples.len()];
        simd.i16_to_f32(&samples, &mut floats);
        assert_eq!(floats, common::naive_to_f32(&samples), "{}", way(&simd));
        let mut back = vec![0; samples.len()];
        simd.f32_to_i16(&floats, &mut back);
        assert_eq!(back, samples, "{}", way(&simd));
    }
}

#[test]
fn halves_between_all_samples_go_to_the_even_one_and_the_rest_saturates() {
    let mut samples: Vec<f32> = (-140_000..140_000).map(|quarter| quarter as f32 / 4.0 / 32_768.0).collect();
    samples.extend([1.0, -1.0, 2.0, -2.0, 65_536.0, -65_536.0, 1e30, -1e30, f32::MAX, f32::MIN]);
    samples.extend([f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN, -0.0, f32::MIN_POSITIVE, 1e-42]);
    // Payloads that would show as samples.
    samples.extend([0x7FC0_1234, 0xFFC0_4321, 0x7F80_5678].map(f32::from_bits));
    for simd in every_way() {
        for start in 0..32 {
            let mut rounded = vec![1; samples.len() - start];
            simd.f32_to_i16(&samples[start..], &mut rounded);
            assert_eq!(rounded, common::naive_to_i16(&samples[start..]), "{}", way(&simd));
        }
    }
}

#[test]
fn integer_gain_is_exact_for_every_sample() {
    let samples = every_sample();
    for gain in [0, 1, -1, 2_048, 4_096, -4_096, 4_097, 11_585, i16::MAX, i16::MIN] {
        let expected = common::naive_gain_q12(&samples, gain);
        for simd in every_way() {
            let mut frame = samples.clone();
            simd.apply_gain_q12(&mut frame, gain);
            assert_eq!(frame, expected, "{} {gain}", way(&simd));
        }
    }
}

#[test]
fn a_crossfade_goes_from_one_frame_to_the_other() {
    let simd = SimdProcessor::new();
    let mut frame = [1.0; 160];
    simd.crossfade(&mut frame, &[-1.0; 160]);
    assert!(frame.windows(2).all(|pair| pair[0] > pair[1]));
    assert_eq!((frame[0], frame[159]), (1.0 - 1.0 / 160.0, -1.0 + 1.0 / 160.0));
}

#[test]
fn nan_is_no_peak_and_infinity_is() {
    for simd in every_way() {
        for len in 1..100 {
            for place in 0..len {
                let mut frame = vec![0.5; len];
                frame[place] = f32::NAN;
                assert_eq!(
                    simd.peak(&frame),
                    if len == 1 { 0.0 } else { 0.5 },
                    "{} {len} {place}",
                    way(&simd)
                );
                frame[place] = f32::NEG_INFINITY;
                assert_eq!(simd.peak(&frame), f32::INFINITY, "{} {len} {place}", way(&simd));
            }
        }
    }
}

#[test]
fn an_empty_frame_is_silent() {
    for simd in every_way() {
        assert_eq!((simd.rms(&[]), simd.energy(&[]), simd.peak(&[])), (0.0, 0.0, 0.0));
    }
}

#[test]
fn a_full_scale_square_wave_has_an_rms_of_one() {
    let wave: Vec<f32> = (0..160).map(|n| if n % 20 < 10 { 1.0 } else { -1.0 }).collect();
    for simd in every_way() {
        assert_eq!(simd.rms(&wave), 1.0, "{}", way(&simd));
    }
}

#[test]
fn a_level_is_used_when_the_cpu_has_it_and_refused_otherwise() {
    assert!(SimdProcessor::available_levels().any(|level| level == SimdLevel::Scalar));
    for level in SimdLevel::ALL {
        match SimdProcessor::with_level(level) {
            Ok(simd) => assert_eq!(simd.level(), level),
            Err(error) => {
                assert!(SimdProcessor::available_levels().all(|available| available != level));
                assert_eq!(error.level(), level);
                assert!(error.to_string().contains(level.name()), "{error}");
            }
        }
    }
    assert_eq!(Some(SimdProcessor::new().level()), SimdProcessor::available_levels().last());
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_architecture_of_this_build_has_its_base_level_and_not_the_others() {
    assert!(SimdProcessor::with_level(SimdLevel::Sse2).is_ok());
    assert!(SimdProcessor::with_level(SimdLevel::Neon).is_err());
}

#[cfg(target_arch = "aarch64")]
#[test]
fn the_architecture_of_this_build_has_its_base_level_and_not_the_others() {
    assert!(SimdProcessor::with_level(SimdLevel::Neon).is_ok());
    assert!(SimdProcessor::with_level(SimdLevel::Sse2).is_err());
}

proptest! {
    #[test]
    fn any_samples_give_the_naive_results(
        a in prop::collection::vec(any::<f32>(), 0..300),
        b in prop::collection::vec(any::<f32>(), 0..300),
        gain in any::<f32>(),
    ) {
        let bits = |samples: &[f32]| -> Vec<Option<u32>> {
            // Which NaN comes out of an operation is not specified, only that one does.
            samples.iter().map(|x| (!x.is_nan()).then_some(x.to_bits())).collect()
        };
        for simd in every_way() {
            let mut frame = a.clone();
            simd.apply_gain(&mut frame, gain);
            prop_assert_eq!(bits(&frame), bits(&a.iter().map(|x| x * gain).collect::<Vec<_>>()));

            let mut frame = a.clone();
            let mixed = simd.mix_into(&mut frame, &b);
            prop_assert_eq!(mixed, a.len().min(b.len()));
            let expected: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
            prop_assert_eq!(bits(&frame[..mixed]), bits(&expected));
            prop_assert_eq!(bits(&frame[mixed..]), bits(&a[mixed..]));

            prop_assert_eq!(simd.peak(&a), common::naive_peak(&a));
            let mut integers = vec![0; a.len()];
            simd.f32_to_i16(&a, &mut integers);
            prop_assert_eq!(integers, common::naive_to_i16(&a));
        }
    }

    #[test]
    fn sums_of_products_stay_within_their_bound(
        a in prop::collection::vec(-2.0_f32..2.0, 0..2_000),
        b in prop::collection::vec(-2.0_f32..2.0, 0..2_000),
    ) {
        for simd in every_way() {
            let (exact, bound) = common::exact_dot(&a, &b);
            prop_assert!((f64::from(simd.dot(&a, &b)) - exact).abs() <= bound);
            let (exact, bound) = common::exact_dot(&a, &a);
            prop_assert!((f64::from(simd.energy(&a)) - exact).abs() <= bound);
        }
    }
}
