//! Dither is triangular, of the documented size, and the same at every level.

mod common;

use common::{LONGEST, every_way, way};
use mc_simd::{Dither, SimdProcessor};

fn dithered(simd: &SimdProcessor, samples: &[f32], dither: &mut Dither) -> Vec<i16> {
    let mut out = vec![0; samples.len()];
    assert_eq!(simd.f32_to_i16_dithered(samples, &mut out, dither), samples.len());
    out
}

#[test]
fn the_same_seed_gives_the_same_samples_at_every_level_and_length() {
    let noise = common::noise(LONGEST, 1);
    let reference = SimdProcessor::with_level(mc_simd::SimdLevel::Scalar).unwrap();
    for simd in every_way() {
        let (mut dither, mut expected) = (Dither::new(7), Dither::new(7));
        for len in 0..=LONGEST {
            assert_eq!(
                dithered(&simd, &noise[..len], &mut dither),
                dithered(&reference, &noise[..len], &mut expected),
                "{} {len}",
                way(&simd)
            );
        }
        assert_eq!(dither, expected);
    }
}

#[test]
fn a_shorter_frame_gets_the_same_noise_as_the_start_of_a_longer_one() {
    let simd = SimdProcessor::new();
    let noise = common::noise(LONGEST, 2);
    let dither = Dither::new(11);
    let whole = dithered(&simd, &noise, &mut dither.clone());
    for len in 0..LONGEST {
        assert_eq!(dithered(&simd, &noise[..len], &mut dither.clone()), whole[..len], "{len}");
    }
}

#[test]
fn seeds_next_to_each_other_give_unrelated_noise() {
    let simd = SimdProcessor::new();
    let [a, b] = [0, 1].map(|seed| dithered(&simd, &[0.3 / 32_768.0; 4_096], &mut Dither::new(seed)));
    let equal = a.iter().zip(&b).filter(|(a, b)| a == b).count();
    // Values -1, 0 and 1 come with probabilities 0.02, 0.66 and 0.32: 54 % agree by chance.
    assert!((2_050..2_350).contains(&equal), "{equal}");
}

/// A constant between two steps, over many conversions: what dither is for.
#[test]
fn mean_and_power_of_the_error_do_not_depend_on_the_signal() {
    let simd = SimdProcessor::new();
    let mut dither = Dither::new(1);
    for tenths in 0..10 {
        let steps = f64::from(tenths) / 10.0 + 100.0;
        let samples = vec![(steps / 32_768.0) as f32; 400_000];
        let errors = dithered(&simd, &samples, &mut dither).into_iter().map(|out| f64::from(out) - steps);
        let (sum, squares) = errors.fold((0.0, 0.0), |(sum, squares), e| (sum + e, squares + e * e));
        let count = samples.len() as f64;
        // Triangular noise of ±1 step has a sixth, rounding a twelfth of a square step.
        assert!((sum / count).abs() < 0.005, "{steps}: {}", sum / count);
        assert!((squares / count - 0.25).abs() < 0.005, "{steps}: {}", squares / count);
    }
}

#[test]
fn noise_stays_within_a_step_and_keeps_the_edges_and_nan() {
    let simd = SimdProcessor::new();
    let mut dither = Dither::new(3);
    let silence = dithered(&simd, &[0.0; 100_000], &mut dither);
    assert!(silence.iter().all(|&out| (-1..=1).contains(&out)));
    assert!(dithered(&simd, &[f32::NAN; 100], &mut dither).iter().all(|&out| out == 0));
    assert!(dithered(&simd, &[2.0; 100], &mut dither).iter().all(|&out| out == i16::MAX));
    assert!(dithered(&simd, &[-2.0; 100], &mut dither).iter().all(|&out| out == i16::MIN));
}
